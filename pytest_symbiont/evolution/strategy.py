"""How the next question is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.values import Attempt


# How much hotter a fresh start is asked for.
_WARMER = 0.1
_HOTTEST = 2.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to ask next: the attempts that the prompt quotes (none: the task alone), and how hot to sample.

    ``temperature`` is 0..2.
    """

    quoted: tuple[Attempt, ...]
    temperature: float


class Strategy(Protocol):
    """The seam for search: proposes from what was tried. It keeps no state of its own."""

    def propose(self, history: Sequence[Attempt]) -> Proposal:
        """The next question of a lane, after its ``history`` (oldest first)."""
        ...


class Repair:
    """One line of attempts: mend the best one by what is wrong with it.

    Where a line goes nowhere — no better for as many answers as the step of the last one has patience for —
    the task is asked afresh, quoting nothing, and hotter: independent samples solve what repair does not, and
    the other way round.
    """

    def __init__(self, *, temperature: float = 0.7) -> None:
        self._temperature = temperature

    def propose(self, history: Sequence[Attempt]) -> Proposal:
        line = self._line(history)
        if not line:
            return Proposal((), self._hotter(_WARMER if history else 0.0))
        step = line[-1].step
        return Proposal(tuple(line), self._hotter(step.warmer if step else 0.0))

    def _hotter(self, by: float) -> float:
        return min(self._temperature + by, _HOTTEST)

    def _line(self, history: Sequence[Attempt]) -> list[Attempt]:
        """The attempts since the last fresh start; empty where a fresh start is due."""
        line: list[Attempt] = []
        best, stale = -1.0, 0
        for attempt in history:
            line.append(attempt)
            score = attempt.verdict.score if attempt.verdict else -1.0
            stale = 0 if score > best else stale + 1
            best = max(best, score)
            if attempt.step is not None and stale >= attempt.step.patience:
                line, best, stale = [], -1.0, 0
        return line
