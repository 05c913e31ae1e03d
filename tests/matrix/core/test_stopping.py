"""-x, --maxfail, --sw: they stop the run for the record, as ever, and never a trial."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from adding import RED, RIGHT
from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from beside import Side
    from example import Content, NewExample

BOUND = """
def test_adds():
    assert add(20, 22) == 42

def test_zero():
    assert add(0, 0) == 0

def test_one():
    assert add(0, 1) == 1
"""
RED_OF_OTHERS = (
    "def test_red():\n    assert 0\n\ndef test_red_too():\n    assert 0\n\ndef test_last():\n    pass\n"
)
NEXT_TIME = "Interrupted: Test failed, continuing from this test next run."
AFTER: dict[str, Content] = {**of_add(BOUND), "test_z.py": RED_OF_OTHERS}
BEFORE: dict[str, Content] = {**of_add(BOUND), "test_a.py": RED_OF_OTHERS}


def cached(side: Side) -> list[str]:
    """What --lf and --sw go by next time."""
    read = {
        name: side.files.get(f".pytest_cache/v/cache/{name}", b"{}") for name in ("lastfailed", "stepwise")
    }
    kept = {name: json.loads(content) for name, content in read.items()}
    return [*kept["lastfailed"], kept["stepwise"].get("last_failed")]


def ended(side: Side) -> list[str]:
    return side.lines(r"(stopping after .*|Interrupted: .*?) !")


@pytest.mark.parametrize(
    ("args", "said", "counted"),
    [
        (("-x",), ["stopping after 1 failures"], {"passed": 3, "failed": 1}),
        (("--maxfail=2",), ["stopping after 2 failures"], {"passed": 3, "failed": 2}),
        (("--sw",), [NEXT_TIME], {"passed": 3, "failed": 1}),
    ],
    ids=["-x", "--maxfail", "--sw"],
)  # fmt: skip
def test_after_the_suite_it_is_written(
    example: NewExample, args: tuple[str, ...], said: list[str], counted: dict[str, int]
) -> None:
    """Three red tests in the baseline and in a wrong body's trial are no reason to stop."""
    code = 2 if "--sw" in args else 1
    pair = evolved_and_plain(example, AFTER, *args, code=code)
    assert pair.same(ended) == said
    assert pair.same(lambda side: side.outcomes) == counted
    failed = pair.same(cached)
    assert failed[0] == "test_z.py::test_red"
    assert failed[-1] == ("test_z.py::test_red" if "--sw" in args else None)


@pytest.mark.parametrize("args", [("-x",), ("--maxfail=1",)], ids=" ".join)
def test_before_the_suite_nothing_is_asked(example: NewExample, args: tuple[str, ...]) -> None:
    pair = evolved_and_plain(example, BEFORE, *args, answers=[], body=RED, code=1)
    assert pair.same(lambda side: side.outcomes) == {"failed": 1}


def test_in_the_middle_of_the_suite_it_is_not_written(example: NewExample) -> None:
    folder = example({"test_add.py": BEFORE["test_add.py"], "add.rs": RED, "conftest.py": STOPS})
    ran = folder.run("--evolve", "-x", answers=[RIGHT], code=1)
    assert "not written: test_add.py::test_zero did not run for the record" in ran.summary


# The first test of the suite passes, the one that comes next in the run is red for a reason of its own.
STOPS = """
import pytest

def pytest_collection_modifyitems(items):
    def red():
        assert 0
    items.insert(1, pytest.Function.from_parent(items[0].parent, name="test_red", callobj=red))
    items[1].own_markers.clear()
    items[1].iter_markers_with_node = lambda name=None: iter(())
"""
