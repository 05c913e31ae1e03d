"""What the workers and the controller of a distributed session tell each other.

Values only, checked against their types where they arrive: nothing of them is code.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.budget import Reservation  # noqa: TC001 - msgspec reads the annotations
from pytest_symbiont.evolution.measured import Recalled  # noqa: TC001 - same
from pytest_symbiont.evolution.provenance import Author  # noqa: TC001 - same
from pytest_symbiont.evolution.reach import Reachable  # noqa: TC001 - same
from pytest_symbiont.evolution.result import End  # noqa: TC001 - same
from pytest_symbiont.evolution.values import Attempt, Verdict  # noqa: TC001 - same
from pytest_symbiont.models.values import Answer, Message, ModelError, PromptTooLongError, Request, Tool
from pytest_symbiont.report.events import Events  # noqa: TC001 - same


class Said(msgspec.Struct, frozen=True, tag=True):
    pass


class FileCard(msgspec.Struct, frozen=True):
    """A Rust file as a worker read it; ``path`` is relative to pytest's root, ``raw`` None for a new file."""

    path: str
    text: str
    raw: bytes | None


class SuiteCard(msgspec.Struct, frozen=True):
    """A suite as every worker has collected it.

    ``folder`` is that of its first test, relative to pytest's root. ``tests`` are its node ids, ``reported``
    the same as pytest-xdist reports them.
    """

    name: str
    folder: str
    tests: tuple[str, ...]
    reported: tuple[str, ...]
    missing: tuple[str, ...]
    files: tuple[FileCard, ...]


class WonFile(msgspec.Struct, frozen=True):
    """A winner's text of one file, by the file's place in the suite, and the bodies that are new in it."""

    file: int
    text: str
    bodies: dict[str, str]


class SubjectCard(msgspec.Struct, frozen=True):
    """A `Subject`, by its file's place in the suite."""

    file: int
    path: str
    tests: dict[str, str]


class Ended(msgspec.Struct, frozen=True):
    """What became of a suite: a `Result` without what is of one process. ``premises`` are suites' names."""

    end: End
    message: str = ""
    attempts: tuple[Attempt, ...] = ()
    won: tuple[WonFile, ...] = ()
    revision: int = 0
    model_seconds: float = 0.0
    build_seconds: float = 0.0
    test_seconds: float = 0.0
    cost: float = 0.0
    lanes: int = 1
    premises: tuple[str, ...] = ()
    subjects: tuple[SubjectCard, ...] = ()
    author: Author | None = None
    cannot_ask: bool = False
    winner: int = 0


# From workers.


class Collected(Said, frozen=True):
    suites: tuple[SuiteCard, ...]
    isolation: str


class Mistaken(Said, frozen=True):
    """What would have been a usage error without pytest-xdist."""

    text: str


class Wants(Said, frozen=True):
    """A test of this suite is next: what became of it, or is it to be evolved here? `Settled` answers, maybe
    with another suite that is free.
    """

    suite: str


class Baseline(Said, frozen=True):
    suite: str
    verdict: Verdict


class Prompted(Said, frozen=True):
    suite: str
    messages: tuple[Message, ...]


class Noted(Said, frozen=True):
    suite: str
    text: str


class Attempted(Said, frozen=True):
    suite: str
    attempt: Attempt
    lanes: int


class Traced(Said, frozen=True):
    """An event of the trace."""

    event: Events


class Done(Said, frozen=True):
    suite: str
    ended: Ended


class Reached(Said, frozen=True):
    """At a worker's end: what its part of the run for the record reached of winners, by suite."""

    suites: dict[str, tuple[Reachable, ...]]


class Open(Said, frozen=True):
    """Which models are there? `Opened` or `Problem` answers."""


class Reserve(Said, frozen=True):
    """Room for one call? `Room` answers."""

    suite: str
    messages: tuple[Message, ...]
    model: str
    tools: tuple[Tool, ...]


class Settle(Said, frozen=True):
    """An answer came; `Cost` says what the suite has cost by now."""

    suite: str
    reservation: Reservation
    answer: Answer


class Release(Said, frozen=True):
    suite: str
    reservation: Reservation


class GiveUp(Said, frozen=True):
    suite: str
    reservation: Reservation


class Late(Said, frozen=True):
    """Is time up? `Sentence` answers, empty where it is not."""

    suite: str


class Ask(Said, frozen=True):
    """A question for a model, by its place. ``names`` is what the answer has to hold to be enough."""

    suite: str
    model: int
    request: Request
    names: tuple[str, ...]
    hangs_up: bool


class HangUp(Said, frozen=True):
    """The answer to this question is not wanted any more."""

    model: int
    request: Request


class Recall(Said, frozen=True):
    """What was noted beside a suite's answers?"""

    suite: str


class Keep(Said, frozen=True):
    """Note a line beside a suite's answers; an empty `Sentence` answers."""

    suite: str
    line: bytes
    recorded: bool


# From the controller.


class Settled(Said, frozen=True):
    """What became of a suite; where that is None, whoever reads this is to evolve it."""

    suite: str
    ended: Ended | None


class Opened(Said, frozen=True):
    names: tuple[str, ...]
    replays: tuple[bool, ...]


class Room(Said, frozen=True):
    """Room for one call, or what is used up, in words."""

    room: Reservation | str


class Sentence(Said, frozen=True):
    text: str


class Cost(Said, frozen=True):
    cost: float


class Remembered(Said, frozen=True):
    recalled: Recalled


class Answered(Said, frozen=True):
    answer: Answer


class Problem(Said, frozen=True):
    """An exception of asking, by its kind."""

    kind: str
    text: str

    @classmethod
    def of(cls, error: Exception) -> Problem:
        return cls(type(error).__name__, str(error))

    @property
    def error(self) -> Exception:
        kinds = {kind.__name__: kind for kind in (ModelError, PromptTooLongError)}
        return kinds.get(self.kind, SymbiontError)(self.text)


Asks = Open | Reserve | Settle | Release | GiveUp | Ask | HangUp | Recall | Keep
Happens = Baseline | Prompted | Noted | Attempted | Traced | Done
FromWorker = Collected | Mistaken | Reached | Wants | Late | Asks | Happens
FromController = Settled | Opened | Room | Sentence | Cost | Answered | Remembered | Problem

_FROM_WORKER: msgspec.msgpack.Decoder[FromWorker] = msgspec.msgpack.Decoder(FromWorker)
_FROM_CONTROLLER: msgspec.msgpack.Decoder[FromController] = msgspec.msgpack.Decoder(FromController)


def encode(message: FromWorker | FromController) -> bytes:
    """As bytes. Lone surrogates, which an exception's text may hold, become their escapes."""
    try:
        return msgspec.msgpack.encode(message)
    except UnicodeEncodeError:
        return msgspec.msgpack.encode(_encodable(msgspec.to_builtins(message, builtin_types=(bytes,))))


def from_worker(data: bytes) -> FromWorker:
    return _FROM_WORKER.decode(data)


def from_controller(data: bytes) -> FromController:
    return _FROM_CONTROLLER.decode(data)


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(each) for each in value]
    return value
