"""`pareto`: keeps every body that is best at some test, and has their strengths put together.

The front by single tests and the merging of its members are those of GEPA (Agrawal et al., 2025).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.evolution.lineage import passes
from pytest_symbiont.evolution.strategies.protocol import Query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from pytest_symbiont.evolution.lineage import Lineage
    from pytest_symbiont.evolution.strategies.protocol import Room
    from pytest_symbiont.evolution.values import Attempt

# A member of the front is quoted again while no more than so many of its children came to nothing.
_PATIENCE = 2
_WARMER = 0.1


class Pareto:
    """Every lane takes a member of the front, the likelier the more it is best at; or two that fill each
    other's gaps.

    A member that was quoted in vain drops out; where none is left, the task is asked afresh.
    """

    name = "pareto"
    wants_all = True

    def propose(self, lineage: Lineage, room: Room) -> Sequence[Query]:
        return [self._next(lineage, room, lane) for lane in range(room.lanes)]

    def observe(self, attempt: Attempt) -> None:
        """The lineage has the front."""

    def _next(self, lineage: Lineage, room: Room, lane: int) -> Query:
        open_ones = [one for one in lineage.front if len(lineage.children(one)) <= _PATIENCE]
        if not open_ones or not any(passes(one) or _measured(one) for one in open_ones):
            return self._fresh(lineage, room, lane)
        chance = room.random(lane)
        chosen = _drawn(open_ones, chance)
        partner = _partner(chosen, open_ones, lineage)
        if partner is not None:
            why = f"{chosen.number} and {partner.number} pass different tests"
            return Query(lane, "combine", room.temperature, (chosen, partner), combine=True, why=why)
        why = f"{chosen.number} is best at some test"
        return Query(lane, "repair", room.temperature, (chosen, *lineage.children(chosen)), why=why)

    def _fresh(self, lineage: Lineage, room: Room, lane: int) -> Query:
        why = "nobody on the front is left to go on from" if lineage.attempts else "nothing was tried yet"
        warmer = _WARMER if lineage.attempts else 0.0
        return Query(lane, "fresh", room.hotter(warmer), hint=room.hint(lane), why=why)


def _measured(attempt: Attempt) -> bool:
    return bool(attempt.verdict and attempt.verdict.metrics)


def _drawn(front: Sequence[Attempt], chance: Random) -> Attempt:
    """One of the front, the likelier the more tests it passes that few others do."""
    rarity = {test: sum(test in passes(other) for other in front) for one in front for test in passes(one)}
    weights = [sum(1 / rarity[test] for test in sorted(passes(one))) + 0.1 for one in front]
    return chance.choices(front, weights)[0]


def _partner(chosen: Attempt, front: Sequence[Attempt], lineage: Lineage) -> Attempt | None:
    """Who passes most of what it does not, where the two were not put together before."""
    asked = {frozenset(attempt.parents) for attempt in lineage.attempts if attempt.decision.arm == "combine"}
    mine = passes(chosen)
    others = [
        other
        for other in front
        if passes(other) - mine
        and mine - passes(other)
        and frozenset({chosen.number, other.number}) not in asked
    ]
    return max(others, key=lambda other: len(passes(other) - mine), default=None)
