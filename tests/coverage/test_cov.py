"""Lines of Rust bodies in the reports of pytest-cov and coverage.py, beside the Python ones."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from example import rust

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from example import NewExample

pytest.importorskip("pytest_cov")

RUST = """\
//! Counted by hand: `+` is reached by the tests, `-` is not.

/// Classify.
pub fn classify(x: i64) -> String {
    if x < 0 { //                       +
        return "negative".to_string(); // +
    }
    let mut steps = 0; //               +
    let mut y = x; //                   +
    while y > 1 { //                    +
        y = if y % 2 == 0 { //          +
            y / 2 //                    +
        } else {
            3 * y + 1 //                -
        };
        steps += 1; //                  +
    }
    match steps { //                    +
        0 => "none".into(), //          -
        1..=5 => "few".into(), //       +
        _ => {
            "many".into() //            -
        }
    }
}

const fn never_counted() -> u8 {
    7
}

#[cfg(test)]
mod tests {
    fn neither() -> u8 {
        super::never_counted()
    }
}

pub fn unused(values: &[i64]) -> i64 {
    values.iter() //                    -
        .map(|value| {
            value + 1 //                -
        }).sum()
}
"""
REACHED = {n for n, line in enumerate(RUST.splitlines(), 1) if re.search(r"// +\+$", line)}
MISSED = {n for n, line in enumerate(RUST.splitlines(), 1) if re.search(r"// +-$", line)}
HELPER = "def used():\n    return 1\n\ndef unused():\n    return 2\n"
TESTS = """
import helper
from pytest_symbiont import evolvable

classify = evolvable("classify.rs::classify")

def test_negative():
    assert classify(-1) == "negative"

def test_few():
    assert classify(4) == "few"
    helper.used()
