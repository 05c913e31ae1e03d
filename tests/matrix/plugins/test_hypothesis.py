"""hypothesis: the minimal counterexample is told, the database is used, and nothing stale is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import RED, RIGHT, WRONG
from beside import alone, evolved_and_plain, of_add
from example import rust

if TYPE_CHECKING:
    from beside import Side
    from example import NewExample

PLUGINS = ["_hypothesis_pytestplugin"]
TESTS = """
from hypothesis import example, given, settings, strategies as st

NUMBERS = st.integers(0, 1_000_000)

@given(NUMBERS, NUMBERS)
def test_any_two(a, b):
    assert add(a, b) == a + b

@settings(max_examples=10)
@given(NUMBERS)
@example(n=20)
def test_nothing_added(n):
    assert add(n, 0) == n
"""


def examples(side: Side) -> list[str]:
    return sorted(name.rpartition("/")[0] for name in side.files if name.startswith(".hypothesis/examples"))


def test_what_is_wrong_is_told_by_the_smallest_case_and_forgotten(example: NewExample) -> None:
    pair = evolved_and_plain(example, of_add(TESTS), "-rA", "--hypothesis-show-statistics", plugins=PLUGINS)
    told = pair.evolved.ran.last_message(1)
    assert "a=0" in told
    assert "b=1" in told
    assert pair.same(lambda side: side.lines("(?i)falsifying|failing test case|reproduce|^E ")) == []
    counted = pair.same(lambda side: side.lines(r"- (\d+ passing), (\d+ failing)"))
    assert counted == ["100 passing 0 failing", "10 passing 0 failing"]
    assert pair.same(lambda side: side.lines(r"(Stopped because .*)"))
    # A trial's counterexamples are not the user's.
    assert pair.same(examples) == []


def test_what_failed_before_is_tried_first(example: NewExample) -> None:
    """Seeded trials alone would never draw the one pair of numbers that this body is wrong for."""
    folder = example(of_add(TESTS))
    folder.write({"add.rs": RED.replace("todo!()", "if a > 54_321 { 0 } else { a + b }")})
    seen = alone(folder, PLUGINS, code=1)
    assert "a=54322" in seen.out
    folder.write({"add.rs": RED})
    rare = rust("pub fn add(a: i64, b: i64) -> i64 { if a == 54_322 && b == 0 { 0 } else { a + b } }")
    ran = alone(folder, PLUGINS, "--evolve", answers=[WRONG, rare, RIGHT])
    assert "54322" in ran.last_message(2)
