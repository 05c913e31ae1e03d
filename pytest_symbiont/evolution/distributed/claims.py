"""Which worker evolves which suite: each is evolved once, and after those that it builds on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.distributed.messages import Ended

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.distributed.messages import SuiteCard

# A suite whose tests end their worker does so every time: it is left alone then.
MOST_CRASHES = 3


@dataclass(slots=True)
class _Claim:
    card: SuiteCard
    premises: tuple[str, ...]
    worker: str = ""
    ended: Ended | None = None
    crashes: int = 0


class Claims:
    """The suites of a session, in the order in which one process would evolve them."""

    def __init__(self, cards: Sequence[SuiteCard]) -> None:
        self._claims: dict[str, _Claim] = {}
        for number, card in enumerate(cards):
            files = {file.path for file in card.files}
            premises = [
                earlier.name
                for earlier in cards[:number]
                if files.intersection(file.path for file in earlier.files)
            ]
            self._claims[card.name] = _Claim(card, tuple(premises))

    def ended(self, suite: str) -> Ended | None:
        """What became of a suite, if it is over."""
        return self._claims[suite].ended

    def take(self, worker: str, wanted: str) -> str:
        """The suite that this worker is to evolve now: the wanted one, else any that is free.

        Empty where there is none: the worker has to wait for the others.
        """
        for name in (wanted, *self._claims):
            claim = self._claims[name]
            ready = all(self._claims[earlier].ended is not None for earlier in claim.premises)
            if ready and not claim.worker and claim.ended is None:
                claim.worker = worker
                return name
        return ""

    def end(self, suite: str, ended: Ended) -> None:
        claim = self._claims[suite]
        claim.worker, claim.ended = "", ended

    def give_back(self, worker: str) -> list[str]:
        """The worker is gone: what it evolved is free again. What ended too many workers is refused."""
        lost = [name for name, claim in self._claims.items() if claim.worker == worker]
        for name in lost:
            claim = self._claims[name]
            claim.worker = ""
            claim.crashes += 1
            if claim.crashes == MOST_CRASHES:
                claim.ended = Ended(
                    "refused",
                    f"{MOST_CRASHES} workers crashed while they evolved it; run it without -n to see why",
                )
        return lost
