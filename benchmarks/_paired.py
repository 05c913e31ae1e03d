"""Paired comparison of strategies: shares solved within a budget, with bootstrap intervals over tasks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from _runs import Outcome

_RESAMPLES = 4_000
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the bounds of its 95% interval."""

    value: float
    low: float
    high: float

    @property
    def includes_zero(self) -> bool:
        return self.low <= 0 <= self.high


def share_solved(outcomes: Sequence[Outcome], budget: float) -> Interval:
    """The share of runs that were solved with so many tokens."""
    return _bootstrap(_by_task(outcomes, lambda one: _solved(one, budget)))


def difference(one: Sequence[Outcome], other: Sequence[Outcome], budget: float) -> Interval:
    """By how much the first solves more, over the runs (task and seed) that both have made."""
    theirs = {(each.plan.task, each.plan.seed): each for each in other}
    pairs = [(each, theirs[key]) for each in one if (key := (each.plan.task, each.plan.seed)) in theirs]
    rows: dict[str, list[float]] = defaultdict(list)
    for mine, yours in pairs:
        rows[mine.plan.task].append(_solved(mine, budget) - _solved(yours, budget))
    return _bootstrap(rows)


def _solved(outcome: Outcome, budget: float) -> float:
    return float(0 < outcome.solved_at <= budget)


def _by_task(outcomes: Sequence[Outcome], value: Callable[[Outcome], float]) -> dict[str, list[float]]:
    rows: dict[str, list[float]] = defaultdict(list)
    for outcome in outcomes:
        rows[outcome.plan.task].append(value(outcome))
    return rows


def _bootstrap(rows: Mapping[str, Sequence[float]]) -> Interval:
    """Tasks are drawn again, and of each its seeds: runs of one task are alike."""
    tasks = [list(values) for _, values in sorted(rows.items())]
    if not tasks:
        return Interval(0.0, 0.0, 0.0)
    chance = Random(0)  # noqa: S311 - the same data give the same interval
    means = sorted(
        _mean(
            [
                value
                for task in chance.choices(tasks, k=len(tasks))
                for value in chance.choices(task, k=len(task))
            ]
        )
        for _ in range(_RESAMPLES)
    )
    cut = int(_RESAMPLES * (1 - _CONFIDENCE) / 2)
    return Interval(_mean([value for task in tasks for value in task]), means[cut], means[-cut - 1])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
