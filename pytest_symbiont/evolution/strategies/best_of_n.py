"""`best-of-n`: independent samples of the same question; the rival of every other strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.evolution.strategies.protocol import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.lineage import Lineage
    from pytest_symbiont.evolution.strategies.protocol import Room
    from pytest_symbiont.evolution.values import Attempt


class BestOfN:
    """Asks the same again, at the same temperature, with other seeds; nothing is learned from what failed."""

    name = "best-of-n"
    wants_all = False

    def propose(self, lineage: Lineage, room: Room) -> Sequence[Query]:  # noqa: ARG002 - it looks at nothing
        return [
            Query(lane, "fresh", room.temperature, hint=room.hint(lane), why="a sample of its own")
            for lane in range(room.lanes)
        ]

    def observe(self, attempt: Attempt) -> None:
        """Nothing is learned."""
