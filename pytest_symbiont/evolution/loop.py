"""The loop: baseline, then rounds of prompt, answer, build and trial until a suite is green."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from pytest_symbiont.bridge.remote import RemoteRoute
from pytest_symbiont.bridge.route import PanickingRoute
from pytest_symbiont.build.builder import BuildFailure, Profile
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.candidate import UNWRITTEN, take_candidate, texts_with
from pytest_symbiont.evolution.feedback import describe
from pytest_symbiont.evolution.prompt import Task, render_first, render_next
from pytest_symbiont.evolution.result import Result
from pytest_symbiont.evolution.test_source import test_source
from pytest_symbiont.evolution.trial import Trial, forward_output
from pytest_symbiont.evolution.values import Attempt, Outcome, Verdict
from pytest_symbiont.evolution.winner import accepted
from pytest_symbiont.models.values import ModelError, Position, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.evolution.budget import Budget
    from pytest_symbiont.evolution.marker import Bound
    from pytest_symbiont.evolution.strategy import Strategy
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.models.values import Answer, Message, Model
    from pytest_symbiont.settings import Settings


class Watcher(Protocol):
    """Who is told what the loop does: the terminal."""

    def waiting(self, suite: Suite, round_: int, what: str) -> None:
        """The loop now waits for ``what``: model, rustc, tests."""
        ...

    def baseline(self, result: Result, verdict: Verdict) -> None: ...

    def prompted(self, result: Result, messages: Sequence[Message]) -> None: ...

    def attempted(self, result: Result, attempt: Attempt) -> None: ...

    def ended(self, result: Result) -> None: ...


class Loop:
    """Evolves one suite.

    ``ask`` cleans a prompt (redaction, normalising) before it leaves; ``trials`` is told which trial is under
    way, so that the plugin's hooks reach it.
    """

    def __init__(
        self,
        suite: Suite,
        model: Callable[[], Model],
        settings: Settings,
        budget: Budget,
        strategy: Strategy,
        watcher: Watcher,
        *,
        clean: Callable[[str], str],
        trials: Callable[[Trial | None], None],
    ) -> None:
        self.suite = suite
        self.result = Result(suite)
        self._model = model
        self._settings = settings
        self._budget = budget
        self._strategy = strategy
        self._watcher = watcher
        self._clean = clean
        self._trials = trials
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

    def on_disk(self) -> dict[EvolvingFile, Revision]:
        """Revision 0 of each file."""
        return {file: file.revisions[0] for file in self.suite.files}

    def _evolve(self) -> None:
        self._watcher.waiting(self.suite, 0, "baseline")
        current = {file: file.current for file in self.suite.files}
        baseline = self._trial(current, Profile.DISK, self.suite.tests)
        self._watcher.baseline(self.result, baseline)
        self._refuse_untested(baseline)
        if baseline.green and not self._settings.again:
            self.result.end = "green"
            return
        asked = self._asked(baseline)
        start = {file: revision.text for file, revision in current.items()}
        unwritten = texts_with({handle.path: UNWRITTEN for handle in asked}, asked, start)
        self._check_context(unwritten)
        self._check_panics()
        shown = unwritten if self._settings.start == "scratch" else start
        task = self._task(asked, shown, baseline)
        if self._settings.show_prompt:
            self._watcher.prompted(self.result, render_first(task))
            self.result.end = "shown"
            return
        self._rounds(task, asked, start)

    def _rounds(self, task: Task, asked: Sequence[Handle], start: Mapping[EvolvingFile, str]) -> None:
        for number in range(1, self._settings.rounds + 1):
            room = self._budget.answer_tokens()
            if not room:
                self.result.end = "lost"
                self.result.message = (
                    f"the session's {self._settings.max_tokens:,} generated tokens are used up; allow more with "
                    "--evolve-max-tokens"
                )
                return
            attempt = self._attempt(number, self._ask(task, number, room), asked, start)
            self.result.attempts.append(attempt)
            self._watcher.attempted(self.result, attempt)
            if self.result.winners:
                self.result.end = "won"
                return
        self.result.end = "lost"
        self.result.message = (
            f"no body passed in {self._settings.rounds} rounds; allow more with --evolve-rounds"
        )

    def _ask(self, task: Task, number: int, room: int) -> Answer:
        proposal = self._strategy.propose(self.result.attempts)
        messages = render_next(task, proposal.quoted, self._files_of)
        cleaned = tuple(replace(message, content=self._clean(message.content)) for message in messages)
        self._watcher.prompted(self.result, cleaned)
        self._watcher.waiting(self.suite, number, "the model")
        request = Request(
            cleaned,
            Position(self.suite.name, number),
            max_tokens=room,
            temperature=round(proposal.temperature, 2),
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
        )
        candidate = take_candidate(answer.text, asked)
        if isinstance(candidate, str):
            cut = " (the answer was cut off at its token limit)" if answer.finish == "length" else ""
            return replace(attempt, problem=f"{candidate}{cut}")
        attempt = replace(attempt, candidate=candidate)
        bodies = {**candidate.bodies}
        fingerprint = tuple("".join(bodies[path].split()) for path in sorted(bodies))
        if fingerprint in self._seen:
            return replace(
                attempt, problem="this is the same body as in an earlier round; it was not tried again"
            )
        self._seen.add(fingerprint)
        texts = texts_with(bodies, asked, start)
        revisions = {file: file.add(text) for file, text in texts.items()}
        self._texts[number] = texts
        numbers = [revision.number for revision in revisions.values()]
        attempt = replace(attempt, revision=max(numbers))
        verdict = self._judge(revisions, number)
        if verdict.green:
            final = accepted(self.result, asked, start, texts, self._clean_trial(number))
            verdict = final if final is not None else verdict
        return replace(attempt, verdict=verdict)

    def _judge(self, revisions: Mapping[EvolvingFile, Revision], number: int) -> Verdict:
        """The cascade: build, the tests that the model knows, then the hold-outs."""
        self._watcher.waiting(self.suite, number, "rustc")
        if failure := self._build(revisions, Profile.TRIAL):
            return failure
        self._watcher.waiting(self.suite, number, "the tests")
        shown = [bound for bound in self.suite.tests if not bound.holdout]
        hidden = [bound for bound in self.suite.tests if bound.holdout]
        verdict = self._trial(revisions, Profile.TRIAL, shown)
        if hidden and (verdict.green or not shown):
            verdict = _joined(verdict, self._trial(revisions, Profile.TRIAL, hidden))
        return verdict

    def _clean_trial(self, number: int) -> Callable[[Mapping[EvolvingFile, Revision]], Verdict]:
        """The trial that a winner must pass: of exactly the build that is promoted, hold-outs included."""

        def trial(revisions: Mapping[EvolvingFile, Revision]) -> Verdict:
            self._watcher.waiting(self.suite, number, "the optimised build")
            return self._build(revisions, Profile.PROMOTION) or self._trial(
                revisions, Profile.PROMOTION, self.suite.tests
            )

        return trial

    def _build(self, revisions: Mapping[EvolvingFile, Revision], profile: Profile) -> Verdict | None:
        """Build every file; the verdict of a failure, or None."""
        for file, revision in revisions.items():
            build = file.build(revision, profile)
            self.result.build_seconds += build.seconds
            if isinstance(build, BuildFailure):
                untested = tuple(Outcome(bound.item.nodeid, "not run", weight=bound.weight, holdout=bound.holdout)
                                 for bound in self.suite.tests)  # fmt: skip
                return Verdict(untested, compile_error=build.text, build_seconds=build.seconds)
        return None

    def _trial(
        self, revisions: Mapping[EvolvingFile, Revision], profile: Profile, tests: Sequence[Bound]
    ) -> Verdict:
        if failure := self._build(revisions, profile):
            return failure
        first = self.suite.files[0]
        route = RemoteRoute(
            first.workbench.builder.native.worker,
            lambda handle, wanted: handle.file.build(revisions[handle.file], wanted),
            profile,
            timeout=self._settings.timeout,
            output=forward_output,
        )
        trial = Trial(self.suite, route, revisions)
        self._trials(trial)
        try:
            verdict = trial.run(tests)
        finally:
            self._trials(None)
            route.close()
        self.result.test_seconds += verdict.test_seconds
        return verdict

    def _asked(self, baseline: Verdict) -> tuple[Handle, ...]:
        """The targets whose tests are red; all of them where nothing is."""
        red = [outcome.nodeid for outcome in baseline.outcomes if not outcome.green]
        return self.suite.bound_to(red) or self.suite.handles

    def _task(self, asked: Sequence[Handle], shown: Mapping[EvolvingFile, str], baseline: Verdict) -> Task:
        visible = [bound for bound in self.suite.tests if not bound.holdout]
        outcomes = baseline.outcomes
        hints = [*(bound.prompt for bound in visible if bound.prompt)]
        if baseline.compile_error:
            hints.append(f"The body on disk does not compile:\n{baseline.compile_error}")
        return Task(
            targets=tuple(handle.target for handle in asked),
            files={file.source.path.name: text for file, text in shown.items()},
            tests=test_source([bound.item for bound in self.suite.tests]),
            baseline=tuple(outcome for outcome in outcomes if not outcome.holdout),
            hints=tuple(dict.fromkeys(hints)),
        )

    def _files_of(self, attempt: Attempt) -> dict[str, str]:
        texts = self._texts.get(attempt.round, {})
        return {file.source.path.name: text for file, text in texts.items()}

    def _refuse_untested(self, baseline: Verdict) -> None:
        """A suite that never calls its targets proves nothing about them."""
        ran = [outcome for outcome in baseline.outcomes if outcome.status not in {"skipped", "not run"}]
        if not ran or any(outcome.calls for outcome in ran):
            return
        names = " or ".join(f"`{handle.plan.name}`" for handle in self.suite.handles)
        for outcome in ran:
            if outcome.failure is not None and outcome.failure.phase == "setup":
                raise SymbiontError(
                    f"{outcome.nodeid} fails in a fixture before it calls {names}, which no body can mend: "
                    f"{_first_line(outcome.failure.kind, outcome.failure.message)}; repair the fixture"
                )
        red = next((outcome for outcome in ran if not outcome.green), None)
        if red is not None:
            told = describe(red, {}).strip()
            raise SymbiontError(
                f"no test calls {names}, and one fails for another reason, which no body can mend:\n{told}"
            )
        raise SymbiontError(
            f"no test of the suite calls {names}: it stays green whatever the body is; test the function"
        )

    def _check_panics(self) -> None:
        """A suite that stays green when every call panics does not test the target."""
        trial = Trial(self.suite, PanickingRoute(), self.on_disk())
        self._trials(trial)
        try:
            verdict = trial.run(self.suite.tests, stop_at_first_red=True)
        finally:
            self._trials(None)
        if verdict.green:
            names = " or ".join(f"`{handle.plan.name}`" for handle in self.suite.handles)
            raise SymbiontError(
                f"the suite stays green when {names} panics, so any body would do; assert on what it returns or changes"
            )

    def _check_context(self, unwritten: Mapping[EvolvingFile, str]) -> None:
        """What surrounds the bodies must compile, and with what candidates may use, before tokens are spent."""
        for file, text in unwritten.items():
            bare = replace(file.revisions[0], text=text)
            failure = file.build(bare, Profile.TRIAL)
            if not isinstance(failure, BuildFailure):
                continue
            name = file.source.path.name
            if isinstance(file.build(bare, Profile.DISK), BuildFailure):
                raise SymbiontError(
                    f"{name} does not compile outside of the bodies to evolve; mend it first:\n{failure.text}"
                )
            raise SymbiontError(
                f"{name} compiles by itself, but not with the safe part of std that candidates are given "
                f"(docs/facade.md); move what needs more into another file:\n{failure.text}"
            )


def _joined(shown: Verdict, hidden: Verdict) -> Verdict:
    return replace(
        hidden,
        outcomes=shown.outcomes + hidden.outcomes,
        test_seconds=shown.test_seconds + hidden.test_seconds,
    )


def _first_line(kind: str, message: str) -> str:
    lines = message.strip().splitlines() or [""]
    return f"{kind}: {lines[0]}"
