"""The seam for search: what a strategy sees, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.lineage import Lineage
    from pytest_symbiont.evolution.values import Attempt

HOTTEST = 2.0


@dataclass(frozen=True, slots=True)
class Query:
    """One question to ask in the next round, for a lane (from 0).

    The prompt quotes the ``quoted`` attempts: none, and the task is asked afresh; several with ``combine``,
    and the model is asked to put together what each is right about; else the best of them is to be mended.
    ``hint`` is said on top. ``temperature`` is 0..2. ``model`` is the number of the model to ask, None for
    each in turn. ``arm`` names the kind of step, ``why`` says for people why it was chosen.
    """

    lane: int
    arm: str
    temperature: float
    quoted: tuple[Attempt, ...] = ()
    combine: bool = False
    hint: str = ""
    model: int | None = None
    why: str = ""

    def asks(self, round_: int, models: int) -> int:
        """The number of the model to ask in this round, of so many."""
        return (self.lane + round_ - 1 if self.model is None else self.model) % models


@dataclass(frozen=True, slots=True)
class Room:
    """What the next round may be: ``lanes`` questions at most, by so many ``models``.

    ``round`` counts from 1 and ``rounds`` is the last one. ``temperature`` is what the user wants to start
    from, ``hints`` what the project says about ways to go, ``seed`` the session's. ``improving`` says that
    there is a green body, and that metrics are to be made better.
    """

    lanes: int
    round: int
    rounds: int
    models: tuple[str, ...]
    temperature: float
    seed: int = 0
    hints: tuple[str, ...] = ()
    improving: bool = False

    def random(self, lane: int) -> Random:
        """Chance that is the same for the same seed, round and lane."""
        return Random(f"{self.seed}/{self.round}/{lane}")  # noqa: S311 - nothing secret is drawn

    def hotter(self, by: float) -> float:
        """The temperature, higher by so much."""
        return min(self.temperature + by, HOTTEST)

    def hint(self, lane: int) -> str:
        """The project's hint for a lane, which goes with all that it asks afresh."""
        return self.hints[lane % len(self.hints)] if self.hints else ""


class Strategy(Protocol):
    """How a suite is searched. One object serves one suite, from its first question to its last.

    ``wants_all`` says that every test has to run for it; otherwise a trial ends at the first red one, with
    those that failed last in front.
    """

    @property
    def name(self) -> str: ...

    @property
    def wants_all(self) -> bool: ...

    def propose(self, lineage: Lineage, room: Room) -> Sequence[Query]:
        """The questions of the next round, at most one a lane; none, and the search is over."""
        ...

    def observe(self, attempt: Attempt) -> None:
        """What became of a question, in the order of lanes, before the next round."""
        ...
