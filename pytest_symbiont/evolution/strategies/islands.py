"""`islands`: populations that evolve apart, exchange their best, and start anew where they stand still.

Islands and their resetting are FunSearch's (Romera-Paredes et al., 2024); novelty is of behaviour, the vector
of what the tests found.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.order import best, compare
from pytest_symbiont.evolution.strategies.protocol import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.lineage import Lineage
    from pytest_symbiont.evolution.strategies.protocol import Room
    from pytest_symbiont.evolution.values import Attempt

_ISLANDS = 3
_ELITES = 3
# An island whose best was not bettered in so many of its answers starts anew.
_PLATEAU = 4
# After so many answers of the whole suite every island's best visits the next island.
_MIGRATION = 6
_WARMER = 0.2


@dataclass(slots=True)
class _Island:
    """``members`` are by their numbers; ``stale`` counts answers since its best was bettered."""

    members: list[Attempt] = field(default_factory=list)
    best: Attempt | None = None
    stale: int = 0

    @property
    def elites(self) -> list[Attempt]:
        """The best of each of its behaviours, the best one first."""
        by_behaviour: dict[str, Attempt] = {}
        for member in self.members:
            if member.verdict is None:
                continue
            known = by_behaviour.get(member.behaviour)
            if known is None or compare(member, known) > 0:
                by_behaviour[member.behaviour] = member
        left = list(by_behaviour.values())
        ranked: list[Attempt] = []
        while left and len(ranked) < _ELITES:
            found = best(left)
            assert found is not None  # noqa: S101 - there is one left
            ranked.append(found)
            left.remove(found)
        return ranked

    def settle(self, attempt: Attempt) -> None:
        self.members.append(attempt)
        better = attempt.verdict is not None and (self.best is None or compare(attempt, self.best) > 0)
        self.best = attempt if better else self.best
        self.stale = 0 if better else self.stale + 1

    def start_anew(self) -> None:
        self.members, self.best, self.stale = [], None, 0


class Islands:
    """Every question belongs to an island, in turn; it mends one of its elites, the rarer its behaviour the
    likelier.
    """

    name = "islands"
    wants_all = True

    def __init__(self) -> None:
        self._islands = [_Island() for _ in range(_ISLANDS)]
        self._asked = self._judged = 0
        self._island_of: dict[tuple[int, int], _Island] = {}

    def propose(self, lineage: Lineage, room: Room) -> Sequence[Query]:
        queries = []
        for lane in range(room.lanes):
            island = self._islands[self._asked % _ISLANDS]
            self._asked += 1
            self._island_of[room.round, lane] = island
            queries.append(self._next(island, lineage, room, lane))
        return queries

    def observe(self, attempt: Attempt) -> None:
        """The attempt settles on the island that asked for it."""
        island = self._island_of.pop((attempt.round, attempt.lane))
        self._judged += 1
        island.settle(attempt)
        if self._judged % _MIGRATION == 0:
            self._migrate()
        elif island.stale >= _PLATEAU and island is not self._leading():
            island.start_anew()

    def _next(self, island: _Island, lineage: Lineage, room: Room, lane: int) -> Query:
        elites = island.elites
        number = self._islands.index(island) + 1
        if not elites:
            warmer = _WARMER if lineage.attempts else 0.0
            return Query(
                lane, "fresh", room.hotter(warmer), hint=room.hint(lane), why=f"island {number} is empty"
            )
        known = Counter(one.behaviour for one in lineage.attempts)
        # Rank counts as much as rarity does.
        weights = [1 / (rank + 1) / known[one.behaviour] for rank, one in enumerate(elites)]
        parent = room.random(lane).choices(elites, weights)[0]
        mine = {member.number for member in island.members}
        children = [child for child in lineage.children(parent) if child.number in mine]
        why = f"{parent.number} is an elite of island {number}"
        return Query(lane, "repair", room.hotter(_WARMER / 2 * len(children)), (parent, *children), why=why)

    def _migrate(self) -> None:
        """Everybody's best visits the next island, unless that starts anew; all leave first, then arrive."""
        travelling = [island.best for island in self._islands]
        for island, guest in zip(self._islands[1:] + self._islands[:1], travelling, strict=True):
            if guest is not None and island.members and guest not in island.members:
                island.members.append(guest)
                if island.best is None or compare(guest, island.best) > 0:
                    island.best, island.stale = guest, 0

    def _leading(self) -> _Island | None:
        leader = best(island.best for island in self._islands if island.best is not None)
        return next((island for island in self._islands if island.best is leader), None)
