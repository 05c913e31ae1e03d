"""--evolve-report: what the session came to, as JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from adding import FILES, RIGHT, WRONG, precedence

from pytest_symbiont.report.json_report import Report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import Example, NewExample

DOCS = Path(__file__).parents[2] / "docs"
NAMES = ("a.json", "b.json", "c.json")


def told(example: Example, name: str = "report.json") -> dict[str, Any]:
    """The report, which is one by its own types."""
    raw = (example.path / name).read_bytes()
    msgspec.json.decode(raw, type=Report)
    found = json.loads(raw)
    assert isinstance(found, dict)
    return found


def test_command_line_over_environment_over_ini_over_none(example: NewExample) -> None:
    add = example(FILES)

    def written(args: tuple[str, ...], env: Mapping[str, str]) -> list[str]:
        add.run(*args, "--evolve", "--evolve-write=never", env=env, answers=[RIGHT], changed=expected.pop(0))
        found = [name for name in NAMES if (add.path / name).exists()]
        for name in found:
            (add.path / name).unlink()
        return found

    expected: list[dict[str, Any]] = [{"a.json": ...}, {"b.json": ...}, {"c.json": ...}, {}]
    assert precedence(add, "report", NAMES, written) == [["a.json"], ["b.json"], ["c.json"], []]


def test_it_tells_what_became_of_suites_targets_attempts_and_tests(example: NewExample) -> None:
    add = example(FILES)
    add.run(
        "--evolve", "--evolve-report=out/report.json",
        answers=["\ud800 no code", WRONG, RIGHT], changed={"add.rs": ..., "out/report.json": ...},
    )  # fmt: skip
    report = told(add, "out/report.json")
    assert (report["schema"], report["exit_status"], report["errors"]) == (1, 0, [])
    [suite] = report["suites"]
    assert (suite["suite"], suite["end"], suite["failed"], suite["rounds"]) == (
        "add.rs::add",
        "won",
        False,
        3,
    )
    assert suite["written"] == "written: add.rs"
    assert suite["targets"] == [{"file": "add.rs", "path": "add", "stale": []}]
    assert [attempt["step"] for attempt in suite["attempts"]] == ["no code", "tests fail", ""]
    assert [(attempt["green"], attempt["tests"]) for attempt in suite["attempts"]] == [(0, 0), (1, 2), (2, 2)]
    assert suite["generated_tokens"] == sum(attempt["generated_tokens"] for attempt in suite["attempts"]) > 0
    assert suite["tests"] == [
        {"nodeid": f"test_add.py::{name}", "trial": "passed", "logged": "passed", "holdout": False}
        for name in ("test_adds", "test_zero")
    ]


def test_it_is_written_where_nothing_went_well(example: NewExample) -> None:
    add = example(FILES)
    report_is_new: dict[str, Any] = {"report.json": ...}
    run = ("--evolve-report=report.json", "--evolve-rounds=1")
    add.run("--evolve", *run, answers=[WRONG], code=1, changed=report_is_new)
    report = told(add)
    [suite] = report["suites"]
    assert (suite["end"], suite["failed"], report["exit_status"]) == ("lost", True, 1)
    assert [(test["trial"], test["logged"]) for test in suite["tests"]] == [
        ("failed", "failed"),
        ("passed", "failed"),
    ]
    assert suite["targets"][0]["stale"] == ["it has no entry in symbiont.lock"]

    add.run("--evolve-check", *run, code=1, changed=report_is_new)
    assert told(add)["suites"][0]["end"] == "unproven"

    add.write({"test_broken.py": "import nothing_of_this_name\n"})
    add.run("--evolve", *run, answers=[], code=2, changed=report_is_new)
    report = told(add)
    assert (report["exit_status"], report["suites"]) == (2, [])
    assert report["errors"][0]["place"] == "test_broken.py"
    assert "nothing_of_this_name" in report["errors"][0]["message"]


def test_an_interrupted_session_leaves_it_too(example: NewExample) -> None:
    stopping = 'import pytest\n\ndef test_stops():\n    pytest.exit("enough", 3)\n'
    add = example({**FILES, "test_z.py": stopping})
    add.run("--evolve", "--evolve-report=report.json", answers=[RIGHT], code=3,
            changed={"add.rs": ..., "report.json": ...})  # fmt: skip
    assert told(add)["suites"][0]["end"] == "won"


def test_a_place_that_cannot_be_written_is_a_usage_error(example: NewExample) -> None:
    ran = example({**FILES, "file": "x"}).run(
        "--evolve", "--evolve-report=file/report.json", answers=[], code=4
    )
    assert "--evolve-report: " in ran.err
    assert "cannot be written (" in ran.err


def test_the_documented_schema_is_that_of_the_report() -> None:
    schema = json.dumps(msgspec.json.schema(Report), indent=2) + "\n"
    assert (DOCS / "report.schema.json").read_text("utf-8") == schema


def test_the_documented_fields_are_those_of_the_report() -> None:
    names = {
        "the report": "Report", "a suite": "SuiteReport", "a target": "TargetReport",
        "an attempt": "AttemptReport", "a test": "TestReport", "a step": "StepReport",
        "an error": "ErrorReport",
    }  # fmt: skip
    found = re.search(
        r"<!-- fields -->\n(.*?)<!-- end -->", (DOCS / "report.md").read_text("utf-8"), re.DOTALL
    )
    assert found is not None
    rows = re.findall(r"^\| (a.*|the report) \| (`.*) \|$", found[1], re.MULTILINE)
    definitions = msgspec.json.schema(Report)["$defs"]
    documented = {names[name]: re.findall(r"`(\w+)`", fields) for name, fields in rows}
    assert documented == {name: list(definitions[name]["properties"]) for name in names.values()}
