"""inline-snapshot: values are compared in trials, and never made of what a candidate returned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import RED, WRONG
from beside import alone, evolved_and_plain, of_add

if TYPE_CHECKING:
    from example import NewExample

PLUGINS = ["inline_snapshot.pytest_plugin"]
TESTS = """
from inline_snapshot import snapshot

WANTED = snapshot(42)

def test_adds():
    assert add(20, 22) == WANTED
    assert add(20, 22) == snapshot(42)

def test_zero():
    assert [add(0, 0)] == snapshot([0])
"""


@pytest.mark.parametrize("flags", ["report", "fix"])
def test_a_wrong_body_is_no_reason_to_change_a_test(example: NewExample, flags: str) -> None:
    files = of_add(TESTS)
    pair = evolved_and_plain(example, files, f"--inline-snapshot={flags}", plugins=PLUGINS)
    assert "add(20, 22) must return 42" in pair.evolved.ran.last_message(1)
    assert "inline-snapshot ═" not in pair.same(lambda side: side.out)
    assert "test_add.py" not in pair.evolved.files


def test_a_value_that_is_not_there_is_no_goal(example: NewExample) -> None:
    """`--inline-snapshot=create` would make any body right, and write what it returned into the test."""
    folder = example(of_add(TESTS.replace("snapshot([0])", "snapshot()")))
    args = ("--inline-snapshot=create", "--evolve", "--evolve-rounds=1")
    ran = alone(folder, PLUGINS, *args, answers=[WRONG], code=1)
    assert "not solved" in ran.summary
    assert folder.read("add.rs") == RED
    assert "snapshot()" in folder.read("test_add.py")
