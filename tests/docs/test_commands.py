"""What the documentation shows beside whole suites is run: commands, settings, plugins, messages."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from adding import FILES, GREEN, RIGHT
from model_server import ModelServer
from pages import ROOT, blocks

from pytest_symbiont.evolution import lock, marker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from example import Example, NewExample

DOCS = ROOT / "docs"
# Pages whose commands are run elsewhere are in test_every_block.py.
_NAMES = ("ci", "distributed", "local-models", "models-and-recordings")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(DOCS / f"{name}.md" for name in _NAMES)]
_COMMAND = re.compile(r"^(?:\$ )?(?P<settings>(?:[A-Z_]+=\S+ )*)pytest(?P<arguments> .*)?$", re.MULTILINE)
_ADDRESS = re.compile(r"http://(?:127\.0\.0\.1:\d+|HOST:PORT)/v1")
# What cannot go on here ends with a message, which says that it was understood.
_ENDS = {"anthropic:": "wants a key: set ANTHROPIC_API_KEY", "local:": "there is no such .gguf file"}


def commands(page: Path) -> Iterator[tuple[str, dict[str, str], list[str]]]:
    """Each command of a page that is pytest: the line, its variables, its arguments without test files."""
    for text in blocks(page, "console"):
        for match in _COMMAND.finditer(text):
            variables = dict(setting.split("=", 1) for setting in match["settings"].split())
            arguments = [
                each for each in shlex.split(match["arguments"] or "") if each[0] == "-" or each.isdigit()
            ]
            yield match[0], variables, arguments


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_commands_of_a_page_do_what_they_are_for(page: Path, example: NewExample) -> None:
    add = example(FILES)
    ran = 0
    with ModelServer([RIGHT], repeat=True) as server:
        env = {"OPENAI_BASE_URL": server.url}
        add.run("--evolve", "--evolve-record=new", env=env, changed=...)  # something to replay, and a lock
        for line, variables, arguments in commands(page):
            evolves = "--evolve" in arguments
            if evolves:
                add.write(FILES)
            given = [_ADDRESS.sub(server.url, each) for each in arguments]
            named = {name: _ADDRESS.sub(server.url, value) for name, value in variables.items()}
            end = next((said for part, said in _ENDS.items() if part in line), "")
            said = add.run(*given, env=env | named, code=4 if end else 0, changed=...)
            assert end in said.err, line
            kept = end or "--evolve-write=never" in given
            assert add.read("add.rs") == (FILES["add.rs"] if evolves and kept else GREEN), line
            ran += 1
    assert ran > 0


@pytest.mark.parametrize("page", ["options", "local-models"])
def test_settings_of_a_page_are_taken(page: str, example: NewExample) -> None:
    [settings] = blocks(DOCS / f"{page}.md", "toml")
    add = example(FILES)
    with ModelServer([RIGHT]) as server:
        add.write({"pyproject.toml": _ADDRESS.sub(server.url, settings)})
        ran = add.run("--strict-config", "--evolve", changed=...)
    assert "add.rs::add: green after 1 round" in ran.summary
    assert server.requests[0].body["model"] in settings


def test_a_model_of_ones_own(example: NewExample) -> None:
    mine, _ = blocks(DOCS / "models-and-recordings.md", "python")
    ran = example({**FILES, "conftest.py": mine}).run(
        "--evolve", "--evolve-model=mine", answers=[], changed={"add.rs": GREEN}
    )
    assert "1 answer of mine" in ran.summary


def test_a_tool_is_offered(example: NewExample) -> None:
    _, tool = blocks(DOCS / "models-and-recordings.md", "python")
    machine = "class machine:\n    @staticmethod\n    def show(n): return n\n\n\n"
    ran = example({**FILES, "conftest.py": machine + tool}).run(
        "--evolve", answers=[RIGHT], changed={"add.rs": ...}
    )
    [offered] = ran.requests[0].body["tools"]
    assert (offered["function"]["name"], offered["function"]["description"]) == (
        "probe", "What the machine shows at n.",
    )  # fmt: skip


@pytest.fixture
def written(example: NewExample) -> Example:
    """A session that left a trace and a report."""
    add = example(FILES)
    add.run(
        "--evolve", "--evolve-trace=trace.jsonl", "--evolve-report=report.json", answers=[RIGHT], changed=...
    )
    return add


def test_a_page_is_made_of_a_trace(written: Example) -> None:
    [command] = blocks(DOCS / "html.md", "console")
    program, *arguments = shlex.split(command.removeprefix("$ "))
    assert program == "python"
    subprocess.run([sys.executable, *arguments], cwd=written.path, check=True)
    assert "add.rs::add" in written.read("page.html")


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
@pytest.mark.parametrize(
    ("page", "shown"), [("trace", "1\tfresh\t1\t\n"), ("report", "add.rs::add\twon\t1\t17\n")]
)
def test_what_jq_shows(page: str, shown: str, written: Example) -> None:
    [command] = blocks(DOCS / f"{page}.md", "console")
    said = subprocess.run(
        shlex.split(command.removeprefix("$ ")), cwd=written.path, check=True, capture_output=True, text=True
    )
    assert said.stdout == shown


def test_messages_about_types_are_these(example: NewExample) -> None:
    [shown] = blocks(DOCS / "types.md", "text")
    source = """
    pub struct Point { pub x: f64 }
    pub fn fizzbuzz(n: usize) -> usize { n }
    pub fn area(points: &[Point]) -> usize { points.len() }
    pub fn step(counter: &mut usize) { *counter += 1; }
    """
    tests = """
    from pytest_symbiont import evolvable

    some = evolvable("some.rs")

    def test_said():
        for call in (lambda: some.fizzbuzz(-1),
                     lambda: some.area([some.Point(1.0)] * 3 + [some.Point("a")]),
                     lambda: some.step(0)):
            try:
                call()
            except (TypeError, OverflowError) as error:
                print(f"{type(error).__name__}: {error}")
    """
    ran = example({"some.rs": source, "test_some.py": tests}).run("-s")
    assert [line for line in shown.splitlines() if f"{line}\n" not in ran.out] == []


def test_the_marker_and_the_lock_are_as_shown() -> None:
    assert blocks(DOCS / "writing-suites.md", "text") == [f"@pytest.mark.{marker.SIGNATURE}\n"]
    [table] = blocks(DOCS / "ci.md", "toml")
    shown = re.findall(r"^(\w+) = ", table, re.MULTILINE)
    assert set(shown) < set(lock.Entry.__struct_fields__)


def test_headers_are_the_readmes() -> None:
    """That of the README is held by its demo."""
    [demo] = blocks(ROOT / "README.md", "text")
    for page in ("models-and-recordings", "security"):
        [header] = blocks(DOCS / f"{page}.md", "text")
        assert header.strip() in demo
