"""The example suites run the same while the lines of their bodies are counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from recorded import replayed

from pytest_symbiont.report import events
from pytest_symbiont.report.trace import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from example import NewExample

# Bodies that iterate over a set, and tests that draw anew, do not come to the same twice in every word.
SAME_IN_ALL = ("counter", "fizzbuzz", "gcd")
SAME_IN_THE_END = ("multi",)
PANICS = """\
pub fn pick(xs: &[i64], at: usize) -> i64 {
    let mut sum = 0;
    for x in xs.iter().take(at) {
        sum += x; let scaled = sum * 2; if scaled > 100 { panic!("too much: {scaled}"); }
    }
    let last = match at {
        0 => 0,
        _ => xs[at],
    };
    sum + last
}
"""
TEST = """\
import pytest
from pytest_symbiont import evolvable
pick = evolvable("pick.rs::pick")
@pytest.mark.evolve(pick)
@pytest.mark.parametrize(("xs", "at"), [([1], 0), ([1], 1), ([99, 1], 1), ([2**62, 2**62, 2**62], 2)])
def test_pick(xs, at):
    assert pick(xs, at) == 1
"""


@pytest.mark.parametrize("name", SAME_IN_ALL + SAME_IN_THE_END)
def test_a_suite_comes_to_the_same_instrumented(example: NewExample, name: str) -> None:
    plain = list(course(replayed(example, name)))
    counted = list(course(replayed(example, name, "--evolve-coverage", told_more=True)))
    if name in SAME_IN_THE_END:
        plain, counted = [one[:-1] for one in plain], [one[:-1] for one in counted]
    assert plain == counted


def test_panics_come_from_the_same_places(example: NewExample) -> None:
    files = {"pick.rs": PANICS, "test_pick.py": TEST}
    plain, counted = (
        example(files).run("--evolve", "--evolve-rounds=1", *options, answers=["no code"], code=1)
        for options in ((), ("--evolve-coverage",))
    )
    places = [re.findall(r"pick\.rs:\d+:\d+", ran.last_message(0)) for ran in (plain, counted)]
    assert places[0] == places[1]
    assert {place.split(":")[1] for place in places[0]} == {"4", "8"}


def course(trace: Path) -> Iterator[tuple[object, ...]]:
    """Every attempt: its bodies, how it fell short, how each test ended and why."""
    for event in read(trace):
        if isinstance(event, events.Attempt):
            tests = event.verdict.tests if event.verdict else ()
            yield event.number, event.bodies, event.step, tests
