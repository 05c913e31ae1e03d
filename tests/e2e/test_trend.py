"""The course of a metric at the end of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from example import rust

from pytest_symbiont.evolution.metric import Metric
from pytest_symbiont.evolution.values import Attempt, Outcome, Verdict
from pytest_symbiont.report.trend import ASCII, BLOCKS, sparkline, trends

if TYPE_CHECKING:
    from collections.abc import Iterable

    from example import NewExample

FILE = "pub fn near() -> f64 {\n    todo!()\n}\n"
TESTS = """
import pytest
from pytest_symbiont import evolvable

near = evolvable("near.rs::near")


@pytest.mark.evolve(near)
def test_near(evolve_metric):
    evolve_metric.minimize("distance", abs(near() - 10), threshold=0.5)
"""


def attempts(values: Iterable[float], *, case: str = "") -> list[Attempt]:
    reports = (Metric("score", "maximize", value, case=case) for value in values)
    return [
        Attempt(1, "", verdict=Verdict((Outcome("test", "passed", metrics=(metric,)),))) for metric in reports
    ]


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([0, 7], "▁█"),
        ([0, 1, 2, 3, 4, 5, 6, 7], BLOCKS),
        ([5, 5, 5], "▁▁▁"),
        ([-1e308, 0, 1e308], "▁▅█"),
        ([3], "▁"),
    ],
)
def test_a_character_stands_for_a_value(values: list[float], drawn: str) -> None:
    assert sparkline(values) == drawn


def test_one_value_is_no_course() -> None:
    assert trends(attempts([1]), 80, "utf-8") == []
    assert trends([Attempt(1, "")], 80, "utf-8") == []


def test_a_narrow_terminal_has_the_last_ones() -> None:
    [line] = trends(attempts(range(100)), 40, "utf-8")
    assert line == f"score {sparkline(range(77, 100))} 0, best 99"
    assert len(line) <= 40


def test_where_blocks_cannot_be_said_they_are_ascii() -> None:
    [line] = trends(attempts([0, 7, 3.5]), 80, "ascii")
    assert line == f"score {ASCII[0]}{ASCII[-1]}{ASCII[4]} 0, best 7"


def test_three_metrics_are_enough() -> None:
    one, other = (
        Attempt(1, "", verdict=Verdict(tuple(_scored(f"test{n}", value) for n in range(5))))
        for value in (1.0, 2.0)
    )
    assert len(trends([one, other], 80, "utf-8")) == 3


def _scored(test: str, value: float) -> Outcome:
    return Outcome(test, "passed", metrics=(Metric("score", "maximize", value),))


def test_the_summary_shows_it(example: NewExample) -> None:
    near = example({"near.rs": FILE, "test_near.py": TESTS})
    answers = [rust(f"pub fn near() -> f64 {{ {value} }}") for value in ("3.0", "8.0", "10.0")]
    ran = near.run(
        "--evolve",
        answers=answers,
        outcomes={"passed": 1},
        changed={"near.rs": FILE.replace("todo!()", "10.0")},
    )
    assert f"  distance {sparkline([7, 2, 0])} 7, best 0" in ran.summary
