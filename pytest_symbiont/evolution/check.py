"""``--evolve-check``: whether what is on disk is what was proven, and holds; no model is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.build.builder import BuildFailure, Profile
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.provenance import differences, read
from pytest_symbiont.evolution.refusals import refuse_indifferent, refuse_uncalled, refuse_unjudged
from pytest_symbiont.report.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.judge import Judge
    from pytest_symbiont.evolution.provenance import Subject
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.values import Verdict
    from pytest_symbiont.evolution.watcher import Watcher

_NEXT = (
    "take it as it is with pytest --evolve-adopt, or have it written anew with "
    "pytest --evolve --evolve-only-stale"
)


class Check:
    """Checks one suite; the result says how that ended.

    ``adopt`` takes what is proven now in place of what the lock says. ``partial`` allows a suite of which
    only a part was selected.
    """

    def __init__(self, result: Result, judge: Judge, watcher: Watcher, *, adopt: bool, partial: bool) -> None:
        self._result = result
        self._suite = result.suite
        self._judge = judge
        self._watcher = watcher
        self._adopt = adopt
        self._partial = partial

    def run(self) -> None:
        try:
            self._compare(self._unproven())
        except SymbiontError as error:
            self._end(str(error))
        self._watcher.ended(self._result)

    def _compare(self, problem: str) -> None:
        """Hold it against the lock, where ``problem`` is what is wrong with it in itself."""
        stale = stale_targets(self._result.subjects, partial=self._partial)
        if problem:
            self._end("; ".join([problem, *stale]))
        elif stale and not self._adopt:
            self._end("; ".join([*stale, _NEXT]))
        else:
            self._result.end = "adopted" if stale else "proven"

    def _end(self, problem: str) -> None:
        self._result.end = "unproven"
        self._result.message = problem

    def _unproven(self) -> str:
        """What is wrong with it in itself, be it in the lock or not; empty where nothing is."""
        if self._suite.missing and not self._partial:
            return (
                f"{counted(len(self._suite.missing), 'test')} of the suite not selected (first: "
                f"{self._suite.missing[0]}); run them all, or allow it with --evolve-partial"
            )
        current = {file: file.current for file in self._suite.files}
        verdict = self._result.checked = self._judge.promotion(current)
        if verdict.compile_error:
            return self._why_not_compiled(verdict)
        refuse_uncalled(self._suite, verdict)
        if verdict.red:
            green = sum(outcome.green for outcome in verdict.outcomes)
            return f"{green} of {len(verdict.outcomes)} tests pass; pytest --evolve writes another body"
        refuse_unjudged(verdict)
        refuse_indifferent(self._suite, self._judge.panicking(current))
        return ""

    def _why_not_compiled(self, verdict: Verdict) -> str:
        for file in self._suite.files:
            if isinstance(file.build(file.current, Profile.DISK), BuildFailure):
                return f"{file.source.path.name} does not compile:\n{verdict.compile_error}"
        return (
            "it compiles by itself, but not as candidates must, with the safe part of std and without unsafe "
            f"(docs/facade.md); allow more with --evolve-allow:\n{verdict.compile_error}"
        )


def stale_targets(subjects: Sequence[Subject], *, partial: bool = False) -> list[str]:
    """What of these is not as the locks say, in words, each with the target's name where there are several.

    Raises `SymbiontError` where a lock cannot be used.
    """
    told = []
    for subject in subjects:
        found = differences(subject, subject.text, read(subject.lock)[1], partial=partial)
        if found:
            name = f"{subject.name}: " if len(subjects) > 1 else ""
            told.append(f"{name}{', '.join(found)}")
    return told


def is_current(subjects: Sequence[Subject], *, partial: bool = False) -> bool:
    """Whether all of these are as the locks say."""
    try:
        return not stale_targets(subjects, partial=partial)
    except SymbiontError:  # what writes the lock tells what is wrong with it
        return False
