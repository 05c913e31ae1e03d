"""What became of a suite."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.evolution.provenance import Author, Subject
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.evolution.values import Attempt, Verdict
    from pytest_symbiont.source.values import SourceFile

End = Literal[
    "green", "won", "lost", "refused", "interrupted", "shown", "current", "proven", "adopted", "unproven"
]


@dataclass(frozen=True, slots=True)
class Step:
    """One test that had its turn, the ``number``-th ``of`` so many, or the cases of one.

    ``rounds`` is what it took, 0 where it was green already; ``attempt`` is the number of the attempt that
    won, ``diff`` in which lines its body is another than the one before, marked by ``+`` and ``-``.
    """

    name: str
    number: int
    of: int
    rounds: int = 0
    attempt: int = 0
    diff: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"step {self.number} of {self.of}, {self.name}"

    @property
    def size(self) -> str:
        """How many lines of the body are new and how many are gone."""
        added, removed = (sum(line.startswith(mark) for line in self.diff) for mark in "+-")
        return f"+{added} -{removed} lines"


@dataclass(slots=True, eq=False)
class Result:
    """A suite's evolution: how it ended, what it cost, and what happened to its files.

    ``end`` is ``green`` (nothing to do, or nothing better was found: ``message``), ``won``, ``lost`` (budget
    gone), ``refused`` (``message`` says why nothing could be tried), ``interrupted``, ``shown`` (its prompt
    was printed), ``current`` (its provenance is, so it was left alone); of a check ``proven``, ``adopted``
    (its lock is renewed) or ``unproven``. ``winner`` is the number of the attempt that won, ``revision`` that
    of its revision, ``bodies`` are its bodies, by file and path, ``author`` wrote them. ``premises`` are
    earlier winners in the same files: this one was proven on top of them. ``subjects`` are its targets with
    what their tests reach, ``checked`` is what a check found, or a
    trial of everything behind the last step. ``untested`` are lines of the winner that no
    test reached, where that was looked at. ``written`` says in words what became of the files, ``kept_back``
    that one was not written although it should have been. ``steps`` are the tests that had their turn, with
    ``--evolve-step``. Seconds are wall time, ``cost`` is money by the
    prices that were given, ``lanes`` how many there were.
    """

    suite: Suite
    end: End = "interrupted"
    message: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    winners: Mapping[EvolvingFile, Revision] = field(default_factory=dict)
    winner: int = 0
    revision: int = 0
    bodies: Mapping[SourceFile, Mapping[str, str]] = field(default_factory=dict)
    model_seconds: float = 0.0
    build_seconds: float = 0.0
    test_seconds: float = 0.0
    cost: float = 0.0
    lanes: int = 1
    premises: tuple[Result, ...] = ()
    untested: str = ""
    written: str = ""
    kept_back: bool = False
    subjects: tuple[Subject, ...] = ()
    author: Author | None = None
    checked: Verdict | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        return max((attempt.round for attempt in self.attempts), default=0)

    @property
    def compile_errors(self) -> int:
        return sum(1 for attempt in self.attempts if attempt.verdict and attempt.verdict.compile_error)

    @property
    def generated_tokens(self) -> int:
        return sum(attempt.generated_tokens for attempt in self.attempts)

    @property
    def winning(self) -> Attempt | None:
        """The attempt that won, if one did."""
        found = (attempt for attempt in self.attempts if attempt.number == self.winner)
        return next(found, None) if self.end == "won" else None

    @property
    def proof(self) -> Verdict | None:
        """The verdict that its bodies stand on."""
        return self.checked or (self.winning.verdict if self.winning else None)

    @property
    def failed(self) -> bool:
        """Whether the session must not end well for it."""
        return self.kept_back or self.end in {"lost", "refused", "interrupted", "unproven"}
