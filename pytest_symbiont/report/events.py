"""What happened in a session, as values: the lines of ``--evolve-trace``, described in docs/trace.md.

Texts (prompts, answers, bodies, files) are events of their own, once each; everything else names them by
their digest. What a clock says is in ``started`` and ``seconds`` alone, so that two runs with the same seed
and recording differ nowhere else.
"""

from __future__ import annotations

import msgspec

# Grows where a reader of an earlier one would misunderstand. New events and fields do not make it grow.
SCHEMA = 1


class Event(msgspec.Struct, frozen=True, tag_field="event", tag=str.lower):
    """One line. The class's name in lower case is its ``event``."""


class Spent(msgspec.Struct, frozen=True):
    """Wall seconds: of the model, of rustc, of the tests."""

    model: float = 0.0
    build: float = 0.0
    test: float = 0.0


class MetricSeen(msgspec.Struct, frozen=True):
    """One report of `evolve_metric`."""

    name: str
    goal: str
    value: float
    spread: float = 0.0
    threshold: float | None = None
    case: str = ""


class TestSeen(msgspec.Struct, frozen=True):
    """One test in a trial. ``kind`` and ``message`` are of its failure."""

    nodeid: str
    status: str
    kind: str = ""
    message: str = ""
    metrics: tuple[MetricSeen, ...] = ()


class VerdictSeen(msgspec.Struct, frozen=True):
    """What a trial found. Candidates with the same ``behaviour`` did the same to every test."""

    green: bool
    score: float
    behaviour: str
    compile_error: str
    tests: tuple[TestSeen, ...]


class TargetSeen(msgspec.Struct, frozen=True):
    """One target of a suite."""

    path: str
    file: str
    signature: str


class TestBound(msgspec.Struct, frozen=True):
    """One test of a suite, as its marker has it."""

    nodeid: str
    weight: float
    holdout: bool


class MessageSeen(msgspec.Struct, frozen=True):
    """One message of a prompt; ``text`` is a digest."""

    role: str
    text: str


class DecisionSeen(msgspec.Struct, frozen=True):
    """What the strategy chose to do, and why, in words."""

    strategy: str
    arm: str
    why: str


class Session(Event, frozen=True):
    """The first line."""

    schema: int
    plugin: str
    python: str
    rustc: str
    strategy: str
    seed: int
    lanes: int
    rounds: int
    models: tuple[str, ...]
    started: str


class Text(Event, frozen=True):
    """A text, before the first line that names it."""

    digest: str
    text: str


class Suite(Event, frozen=True):
    """A suite whose evolution begins. ``files`` are digests of the texts it begins with, by name."""

    suite: str
    targets: tuple[TargetSeen, ...]
    files: dict[str, str]
    tests: tuple[TestBound, ...]


class Baseline(Event, frozen=True):
    """What the tests find of what is on disk."""

    suite: str
    verdict: VerdictSeen


class Attempt(Event, frozen=True):
    """One answer and what became of it.

    ``number`` counts a suite's attempts from 1; ``parents`` are the numbers of those that its prompt quoted.
    ``answer`` and ``bodies`` (by path) are digests. ``step`` is how it fell short, empty where it is green.
    """

    suite: str
    number: int
    round: int
    lane: int
    parents: tuple[int, ...]
    decision: DecisionSeen
    prompt: tuple[MessageSeen, ...]
    model: str
    seed: int
    temperature: float
    answer: str
    finish: str
    replayed: bool
    prompt_tokens: int
    generated_tokens: int
    cost: float
    step: str
    problem: str
    bodies: dict[str, str]
    revision: int
    verdict: VerdictSeen | None
    seconds: Spent


class Step(Event, frozen=True):
    """A red test's turn, with ``--evolve-step``: what follows is about it and those before."""

    suite: str
    number: int
    of: int
    name: str


class Note(Event, frozen=True):
    """Something that was told and is no attempt."""

    suite: str
    text: str


class End(Event, frozen=True):
    """A suite's evolution is over. ``winner`` is the number of an attempt, 0 where there is none."""

    suite: str
    end: str
    message: str
    winner: int
    bodies: dict[str, str]
    generated_tokens: int
    cost: float
    seconds: Spent


class Written(Event, frozen=True):
    """What became of a suite's files, at the end of the session."""

    suite: str
    written: str
    kept_back: bool


Events = Session | Text | Suite | Baseline | Step | Attempt | Note | End | Written
