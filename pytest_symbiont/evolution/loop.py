"""The loop: baseline, then rounds of prompt, answer, build and trial until a suite is green."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.candidate import UNWRITTEN, take_candidate, texts_with
from pytest_symbiont.evolution.prompt import Task, render_first, render_next
from pytest_symbiont.evolution.refusals import (
    refuse_context,
    refuse_indifferent,
    refuse_namesakes,
    refuse_uncalled,
    refuse_unjudged,
)
from pytest_symbiont.evolution.test_source import test_source
from pytest_symbiont.evolution.values import Attempt
from pytest_symbiont.evolution.winner import accepted
from pytest_symbiont.models.values import ModelError, Position, Request
from pytest_symbiont.report.text import counted
from pytest_symbiont.source.allowance import told
from pytest_symbiont.source.edit import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.evolution.budget import Budget
    from pytest_symbiont.evolution.judge import Judge
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.strategy import Strategy
    from pytest_symbiont.evolution.values import Verdict
    from pytest_symbiont.models.values import Answer, Message, Model
    from pytest_symbiont.settings import Settings


class Watcher(Protocol):
    """Who is told what the loop does: the terminal."""

    def waiting(self, result: Result, what: str) -> None:
        """The loop now waits for ``what``: the model, rustc, the tests."""
        ...

    def baseline(self, result: Result, verdict: Verdict) -> None: ...

    def prompted(self, result: Result, messages: Sequence[Message]) -> None: ...

    def attempted(self, result: Result, attempt: Attempt) -> None: ...

    def ended(self, result: Result) -> None: ...


class Loop:
    """Evolves one suite; ``result`` grows as it goes.

    ``clean`` takes secrets out of a prompt before it leaves.
    """

    def __init__(
        self,
        result: Result,
        judge: Judge,
        model: Callable[[], Model],
        settings: Settings,
        budget: Budget,
        strategy: Strategy,
        watcher: Watcher,
        *,
        clean: Callable[[str], str],
    ) -> None:
        self.result = result
        self._suite = result.suite
        self._judge = judge
        self._model = model
        self._settings = settings
        self._budget = budget
        self._strategy = strategy
        self._watcher = watcher
        self._clean = clean
        self._seen: set[tuple[str, ...]] = set()
        self._texts: dict[int, Mapping[EvolvingFile, str]] = {}

    def run(self) -> Result:
        """Evolve; the result says how it ended. A mistake of the user's is a ``refused`` with its message."""
        try:
            self._evolve()
        except (SymbiontError, ModelError) as error:
            self.result.end, self.result.message = "refused", str(error)
        self._watcher.ended(self.result)
        return self.result

    def _evolve(self) -> None:
        current = {file: file.current for file in self._suite.files}
        baseline = self._judge.baseline(current)
        self._watcher.baseline(self.result, baseline)
        refuse_uncalled(self._suite, baseline)
        if not baseline.red and not self._settings.again:
            self.result.end = "green"
            return
        refuse_unjudged(baseline)
        asked = self._asked(baseline)
        start = {file: revision.text for file, revision in current.items()}
        refuse_namesakes(asked)
        unwritten = texts_with({handle.path: UNWRITTEN for handle in asked}, asked, start)
        refuse_context(unwritten)
        refuse_indifferent(self._suite, self._judge.panicking(current))
        task = self._task(asked, unwritten if self._settings.start == "scratch" else start, baseline)
        if self._settings.show_prompt:
            self._watcher.prompted(self.result, self._cleaned(render_first(task)))
            self.result.end = "shown"
            return
        self._rounds(task, asked, start)

    def _rounds(self, task: Task, asked: Sequence[Handle], start: Mapping[EvolvingFile, str]) -> None:
        for number in range(1, self._settings.rounds + 1):
            room = self._budget.answer_tokens()
            if not room:
                self._lose(
                    f"the session's {self._settings.max_tokens:,} generated tokens are used up; "
                    "allow more with --evolve-max-tokens"
                )
                return
            proposal = self._strategy.propose(self.result.attempts)
            messages = self._cleaned(render_next(task, proposal.quoted, self._files_of))
            answer = self._ask(messages, number, room, proposal.temperature)
            attempt = self._attempt(number, answer, asked, start)
            quoted = tuple(earlier.revision for earlier in proposal.quoted if earlier.revision)
            attempt = replace(attempt, parents=quoted)
            self.result.attempts.append(attempt)
            self._watcher.attempted(self.result, attempt)
            if self.result.winners:
                self.result.end = "won"
                return
        rounds = counted(self._settings.rounds, "round")
        self._lose(f"no body passed in {rounds}; allow more with --evolve-rounds")

    def _lose(self, message: str) -> None:
        self.result.end, self.result.message = "lost", message

    def _cleaned(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        return tuple(replace(message, content=self._clean(message.content)) for message in messages)

    def _ask(self, messages: tuple[Message, ...], number: int, room: int, temperature: float) -> Answer:
        self._watcher.prompted(self.result, messages)
        self._watcher.waiting(self.result, "the model")
        request = Request(
            messages,
            Position(self._suite.name, number),
            max_tokens=room,
            temperature=round(temperature, 2),
            seed=self._settings.seed + number,
        )
        answer = self._model().answer(request)
        self._budget.spend(answer.generated_tokens)
        self.result.model_seconds += answer.seconds
        return answer

    def _attempt(
        self, number: int, answer: Answer, asked: Sequence[Handle], start: Mapping[EvolvingFile, str]
    ) -> Attempt:
        attempt = Attempt(
            number,
            answer.text,
            prompt_tokens=answer.prompt_tokens,
            generated_tokens=answer.generated_tokens,
            model_seconds=answer.seconds,
            model=answer.model,
        )
        candidate = take_candidate(answer.text, asked, self._settings.allow)
        if isinstance(candidate, str):
            cut = " (the answer was cut off at its token limit)" if answer.finish == "length" else ""
            return replace(attempt, problem=f"{candidate}{cut}")
        attempt = replace(attempt, candidate=candidate)
        bodies = candidate.bodies
        fingerprint = tuple(normalised(bodies[path]) for path in sorted(bodies))
        if fingerprint in self._seen:
            problem = "this is the same body as in an earlier round; it was not tried again"
            return replace(attempt, problem=problem)
        self._seen.add(fingerprint)
        texts = self._texts[number] = texts_with(bodies, asked, start)
        revisions = {file: file.add(text) for file, text in texts.items()}
        attempt = replace(attempt, revision=max(revision.number for revision in revisions.values()))
        verdict = self._judge.cascade(revisions)
        if verdict.green:
            final = accepted(self.result, asked, start, texts, self._judge.promotion)
            verdict = final if final is not None else verdict
        return replace(attempt, verdict=verdict)

    def _asked(self, baseline: Verdict) -> tuple[Handle, ...]:
        """The targets whose tests are red; all of them where nothing is."""
        red = [outcome.nodeid for outcome in baseline.outcomes if not outcome.green]
        return self._suite.bound_to(red) or self._suite.handles

    def _task(self, asked: Sequence[Handle], shown: Mapping[EvolvingFile, str], baseline: Verdict) -> Task:
        hints = [bound.prompt for bound in self._suite.tests if bound.prompt and not bound.holdout]
        if allowed := told(self._settings.allow):
            hints.append(allowed)
        if baseline.compile_error:
            hints.append(f"The body on disk does not compile:\n{baseline.compile_error}")
        return Task(
            targets=tuple(handle.target for handle in asked),
            files={file.source.path.name: text for file, text in shown.items()},
            tests=test_source(self._suite.items),
            baseline=tuple(outcome for outcome in baseline.outcomes if not outcome.holdout),
            hints=tuple(dict.fromkeys(hints)),
        )

    def _files_of(self, attempt: Attempt) -> dict[str, str]:
        texts = self._texts.get(attempt.round, {})
        return {file.source.path.name: text for file, text in texts.items()}
