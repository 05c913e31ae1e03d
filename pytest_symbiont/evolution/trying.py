"""Trying: from an answer to an attempt with its verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.candidate import take_candidate, texts_with
from pytest_symbiont.evolution.ladder import NOT_COMPILED, ONLY_CALLED, REPEATED, Shortfall
from pytest_symbiont.evolution.values import Attempt, Decision, behaviour_of
from pytest_symbiont.evolution.winner import accepted
from pytest_symbiont.report.text import counted
from pytest_symbiont.source.edit import normalised

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.evolution.judge import Judge
    from pytest_symbiont.evolution.memory import Memory
    from pytest_symbiont.evolution.questions import Question
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.winner import Winner
    from pytest_symbiont.models.values import Answer
    from pytest_symbiont.settings import Settings
    from pytest_symbiont.source.values import Candidate

Texts = dict["EvolvingFile", str]
EARLIER = "This body was tried in an earlier session already."


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken from an answer: a candidate and the files with it, or why there is none."""

    answer: Answer
    candidate: Candidate | None
    texts: Mapping[EvolvingFile, str]
    shortfall: Shortfall | None = None


class Trying:
    """Takes candidates from answers and tries them, for one suite.

    The bodies of ``asked`` are replaced in ``start``. What was tried before is refused before it is built;
    ``memory`` has what earlier sessions tried.
    """

    def __init__(
        self,
        result: Result,
        asked: Sequence[Handle],
        start: Mapping[EvolvingFile, str],
        judge: Judge,
        settings: Settings,
        memory: Memory,
    ) -> None:
        self._result = result
        self._asked = asked
        self._start = start
        self._judge = judge
        self._settings = settings
        self._memory = memory
        self._seen: set[tuple[str, ...]] = set()
        self._texts: dict[int, Mapping[EvolvingFile, str]] = {}

    def texts_of(self, attempt: Attempt | None) -> Mapping[EvolvingFile, str]:
        """An attempt's files as they were built; those that all began with, where there is none."""
        return self._texts.get(attempt.number, self._start) if attempt is not None else self._start

    def take(self, question: Question, answer: Answer) -> Taken:
        """The candidate in an answer. Nothing is decided by it yet, so that it may be built beforehand."""
        quoted = question.query.quoted
        shown = tuple(
            text for attempt in reversed(quoted) for text in self._texts.get(attempt.number, {}).values()
        )
        candidate = take_candidate(answer.text, self._asked, shown, self._settings.allow)
        if isinstance(candidate, Shortfall):
            return Taken(answer, None, {}, candidate)
        return Taken(answer, candidate, texts_with(candidate.bodies, self._asked, self._start))

    def attempt(
        self, question: Question, taken: Taken, decision: Decision, *, wants_all: bool
    ) -> tuple[Attempt, Winner | None]:
        """Try what was taken; what it could be promoted as, where it is green."""
        built, tested = self._result.build_seconds, self._result.test_seconds
        attempt, winner = self._judged(
            _begun(self._result, question, taken.answer, decision), taken, wants_all
        )
        return replace(
            attempt,
            build_seconds=self._result.build_seconds - built,
            test_seconds=self._result.test_seconds - tested,
            behaviour=behaviour_of(attempt.verdict) if attempt.verdict else "",
        ), winner

    def _judged(self, attempt: Attempt, taken: Taken, wants_all: bool) -> tuple[Attempt, Winner | None]:
        candidate = taken.candidate
        if candidate is None:
            assert taken.shortfall is not None  # noqa: S101 - one of the two is there
            if taken.answer.calls:
                turns = counted(self._settings.tool_turns, "turn")
                problem = f"it called tools in every one of its {turns} and wrote no function; write it now"
                return replace(attempt, problem=problem, shortfall=ONLY_CALLED), None
            cut = " (the answer was cut off at its token limit)" if attempt.finish == "length" else ""
            sentence, _, place = taken.shortfall.told.partition("\n")
            told = "\n".join(filter(None, [f"{sentence}{cut}", place]))
            return replace(attempt, problem=told, shortfall=taken.shortfall.step), None
        attempt = replace(attempt, candidate=candidate)
        bodies = candidate.bodies
        fingerprint = tuple(normalised(bodies[path]) for path in sorted(bodies))
        if fingerprint in self._seen:
            problem = "this is the same body as in an earlier round; it was not tried again"
            return replace(attempt, problem=problem, shortfall=REPEATED), None
        if (earlier := self._memory.recall(fingerprint)) is not None:
            self._texts[attempt.number] = taken.texts
            return replace(attempt, verdict=earlier, problem=EARLIER), None
        self._seen.add(fingerprint)
        tried, winner = self._tried(attempt, candidate, taken.texts, wants_all)
        if candidate.alternative is not None and tried.step is NOT_COMPILED:
            texts = texts_with(candidate.alternative.bodies, self._asked, self._start)
            other, winner = self._tried(attempt, candidate.alternative, texts, wants_all)
            tried = tried if other.step is NOT_COMPILED else other
        if winner is None:
            self._memory.keep(fingerprint, tried)
        return tried, winner

    def _tried(
        self,
        attempt: Attempt,
        candidate: Candidate,
        texts: Mapping[EvolvingFile, str],
        wants_all: bool,
    ) -> tuple[Attempt, Winner | None]:
        """The attempt with what became of a candidate."""
        revisions = {file: file.add(text) for file, text in texts.items()}
        verdict = self._judge.cascade(revisions, wants_all=wants_all)
        winner = None
        if verdict.green:
            verdict, winner = accepted(self._asked, self._start, texts, self._judge.promotion)
        if not verdict.compile_error or attempt.number not in self._texts:
            self._texts[attempt.number] = texts
        number = max(revision.number for revision in revisions.values())
        return replace(attempt, candidate=candidate, revision=number, verdict=verdict), winner


def _begun(result: Result, question: Question, answer: Answer, decision: Decision) -> Attempt:
    """An attempt of which nothing is known but its answer."""
    return Attempt(
        question.round,
        answer.text,
        parents=tuple(attempt.number for attempt in question.query.quoted),
        prompt_tokens=answer.prompt_tokens,
        generated_tokens=answer.generated_tokens,
        model_seconds=answer.seconds,
        model=answer.model,
        lane=question.query.lane,
        finish=answer.finish,
        number=len(result.attempts) + 1,
        decision=decision,
        prompt=question.request.messages,
        seed=question.request.seed,
        temperature=question.request.temperature,
        replayed=answer.replayed,
        cost=question.cost,
    )
