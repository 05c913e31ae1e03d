"""The lineage: what was tried of a suite so far, and which came from which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.order import best

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.evolution.metric import MetricKey
    from pytest_symbiont.evolution.values import Attempt, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Lineage:
    """Every attempt of a suite, in the order of judging, and what the tests found of what was on disk.

    ``targets`` are the functions' names. Strategies decide by this value alone and by what they observed: by
    no clock, and not by what came first.
    """

    attempts: tuple[Attempt, ...] = ()
    baseline: Verdict | None = None
    targets: tuple[str, ...] = ()

    def of_lane(self, lane: int) -> tuple[Attempt, ...]:
        """A lane's attempts, oldest first."""
        return tuple(attempt for attempt in self.attempts if attempt.lane == lane)

    @property
    def tried(self) -> tuple[Attempt, ...]:
        """Those that compiled, so that tests said something about them."""
        return tuple(
            attempt
            for attempt in self.attempts
            if attempt.verdict is not None and not attempt.verdict.compile_error
        )

    @property
    def best(self) -> Attempt | None:
        """The best attempt so far, of several the latest."""
        return best(self.attempts)

    @property
    def clusters(self) -> Mapping[str, tuple[Attempt, ...]]:
        """What was tried, by behaviour: those that no test tells apart are one cluster."""
        found: dict[str, list[Attempt]] = {}
        for attempt in self.tried:
            found.setdefault(attempt.behaviour, []).append(attempt)
        return {behaviour: tuple(members) for behaviour, members in found.items()}

    def children(self, attempt: Attempt) -> tuple[Attempt, ...]:
        """The attempts whose prompt quoted this one."""
        return tuple(other for other in self.attempts if attempt.number in other.parents)

    @property
    def front(self) -> tuple[Attempt, ...]:
        """Every cluster's first attempt that is best at some test, or at some metric, by more than noise.

        Hold-outs do not count: what is best at them must not be told.
        """
        firsts = _telling([members[0] for members in self.clusters.values()])
        return tuple(
            attempt
            for attempt in firsts
            if any(_is_best_at(key, attempt, firsts) for key in _strengths(attempt))
        )


def passes(attempt: Attempt) -> frozenset[str]:
    """The node ids of the tests that an attempt passes, hold-outs left out."""
    outcomes: tuple[Outcome, ...] = attempt.verdict.outcomes if attempt.verdict else ()
    return frozenset(outcome.nodeid for outcome in outcomes if outcome.green and not outcome.holdout)


def _telling(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Those that pass other tests than all before them, or that have metrics to be better at."""
    known: set[frozenset[str]] = set()
    kept = []
    for attempt in attempts:
        mine = passes(attempt)
        if mine not in known or (attempt.verdict and attempt.verdict.metrics):
            kept.append(attempt)
        known.add(mine)
    return kept


def _strengths(attempt: Attempt) -> list[str | MetricKey]:
    outcomes = attempt.verdict.outcomes if attempt.verdict else ()
    measured = [
        outcome.key_of(metric) for outcome in outcomes if not outcome.holdout for metric in outcome.metrics
    ]
    return [*sorted(passes(attempt)), *measured]


def _is_best_at(key: str | MetricKey, attempt: Attempt, others: list[Attempt]) -> bool:
    """Whether nobody is better at this: tests are passed or not, metrics are beaten or not."""
    if isinstance(key, str):
        return True
    assert attempt.verdict is not None  # noqa: S101 - it has strengths
    mine = attempt.verdict.metrics[key]
    rivals = (other.verdict.metrics.get(key) for other in others if other.verdict)
    return not any(rival.beats(mine) for rival in rivals if rival is not None)