"""
FILES = {"classify.rs": RUST, "helper.py": HELPER, "test_classify.py": TESTS}
REPORTS = [f"--cov-report={kind}" for kind in ("term-missing", "html", "xml", "lcov", "json")]
LEFT = (".coverage", "coverage.xml", "coverage.lcov", "coverage.json")


def _run(folder: Path, *args: str, code: int = 0) -> str:
    command = [sys.executable, *(["-m", "pytest"] if args[0] != "coverage" else ["-m"]), *args]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout


def _figures(folder: Path, out: str) -> dict[str, dict[str, tuple[set[int], set[int]]]]:
    """Reached and missed lines by file, as each format has them."""
    found: dict[str, dict[str, tuple[set[int], set[int]]]] = {}
    root = ET.parse(folder / "coverage.xml").getroot()  # noqa: S314 - coverage.py's own
    for each in root.iter("class"):
        lines = {int(line.attrib["number"]): line.attrib["hits"] != "0" for line in each.iter("line")}
        found.setdefault("xml", {})[each.attrib["filename"]] = _split(lines)
    for record in (folder / "coverage.lcov").read_text("utf-8").split("end_of_record")[:-1]:
        [name] = re.findall(r"^SF:(.*)$", record, re.MULTILINE)
        lines = {int(n): hits != "0" for n, hits in re.findall(r"^DA:(\d+),(\d+)", record, re.MULTILINE)}
        found.setdefault("lcov", {})[name] = _split(lines)
    for name, each in json.loads((folder / "coverage.json").read_text("utf-8"))["files"].items():
        found.setdefault("json", {})[name] = (set(each["executed_lines"]), set(each["missing_lines"]))
    for page in (folder / "htmlcov").glob("*.html"):
        text = page.read_text("utf-8")
        name = re.search(r"<title>Coverage for (.+?):", text)
        if name:
            kinds = re.findall(r'<p class="(\w+)[^"]*"><span class="n"><a id="t(\d+)"', text)
            lines = {int(n): kind == "run" for kind, n in kinds if kind in {"run", "mis"}}
            found.setdefault("html", {})[name[1]] = _split(lines)
    for name, statements, misses in re.findall(r"^(\S+\.(?:rs|py)) +(\d+) +(\d+) ", out, re.MULTILINE):
        reached, missed = found["json"][name]
        assert (int(statements), int(misses)) == (len(reached | missed), len(missed))
        found.setdefault("term", {})[name] = reached, missed
    return found


def _split(lines: dict[int, bool]) -> tuple[set[int], set[int]]:
    return {n for n, hit in lines.items() if hit}, {n for n, hit in lines.items() if not hit}


@pytest.mark.parametrize("args", [(), ("-n", "2"), ("--cov-branch",)], ids=["one", "xdist", "branch"])
def test_hand_counted_lines_agree_in_every_format(example: NewExample, args: Sequence[str]) -> None:
    if "-n" in args:
        pytest.importorskip("xdist")
    folder = example(FILES).path
    out = _run(folder, "--cov=.", *REPORTS, *args)
    figures = _figures(folder, out)
    assert set(figures) == ({"xml", "lcov", "json", "html", "term"})
    for kind, files in figures.items():
        assert files["classify.rs"] == (REACHED, MISSED), kind
        assert files["helper.py"] == ({1, 2, 4}, {5}), kind
    # Its own commands know nothing of Rust without the plugin, and must not stumble over it.
    assert "classify.rs" not in _run(folder, "coverage", "report")


def test_python_s_own_figures_are_those_without_rust(example: NewExample) -> None:
    folder = example(FILES).path
    figures = []
    for on in ((), ("-p", "no:symbiont-coverage")):
        out = _run(folder, "--cov=.", *REPORTS, *on)
        figures.append(
            {name: lines for name, lines in _figures(folder, out)["json"].items() if name != "classify.rs"}
        )
    assert figures[0] == figures[1]
    assert set(figures[0]) == {"helper.py", "test_classify.py"}


def test_coverage_itself_reports_with_the_plugin(example: NewExample) -> None:
    settings = """
        [run]
        plugins = pytest_symbiont.report.coverage
        relative_files = true
        omit = **/site-packages/*, **/pytest_symbiont/*
    """
    folder = example({**FILES, ".coveragerc": settings}).path
    _run(folder, "coverage", "run", "-m", "pytest")
    out = _run(folder, "coverage", "report", "--show-missing")
    assert re.search(r"^classify\.rs +15 +5 +67% +14, 19, 22-41$", out, re.MULTILINE), out


def test_source_and_omit_hold_for_rust_too(example: NewExample) -> None:
    folder = example({**FILES, "inner/__init__.py": "", "inner/part.py": "x = 1\n"}).path
    assert "classify.rs" not in _run(folder, "--cov=inner")
    (folder / ".coveragerc").write_text("[run]\nomit = *.rs\n", "utf-8")
    assert "classify.rs" not in _run(folder, "--cov=.")


EVOLVING = """
import pytest
from pytest_symbiont import evolvable

sign = evolvable("sign.rs::sign")
pytestmark = pytest.mark.evolve(sign)

def explain(got):
    return f"got {got}"

def test_positive():
    got = sign(5)
    if got != 1:
        pytest.fail(explain(got))

def test_negative():
    assert sign(-5) == -1
"""
MEASURED = ("--cov=.", "--cov-report=json", "-p", "no:cacheprovider")
UNWRITTEN = "pub fn sign(x: i64) -> i64 {\n    todo!()\n}\n"
WON = """\
pub fn sign(x: i64) -> i64 {
    if x > 0 {
        return 1;
    }
    if x == 0 {
        return 0;
    }
    -1
}
"""


@pytest.mark.parametrize("isolation", ["auto", "strict"])
def test_trials_count_for_nothing_and_the_winner_does(example: NewExample, isolation: str) -> None:
    suite = example(
        {"sign.rs": UNWRITTEN, "test_sign.py": EVOLVING, ".coveragerc": "[report]\nshow_missing = true\n"}
    )
    suite.run(
        *(
            "--evolve",
            f"--evolve-isolation={isolation}",
            "--cov=.",
            "--cov-report=json",
            "-p",
            "no:cacheprovider",
        ),
        answers=[rust("pub fn sign(x: i64) -> i64 { 7 }"), rust(WON)],
        changed={"sign.rs": WON, ".coverage": ..., "coverage.json": ...},
        subprocess=True,
    )
    files = json.loads(suite.read("coverage.json"))["files"]
    assert files["sign.rs"]["executed_lines"] == [2, 3, 5, 8]
    assert files["sign.rs"]["missing_lines"] == [6]
    # The first answer failed in lines that the run for the record never saw.
    lines = EVOLVING.strip("\n").splitlines()
    missed = [lines[n - 1].strip() for n in files["test_sign.py"]["missing_lines"]]
    assert missed == ['return f"got {got}"', "pytest.fail(explain(got))"]


def test_a_lost_suite_is_counted_in_its_worker(example: NewExample) -> None:
    suite = example({"sign.rs": WON.replace("-1\n", "-2\n"), "test_sign.py": EVOLVING})
    suite.run(
        *("--evolve", "--evolve-rounds=1", *MEASURED),
        answers=[rust("pub fn sign(x: i64) -> i64 { 7 }")],
        changed={".coverage": ..., "coverage.json": ...},
        code=1,
        subprocess=True,
    )
    assert json.loads(suite.read("coverage.json"))["files"]["sign.rs"]["executed_lines"] == [2, 3, 5, 8]
