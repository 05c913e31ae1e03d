"""Which of two attempts is the better one: green first, then by tests, then by metrics, then by length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.evolution.ladder import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_symbiont.evolution.values import Attempt, Verdict


def compare(one: Attempt, other: Attempt) -> int:
    """1 where ``one`` is better, -1 where ``other`` is, 0 where neither is better than the other.

    Two that are each better at something, by more than noise, are not comparable: 0 as well.
    """
    mine, theirs = _standing(one), _standing(other)
    if mine != theirs:
        return 1 if mine > theirs else -1
    if one.verdict is None or other.verdict is None:
        return 0
    return compare_metrics(one.verdict, other.verdict)


def compare_metrics(one: Verdict, other: Verdict) -> int:
    """The same by metrics alone. A metric that only one of them has does not count."""
    better = worse = False
    theirs = other.metrics
    for key, metric in one.metrics.items():
        if key in theirs:
            better = better or metric.beats(theirs[key])
            worse = worse or theirs[key].beats(metric)
    return 0 if better == worse else 1 if better else -1


def replaces(challenger: Attempt, champion: Attempt) -> bool:
    """Whether a green attempt takes another's place: better at something and worse at nothing, or as good and
    shorter.
    """
    assert challenger.verdict is not None  # noqa: S101 - green ones have been tried
    assert champion.verdict is not None  # noqa: S101
    compared = compare_metrics(challenger.verdict, champion.verdict)
    if compared:
        return compared > 0
    return _same(challenger.verdict, champion.verdict) and length(challenger) < length(champion)


def best(attempts: Iterable[Attempt]) -> Attempt | None:
    """The best one, the latest of several that are as good; None where there is none."""
    found: Attempt | None = None
    for attempt in attempts:
        if found is None or compare(attempt, found) >= 0:
            found = attempt
    return found


def length(attempt: Attempt) -> int:
    """The characters of its bodies."""
    return sum(map(len, attempt.candidate.bodies.values())) if attempt.candidate else 0


def _standing(attempt: Attempt) -> tuple[int, float]:
    """How far it got on the ladder, and with how many tests. What was not tried is less than all that was."""
    if attempt.verdict is None:
        return -1, 0.0
    step = len(STEPS) if attempt.step is None else STEPS.index(attempt.step)
    return step, attempt.verdict.score


def _same(one: Verdict, other: Verdict) -> bool:
    """Whether no metric differs by more than noise, in either direction."""
    theirs = other.metrics
    return not any(
        metric.beats(theirs[key]) or theirs[key].beats(metric)
        for key, metric in one.metrics.items()
        if key in theirs
    )
