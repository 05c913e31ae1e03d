"""A line of attempts: when it goes somewhere, and when it is given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.evolution.order import best, compare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.values import Attempt

# How many answers may fail to better a green body before the line is given up.
_GREEN_PATIENCE = 2


def line_of(history: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """The attempts since the last fresh start; empty where a fresh start is due.

    That is where the best attempt of the line was not bettered for as many answers as the step of the last
    one has patience for.
    """
    line: list[Attempt] = []
    stale = 0
    for attempt in history:
        leader = best(line)
        better = attempt.verdict is not None and (leader is None or compare(attempt, leader) > 0)
        line.append(attempt)
        stale = 0 if better else stale + 1
        if stale >= (attempt.step.patience if attempt.step else _GREEN_PATIENCE):
            line, stale = [], 0
    return tuple(line)
