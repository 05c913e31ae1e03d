"""The loop: baseline, then rounds of prompt, answer, build and trial until a suite is green."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.candidate import UNWRITTEN, texts_with
from pytest_symbiont.evolution.championship import Championship
from pytest_symbiont.evolution.prompt import Task, render_first
from pytest_symbiont.evolution.questions import Questions
from pytest_symbiont.evolution.refusals import (
    refuse_context,
    refuse_indifferent,
    refuse_namesakes,
    refuse_uncalled,
    refuse_unjudged,
    refuse_unmeasured,
)
from pytest_symbiont.evolution.rounds import Rounds
from pytest_symbiont.evolution.stage import Stage
from pytest_symbiont.evolution.steps import Steps
from pytest_symbiont.evolution.test_source import test_source
from pytest_symbiont.evolution.trying import Trying
from pytest_symbiont.evolution.values import Attempt
from pytest_symbiont.models.values import ModelError
from pytest_symbiont.source.allowance import told
from pytest_symbiont.source.values import Candidate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.evolution.budget import Spending
    from pytest_symbiont.evolution.judge import Judge
    from pytest_symbiont.evolution.measured import MeasuredSuite
    from pytest_symbiont.evolution.memory import Memory
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.strategies.payoff import Key, Tally
    from pytest_symbiont.evolution.strategies.protocol import Strategy
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.evolution.tools.offer import Offer
    from pytest_symbiont.evolution.values import Verdict
    from pytest_symbiont.evolution.watcher import Watcher
    from pytest_symbiont.models.asker import Asker
    from pytest_symbiont.models.values import Model
    from pytest_symbiont.settings import Settings
    from pytest_symbiont.source.values import Target


class Loop:
    """Evolves one suite; ``result`` grows as it goes.

    ``models`` opens the models that are asked, ``strategy`` makes the one for this suite, ``clean`` takes
    secrets out of a prompt before it leaves, ``sections`` is what other plugins add to it, and ``hints`` are
    their ways to go; ``offer`` gives the tools that models may call about a suite, ``memory`` finds what
    earlier sessions tried of bodies in these files.
    ``cannot_ask`` says that it ended because no model can be asked.
    """

    def __init__(
        self,
        result: Result,
        judge: Judge,
        models: Callable[[Asker, Callable[[], None]], Sequence[Model]],
        settings: Settings,
        budget: Spending,
        strategy: Callable[[Mapping[Key, Tally]], Strategy],
        measured: MeasuredSuite,
        watcher: Watcher,
        *,
        clean: Callable[[str], str],
        sections: Callable[[Sequence[Target]], Sequence[str]],
        hints: Callable[[Sequence[Target]], Sequence[str]],
        offer: Callable[[Suite], Offer],
        memory: Callable[[Suite, Iterable[str]], Memory],
    ) -> None:
        self.result = result
        self._judge = judge
        self._models = models
        self._settings = settings
        self._budget = budget
        self._make = strategy
        self.strategy: Strategy | None = None
        self._watcher = watcher
        self._clean = clean
        self._sections = sections
        self._hints = hints
        self._offer = offer
        self._memory = memory
        self._measured = measured
        self.cannot_ask = False

    def run(self) -> Result:
        """Evolve; the result says how it ended. A mistake of the user's is a ``refused`` with its message."""
        try:
            self._evolve()
        except (SymbiontError, ModelError) as error:
            self.result.end = "lost" if self.result.attempts else "refused"
            self.result.message = str(error)
            self.cannot_ask = isinstance(error, ModelError)
        finally:
            self._budget.end()
        self._watcher.ended(self.result)
        return self.result

    def _evolve(self) -> None:
        self._measured.load()
        if self._settings.step:
            Steps(
                self.result, self._judge, self._measured, self._watcher, self._stage,
                scratch=self._settings.start == "scratch",
            ).run()  # fmt: skip
            return
        suite = self.result.suite
        current = {file: file.current for file in suite.files}
        texts = [revision.text for revision in current.values()]
        with self._judge.replaying(self._measured.of_baseline(texts)) as reports:
            baseline = self._judge.baseline(current)
        self._watcher.baseline(self.result, baseline)
        self._stage(Stage(suite, current, baseline, reports))

    def _stage(self, stage: Stage) -> None:
        """Evolve what a stage has, until it is won or the budget is gone."""
        suite, baseline, start = stage.suite, stage.baseline, stage.texts
        refuse_uncalled(suite, baseline)
        improve = self._settings.improve if baseline.green else 0
        if not baseline.red and not (self._settings.again or self._settings.only_stale) and not improve:
            self.result.end = "green"
            return
        if improve:
            refuse_unmeasured(baseline)
        refuse_unjudged(baseline)
        asked = _asked(suite, baseline)
        refuse_namesakes(asked)
        unwritten = texts_with({handle.path: UNWRITTEN for handle in asked}, asked, start)
        refuse_context(unwritten)
        if not stage.step:
            refuse_indifferent(suite, self._judge.panicking(stage.current))
        offer = self._offer(suite)
        # Steps from scratch have begun there already, and go on from what the one before has won.
        scratch = self._settings.start == "scratch" and not self._settings.step
        task = self._task(stage, asked, unwritten if scratch else start, offer)
        if self._settings.show_prompt:
            messages = [replace(each, content=self._clean(each.content)) for each in render_first(task)]
            self._watcher.prompted(self.result, messages)
            self.result.end = "shown"
            return
        self._measured.keep_baseline(list(start.values()), stage.reports)
        trying = Trying(
            self.result, asked, start, self._judge, self._settings,
            memory=self._memory(suite, unwritten.values()),
        )  # fmt: skip
        questions = Questions(
            self.result, task, asked, models=self._models, settings=self._settings, budget=self._budget,
            watcher=self._watcher, clean=self._clean, offer=offer, texts_of=trying.texts_of,
        )  # fmt: skip
        self.strategy = self._make(self._measured.past)
        championship = Championship(
            self.result, self._judge, self._watcher, rounds=self.result.rounds + self._settings.rounds,
            improve=self._settings.improve, champion=_on_disk(asked, baseline) if improve else None,
            step=stage.step, doubts=suite is self.result.suite,
        )  # fmt: skip
        Rounds(
            self.result, baseline=baseline, questions=questions, trying=trying, judge=self._judge,
            championship=championship, measured=self._measured, strategy=self.strategy,
            settings=self._settings, hints=self._hints(task.targets), watcher=self._watcher,
        ).run()  # fmt: skip
        self._measured.learned(self.strategy)

    def _task(
        self, stage: Stage, asked: Sequence[Handle], shown: Mapping[EvolvingFile, str], offer: Offer
    ) -> Task:
        baseline = stage.baseline
        hints = [bound.prompt for bound in stage.suite.tests if bound.prompt and not bound.holdout]
        if allowed := told(self._settings.allow):
            hints.append(allowed)
        if baseline.compile_error:
            hints.append(f"The body on disk does not compile:\n{baseline.compile_error}")
        targets = tuple(handle.target for handle in asked)
        file = next((file for file in shown if file.crate), next(iter(shown)))
        hints += self._sections(targets)
        return Task(
            targets=targets,
            files={file.name: text for file, text in shown.items()},
            tests=test_source(stage.suite.items),
            baseline=tuple(outcome for outcome in baseline.outcomes if not outcome.holdout),
            hints=tuple(dict.fromkeys(hints)),
            tools=offer.names,
            improve=baseline.green and self._settings.improve > 0,
            step=stage.step,
            edition=file.edition,
            dependencies=file.crate.dependencies if file.crate else None,
        )


def _asked(suite: Suite, baseline: Verdict) -> tuple[Handle, ...]:
    """The targets whose tests are red; all of them where nothing is."""
    red = [outcome.nodeid for outcome in baseline.outcomes if not outcome.green]
    return suite.bound_to(red) or suite.handles


def _on_disk(asked: Sequence[Handle], baseline: Verdict) -> Attempt:
    """What is on disk, as the attempt that others have to better."""
    bodies = {handle.path: handle.function.body for handle in asked}
    return Attempt(0, "", Candidate(bodies), verdict=baseline)
