"""pytest-sugar: its progress and its results are those of the logged run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import RED, WRONG
from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from example import NewExample

TESTS = """
def test_adds():
    assert add(20, 22) == 42

def test_zero():
    assert add(0, 0) == 0
"""
PLUGINS = ["pytest_sugar"]


def test_a_tick_a_test_and_the_results(example: NewExample) -> None:
    pair = evolved_and_plain(example, of_add(TESTS), "--force-sugar", plugins=PLUGINS)
    assert pair.same(lambda side: side.lines(r"(test_add\.py) (\S+) +(\d+%)"))[-1] == "test_add.py ✓✓ 100%"
    assert pair.same(lambda side: side.lines(r"^ +(\d+ passed|\d+ failed)")) == ["2 passed"]
    assert "add.rs::add: green after 2 rounds" in pair.evolved.ran.summary


def test_crosses_for_what_is_red_on_disk(example: NewExample) -> None:
    pair = evolved_and_plain(
        example,
        of_add(TESTS),
        "--force-sugar",
        "--evolve-rounds=1",
        plugins=PLUGINS,
        answers=[WRONG],
        body=RED,
        code=1,
    )
    assert pair.same(lambda side: side.lines(r"^ +(\d+ passed|\d+ failed)")) == ["2 failed"]
