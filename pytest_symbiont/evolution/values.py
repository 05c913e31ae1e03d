"""The values of the loop: what a trial found, what was tried."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pytest_symbiont.evolution.ladder import NOT_COMPILED, RED, Step
from pytest_symbiont.evolution.metric import Metric, MetricKey
from pytest_symbiont.evolution.reach import Reach  # noqa: TC001 - msgspec reads the annotations
from pytest_symbiont.models.values import Message  # noqa: TC001 - msgspec reads the annotations
from pytest_symbiont.source.values import Candidate  # noqa: TC001 - same

if TYPE_CHECKING:
    from collections.abc import Mapping

Status = Literal["passed", "failed", "error", "skipped", "xfailed", "not run"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a test is red, as data; wording for the model is `evolution.feedback`'s business.

    ``kind`` is the exception's type name, ``message`` what it says (pytest's introspected assertion with
    operands and diff, or a panic's message), ``statement`` the test's source line that raised it.
    ``parameters`` are the test's parametrize values as ``(name, repr)``. ``rust_line`` (from 1) and
    ``rust_column`` say where a panic happened in the candidate's file, 0 where it was no panic there.
    ``notes`` are the exception's notes (hypothesis puts the falsifying example there). ``printed`` is what
    the candidate printed while the test ran.
    """

    phase: Literal["setup", "call", "teardown"]
    kind: str
    message: str
    statement: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    rust_file: str = ""
    rust_line: int = 0
    rust_column: int = 0
    notes: tuple[str, ...] = ()
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one test of the suite did in one trial. ``weight`` is the marker's, ``holdout`` too.

    ``calls`` counts how often it called a target of the suite, ``metrics`` are what it reported.
    """

    nodeid: str
    status: Status
    failure: Failure | None = None
    seconds: float = 0.0
    weight: float = 1.0
    holdout: bool = False
    calls: int = 0
    metrics: tuple[Metric, ...] = ()

    @property
    def green(self) -> bool:
        """Whether this test stands in no winner's way: pytest itself would not call the run failed."""
        return self.status in {"passed", "skipped", "xfailed"}

    def key_of(self, metric: Metric) -> MetricKey:
        """What one of its metrics is about."""
        return MetricKey(self.nodeid, metric.name, metric.case)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a trial found. ``compile_error`` is rustc's text, and then no test ran.

    ``reach`` is there where lines were counted.
    """

    outcomes: tuple[Outcome, ...] = ()
    compile_error: str = ""
    build_seconds: float = 0.0
    test_seconds: float = 0.0
    reach: tuple[Reach, ...] = ()

    @property
    def green(self) -> bool:
        """Whether every test ran and none is red, and at least one passed."""
        return (
            not self.compile_error
            and all(outcome.green for outcome in self.outcomes)
            and any(outcome.status == "passed" for outcome in self.outcomes)
        )

    @property
    def red(self) -> bool:
        """Whether there is anything to mend. What is all skipped is neither red nor green."""
        return bool(self.compile_error) or any(not outcome.green for outcome in self.outcomes)

    @property
    def score(self) -> float:
        """The weighted share of green tests, 0..1."""
        total = sum(outcome.weight for outcome in self.outcomes)
        return sum(outcome.weight for outcome in self.outcomes if outcome.green) / total if total else 0.0

    @property
    def timed(self) -> bool:
        """Whether a clock has had a part in it, so that nothing may run beside such a trial."""
        return any(metric.timed for outcome in self.outcomes for metric in outcome.metrics)

    @property
    def metrics(self) -> Mapping[MetricKey, Metric]:
        """What the tests reported, hold-outs included, in their order."""
        return {outcome.key_of(metric): metric for outcome in self.outcomes for metric in outcome.metrics}


def behaviour_of(verdict: Verdict) -> str:
    """A digest of what the tests saw: the same for candidates that none of them tells apart."""
    told = [
        (outcome.nodeid, outcome.status, outcome.failure.kind, outcome.failure.message)
        if outcome.failure
        else (outcome.nodeid, outcome.status)
        for outcome in verdict.outcomes
    ]
    text = repr((verdict.compile_error, told))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a strategy chose to do: ``arm`` is the kind of step, ``why`` a sentence for people.

    ``model`` is who was asked, by the name that the session has for it.
    """

    strategy: str = ""
    arm: str = ""
    why: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answer and what became of it.

    ``candidate`` is None where the answer held none; ``problem`` then says why in one sentence (also for a
    refusal of the screen, or a body that was tried before), and where code breaks off shows the place;
    ``shortfall`` is the step of it. ``revision`` is the number it was loaded as, 0 where it was not.
    ``number`` counts a suite's attempts from 1; ``parents`` are the numbers of those that its ``prompt``
    quoted, by the strategy's ``decision``. ``model`` gave the answer, in ``lane`` (from 0), with ``seed`` and
    ``temperature``; ``finish`` says how the answer ended, ``cost`` is money. Seconds are wall time. What was
    tried has a ``behaviour``, the same for attempts that no test tells apart.
    """

    round: int
    answer: str
    candidate: Candidate | None = None
    problem: str = ""
    verdict: Verdict | None = None
    revision: int = 0
    parents: tuple[int, ...] = field(default=())
    prompt_tokens: int = 0
    generated_tokens: int = 0
    model_seconds: float = 0.0
    model: str = ""
    lane: int = 0
    shortfall: Step | None = None
    finish: str = ""
    number: int = 0
    decision: Decision = field(default=Decision())
    prompt: tuple[Message, ...] = ()
    seed: int = 0
    temperature: float = 0.0
    replayed: bool = False
    cost: float = 0.0
    build_seconds: float = 0.0
    test_seconds: float = 0.0
    behaviour: str = ""

    @property
    def step(self) -> Step | None:
        """How far it got: the step that it fell short at, None for what is green."""
        if self.verdict is None:
            return self.shortfall
        if self.verdict.compile_error:
            return NOT_COMPILED
        return None if self.verdict.green else RED
