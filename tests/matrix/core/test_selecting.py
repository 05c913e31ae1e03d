"""-k, -m, --deselect, node ids, --lf, --ff, --sw: what is part of a suite is written only if asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from adding import GREEN, RIGHT
from beside import Side, evolved_and_plain, of_add

if TYPE_CHECKING:
    from example import Content, NewExample, Ran

TESTS = """
@pytest.mark.slow
def test_adds():
    assert add(20, 22) == 42

def test_zero():
    assert add(0, 0) == 0

class TestMore:
    def test_more(self):
        assert add(3, 0) == 3
"""
FILES: dict[str, Content] = {"pytest.ini": "[pytest]\nmarkers = slow: takes long\n", **of_add(TESTS)}
SELECTED = {
    "-k": ("-k", "adds or more"),
    "-m": ("-m", "slow"),
    "--deselect": ("--deselect=test_add.py::TestMore",),
    "node id": ("test_add.py::test_adds", "test_add.py::TestMore"),
    "--lf": ("--lf",),
}


@pytest.mark.parametrize("args", SELECTED.values(), ids=SELECTED)
def test_a_part_is_not_written_and_allowed_it_is_reported_as_ever(
    example: NewExample, args: tuple[str, ...]
) -> None:
    ran, plain = _after_a_red_run(example, *args)
    assert "of 3 tests of the suite were not selected" in ran.summary
    assert Side(ran, {}).outcomes == plain.outcomes
    pair = evolved_and_plain(example, FILES, "-v", "--evolve-partial", *args, answers=[RIGHT])
    named = pair.same(lambda side: side.lines(r"^test_add\.py::(\S+ PASSED)"))
    assert "test_adds PASSED" in named
    assert pair.same(lambda side: side.outcomes) == {
        "passed": len(named),
        **({"deselected": 3 - len(named)} if args[0][:2] in {"-k", "-m", "--"} and len(named) < 3 else {}),
    }


@pytest.mark.parametrize("option", ["--ff", "--nf", "--sw"])
def test_what_only_orders_writes(example: NewExample, option: str) -> None:
    ran, plain = _after_a_red_run(example, option, code=0)
    assert "written: add.rs" in ran.summary
    evolved = Side(ran, {})
    assert evolved.lines(r"^test_add\.py::(\S+ PASSED)") == plain.lines(r"^test_add\.py::(\S+ PASSED)")
    assert evolved.lines("(run-last-failure|stepwise): .*") == plain.lines("(run-last-failure|stepwise): .*")


def test_the_cache_knows_what_was_red_for_the_record(example: NewExample) -> None:
    pair = evolved_and_plain(example, FILES)
    kept = pair.same(lambda side: json.loads(side.files[".pytest_cache/v/cache/nodeids"]))
    assert len(kept) == 3
    assert pair.same(lambda side: side.files.get(".pytest_cache/v/cache/lastfailed")) is None


def _after_a_red_run(example: NewExample, *args: str, code: int = 1) -> tuple[Ran, Side]:
    """A run that evolves and an ordinary one on the winner, both when pytest's cache knows one red test."""
    red = {**FILES, "add.rs": GREEN.replace("a + b", "a - b")}
    folder = example(red)
    folder.run(code=1, outcomes={"failed": 1, "passed": 2})
    ran = folder.run("--evolve", "-v", *args, answers=[RIGHT], code=code, changed=...)
    folder.write(red)
    folder.run(code=1)
    folder.write({"add.rs": GREEN})
    return ran, Side(folder.run("-v", *args), {})
