"""`repair`: in every lane one line of attempts, each told what was wrong with the best before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.evolution.strategies.line import line_of
from pytest_symbiont.evolution.strategies.protocol import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.lineage import Lineage
    from pytest_symbiont.evolution.strategies.protocol import Room
    from pytest_symbiont.evolution.values import Attempt

# How much hotter a fresh start after the first is asked for.
WARMER = 0.1


class Repair:
    """One line of attempts a lane: mend the best one by what is wrong with it.

    Where a line goes nowhere the task is asked afresh, quoting nothing, and hotter: independent samples solve
    what repair does not, and the other way round.
    """

    name = "repair"
    wants_all = True

    def propose(self, lineage: Lineage, room: Room) -> Sequence[Query]:
        return [self._next(lineage.of_lane(lane), lane, room) for lane in range(room.lanes)]

    def observe(self, attempt: Attempt) -> None:
        """The lineage has it all."""

    def _next(self, history: Sequence[Attempt], lane: int, room: Room) -> Query:
        line = line_of(history)
        if not line:
            why = "the line before went nowhere" if history else "nothing was tried yet"
            return Query(
                lane, "fresh", room.hotter(WARMER if history else 0.0), hint=room.hint(lane), why=why
            )
        step = line[-1].step
        temperature = room.hotter(step.warmer if step else 0.0)
        return Query(
            lane, "repair", temperature, quoted=line, why=step.name if step else "green, and to be better"
        )
