"""What a suite's tests measured, kept beside its answers: a replayed session decides by the same numbers."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import msgspec

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.metric import MetricKey
from pytest_symbiont.evolution.strategies.adaptive import Adaptive
from pytest_symbiont.evolution.strategies.payoff import Row, from_rows, to_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.evolution.strategies.payoff import Key, Tally
    from pytest_symbiont.evolution.strategies.protocol import Strategy
    from pytest_symbiont.models.values import Answer, Position

Report = tuple[MetricKey, float, float]
_Row = tuple[str, str, str, float, float]


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was noted beside a suite's answers. ``models`` are the names of who is asked now.

    ``replays`` says that answers are recorded ones, and that nothing new is to be noted. ``tried`` is what
    earlier sessions noted of bodies, where this one ``remembers`` such things.
    """

    lines: tuple[bytes, ...] = ()
    models: tuple[str, ...] = ()
    replays: bool = True
    tried: tuple[bytes, ...] = ()
    remembers: bool = False


class Notes(Protocol):
    """Where lines are kept beside answers."""

    def recall(self, suite: str) -> Recalled: ...

    def note(self, suite: str, line: bytes, *, recorded: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class _Note:
    """What was reported, in its order, while the answer with this digest was tried.

    Round 0 is the baseline; its note has the models' names and what the strategy knew when it began.
    """

    measured: tuple[_Row, ...]
    round: int
    lane: int
    answer: str
    models: tuple[str, ...] = ()
    payoffs: tuple[Row, ...] = ()

    @property
    def reports(self) -> tuple[Report, ...]:
        return tuple((MetricKey(*row[:3]), row[3], row[4]) for row in self.measured)


class MeasuredSuite:
    """The measurements of one suite, those of earlier and those of now.

    ``past`` is what arms paid off before; where the notes have something else, that is the truth of the
    session that is replayed or gone on with.
    """

    def __init__(self, suite: str, notes: Notes, past: Mapping[Key, Tally]) -> None:
        self._suite = suite
        self._notes = notes
        self._known: dict[tuple[int, int, str], _Note] = {}
        self.past = past
        self.models: tuple[str, ...] = ()
        self.replays = True
        self._began = False

    def load(self) -> None:
        """Read what there is. Whoever needs an answer from where that cannot be read will say so."""
        recalled = Recalled()
        with suppress(SymbiontError):
            recalled = self._notes.recall(self._suite)
        self.replays = recalled.replays
        if self.replays:
            self.past = {}
        else:
            self.models = recalled.models
        for line in recalled.lines:
            with suppress(msgspec.MsgspecError, ValueError):  # a note of another version is as good as none
                found = msgspec.json.decode(line, type=_Note)
                self._known[found.round, found.lane, found.answer] = found
        start = next((note for note in self._known.values() if note.round == 0), None)
        if start is not None:
            self.past, self.models = from_rows(map(list, start.payoffs)), start.models

    def of_baseline(self, texts: Sequence[str]) -> tuple[Report, ...]:
        """What was reported of these files as they were."""
        note = self._known.get((0, 0, _digest("\0".join(texts))))
        return note.reports if note is not None else ()

    def keep_baseline(self, texts: Sequence[str], reports: Sequence[Report]) -> None:
        """What the suite, or a step of it, begins with.

        It is recorded where replaying would not find it out by itself, as it does what earlier steps taught.
        """
        payoffs = () if self._began else to_rows(self.past)
        self._began = True
        note = _Note(_rows(reports), 0, 0, _digest("\0".join(texts)), self.models, payoffs)
        self._keep(note, recorded=bool(reports or payoffs or len(self.models) > 1))

    def learned(self, strategy: Strategy) -> None:
        """A search is over, and the next of this suite knows what paid off in it."""
        if isinstance(strategy, Adaptive):
            self.past = strategy.payoffs.merged()

    def of(self, position: Position, answer: Answer) -> tuple[Report, ...]:
        """What was reported of an answer when it was new."""
        if not (answer.replayed or answer.resumed):
            return ()
        note = self._known.get((position.round, position.lane, _digest(answer.text)))
        return note.reports if note is not None else ()

    def keep(self, position: Position, answer: Answer, reports: Sequence[Report]) -> None:
        """Keep what was reported of an answer."""
        if reports:
            self._keep(
                _Note(_rows(reports), position.round, position.lane, _digest(answer.text)), recorded=True
            )

    def _keep(self, note: _Note, *, recorded: bool) -> None:
        if not self.replays:
            self._notes.note(self._suite, msgspec.json.encode(note), recorded=recorded)


def _rows(reports: Sequence[Report]) -> tuple[_Row, ...]:
    return tuple((*key, value, spread) for key, value, spread in reports)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
