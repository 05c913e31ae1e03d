"""Evolution inside one process of pytest: suites in, results out."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import pytest

from pytest_symbiont.bridge.worker import probe
from pytest_symbiont.build import isolation
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution import set_up
from pytest_symbiont.evolution.check import is_current
from pytest_symbiont.evolution.failure import ENVIRON
from pytest_symbiont.evolution.grounds import grounds
from pytest_symbiont.evolution.judge import Judge
from pytest_symbiont.evolution.loop import Loop
from pytest_symbiont.evolution.marker import bind
from pytest_symbiont.evolution.measured import MeasuredSuite
from pytest_symbiont.evolution.memory import Memory, premises
from pytest_symbiont.evolution.provenance import Author, Subject
from pytest_symbiont.evolution.python_source import Modules
from pytest_symbiont.evolution.reach import reachable, untested
from pytest_symbiont.evolution.record import Record
from pytest_symbiont.evolution.result import Result
from pytest_symbiont.evolution.search import Search
from pytest_symbiont.evolution.set_up import FailedFixtures
from pytest_symbiont.evolution.suite import form
from pytest_symbiont.evolution.tools.offer import OURS, Offer
from pytest_symbiont.evolution.tools.own import OwnTool, own_tools
from pytest_symbiont.evolution.watcher import Watcher, Watchers
from pytest_symbiont.models.environment import environment
from pytest_symbiont.models.redact import redact
from pytest_symbiont.report.chronicle import Chronicle, described, installed
from pytest_symbiont.report.junit import properties_of
from pytest_symbiont.report.measuring import paused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pytest_symbiont.bridge.registry import Registry
    from pytest_symbiont.evolution.budget import Spending
    from pytest_symbiont.evolution.marker import Bound
    from pytest_symbiont.evolution.measured import Recalled
    from pytest_symbiont.evolution.reach import Reachable
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.evolution.trial import Trial
    from pytest_symbiont.models.asker import Asker
    from pytest_symbiont.models.values import Model
    from pytest_symbiont.report.events import Events, Session
    from pytest_symbiont.settings import Settings
    from pytest_symbiont.source.values import Target


class Screen(Watcher, Protocol):
    """The watcher that people see."""

    def live(self) -> AbstractContextManager[None]:
        """While a suite evolves."""
        ...


class EvolutionSession(ABC):
    """Holds what lasts as long as the session: suites, results, workers of the logged run.

    Who is asked and what is spent, and what becomes of the results, differs between a process of its own and
    one of many.
    """

    def __init__(self, config: pytest.Config, settings: Settings, registry: Registry, screen: Screen) -> None:
        self.config = config
        self.settings = settings
        self.registry = registry
        self.trial: Trial | None = None
        self.failed = FailedFixtures()
        self.suites: tuple[Suite, ...] = ()
        self._bound: dict[pytest.Item, tuple[Suite, Bound]] = {}
        self.results: dict[Suite, Result] = {}
        self.visited: set[Path] = set()  # the files of tests that were collected
        self._record = Record(registry, settings.timeout)
        self.layers: tuple[str, ...] = ()
        self.environ = config.stash[ENVIRON] = environment(os.environ, config.rootpath)
        self.screen = screen
        self.chronicle = Chronicle(self._described, self.tell)
        self.watchers = Watchers(screen, self.chronicle)
        self._modules = Modules(config.rootpath)
        self._own_tools: dict[Suite, tuple[OwnTool, ...]] = {}
        try:
            registry.workbench.isolation = isolation.Isolation.of(settings.isolation)
            registry.workbench.elsewhere = self._record.elsewhere
            registry.workbench.allow = settings.allow
            registry.workbench.counting = settings.coverage
        except SymbiontError as error:
            raise pytest.UsageError(str(error)) from None

    def collected(self, items: Sequence[pytest.Item], left_out: Sequence[pytest.Item]) -> None:
        """Form suites of the tests that will run; ``left_out`` were deselected. Says early what lacks."""
        bound = [found for item in items if (found := bind(item, self.registry))]
        missing = [found for item in left_out if (found := bind(item, self.registry))]
        self.suites = form(bound, missing, self.config.rootpath)
        self._bound = {bound.item: (suite, bound) for suite in self.suites for bound in suite.tests}
        if self.suites:
            self.choose()
            try:
                _ = self._search
                self._own_tools = {suite: self._find_tools(suite) for suite in self.suites}
                self._isolate()
            except SymbiontError as error:
                raise pytest.UsageError(str(error)) from None

    def _isolate(self) -> None:
        """Find out which layers hold here, and let no call into this process where that was asked for."""
        workbench = self.registry.workbench
        wanted = workbench.isolation
        for member in (file.member for file in self.registry.files.values()):
            if member:
                member.crate.prepare()
        self.layers = probe(workbench.builder.native.worker, wanted.layers)
        wanted.check(self.layers)
        if wanted.strict and workbench.toolchain.is_script:
            raise SymbiontError(
                f"--evolve-isolation=strict: {workbench.toolchain.rustc} is a script, and what it starts "
                "cannot be confined; set RUSTC to the compiler itself"
            )
        if wanted.strict:
            self._record.keep_all_out(suite.handles for suite in self.suites)

    def before(self, item: pytest.Item) -> None:
        """Evolve the item's suite, where the item is the first of it to run.

        A test that is bound to nothing (a doctest, say) may call what its file declares all the same: it
        comes after the suites of its file, or it would be red of a body that is about to be replaced.
        """
        if item not in self._bound:
            for suite in self._waiting_in(item.path):
                self.settle(suite)
                set_up.leave(item.session, item)
            return
        suite, bound = self._bound[item]
        self.settle(suite)
        self._record.before(bound)
        known = dict(item.user_properties)
        found = properties_of(bound, self.results[suite])
        item.user_properties.extend(each for each in found if each[0] not in known)

    def _waiting_in(self, path: Path) -> list[Suite]:
        """The suites with a test in this file that have not evolved yet."""
        waiting = (suite for suite in self.suites if suite not in self.results)
        return [suite for suite in waiting if any(item.path == path for item in suite.items)]

    @abstractmethod
    def choose(self) -> None:
        """Find the models that will be asked, now that suites are known. Raises `pytest.UsageError`."""

    @abstractmethod
    def settle(self, suite: Suite) -> None:
        """See to it that the suite has a result."""

    @abstractmethod
    def open(self, asker: Asker, tick: Callable[[], None]) -> Sequence[Model]:
        """The models, ready to be asked. Raises `ModelError` or `SymbiontError`."""

    @abstractmethod
    def recall(self, suite: str) -> Recalled:
        """What was noted beside a suite's answers in an earlier session."""

    @abstractmethod
    def note(self, suite: str, line: bytes, *, recorded: bool) -> None:
        """Note something beside the answers of this one."""

    @abstractmethod
    def tell(self, event: Events) -> None:
        """Something happened that a trace has."""

    @abstractmethod
    def logged(self, report: pytest.TestReport) -> None:
        """A test's report of the logged run."""

    @abstractmethod
    def finish(self, session: pytest.Session) -> None:
        """The tests are over."""

    @property
    @abstractmethod
    def labels(self) -> Sequence[str]:
        """The names of the models, for people."""

    def evolve(self, suite: Suite, budget: Spending) -> Loop:
        """Evolve a suite to its end; what its tests reach afterwards is its winner, if there is one."""
        result = self.results[suite] = Result(
            suite, premises=self._winners_in(suite), subjects=self.subjects(suite)
        )
        judge = self.judge(result)
        measured = MeasuredSuite(suite.name, self, self._search.past)
        loop = Loop(
            result, judge, self.open, self.settings,
            budget, self._search.strategy, measured, self.watchers,
            clean=self._clean, sections=self._sections, hints=self._search.hints,
            offer=lambda shown: Offer(
                self._own_tools[suite], ours=self.settings.tools == "all", judge=judge, suite=shown,
                clean=self._clean,
            ),
            memory=self._memory,
        )  # fmt: skip
        if self.settings.only_stale and is_current(result.subjects, partial=bool(suite.missing)):
            result.end = "current"
            self.watchers.ended(result)
            return loop
        with self.screen.live(), paused():
            loop.run()
        if result.winning is not None:
            result.author = self.author(result.winning.model, result.rounds, result.generated_tokens)
        if not measured.replays:
            self._search.learned(loop.strategy)
        self.conclude(result)
        return loop

    def judge(self, result: Result) -> Judge:
        """Who tries bodies for this result."""
        return Judge(
            result, timeout=self.settings.timeout, trials=self._set_trial, failed=self.failed,
            waiting=lambda what: self.watchers.waiting(result, what), counting=self.settings.coverage,
        )  # fmt: skip

    def subjects(self, suite: Suite) -> tuple[Subject, ...]:
        """The suite's targets, with what the tests reach that are bound to each."""
        return tuple(
            Subject.of(
                handle.file.source.path,
                handle.path,
                grounds([bound.item for bound in suite.tests if handle in bound.handles], self._modules),
            )
            for handle in suite.handles
        )

    def author(self, model: str, rounds: int, tokens: int) -> Author:
        """Who wrote a body, with the tools of this session."""
        return Author(model, rounds, tokens, installed(), self.registry.workbench.toolchain.release)

    def conclude(self, result: Result) -> None:
        """Let the suite's tests reach the winner, or keep what lost out of this process."""
        if result.end == "won":
            self._record.promote(result)
        elif result.end not in {"green", "current", "proven", "adopted"}:
            self._record.keep_out(result.suite.handles)

    def keep_out(self, suite: Suite) -> None:
        """Let nothing of the suite be called in this process."""
        self._record.keep_out(suite.handles)

    def forget_suites(self) -> None:
        """Evolve nothing."""
        self.suites = ()
        self._bound.clear()

    def close(self) -> None:
        """End the workers of the logged run, and look at what it never reached."""
        self._record.close()
        if "_search" in self.__dict__:
            self._search.save()
        if self.settings.coverage:
            self.reached({suite: reachable(suite, result.winners) for suite, result in self.results.items()})

    def reached(self, found: Mapping[Suite, tuple[Reachable, ...]]) -> None:
        """Keep what the run for the record reached of winners, for the summary."""
        for suite, each in found.items():
            self.results[suite].untested = untested(each)

    @cached_property
    def _search(self) -> Search:
        return Search(self.config, self.settings)

    def _find_tools(self, suite: Suite) -> tuple[OwnTool, ...]:
        if self.settings.tools == "off":
            return ()
        taken = OURS if self.settings.tools == "all" else ()
        return own_tools(suite.items, self.settings.tool_timeout, taken)

    def _clean(self, text: str) -> str:
        return redact(text, self.environ)

    def _described(self) -> Session:
        return described(self.settings, self.registry.workbench.toolchain.release, self.labels)

    def _memory(self, suite: Suite, texts: Iterable[str]) -> Memory:
        rustc = self.registry.workbench.toolchain.release
        return Memory(suite.name, premises(suite, texts, self.settings, self.config.rootpath, rustc), self)

    def _winners_in(self, suite: Suite) -> tuple[Result, ...]:
        """What was won before in the suite's files, and is part of the text that it starts from."""
        files = set(suite.files)
        return tuple(result for result in self.results.values() if files.intersection(result.winners))

    def made_report(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        """Keep a trial's failures, and show what Rust printed in the logged run."""
        if self.trial is not None:
            self.trial.made_report(item, call, report)
        else:
            self._record.made_report(report)

    @property
    def isolation(self) -> str:
        """What keeps candidates from everything else, in words."""
        workbench = self.registry.workbench
        confined = not workbench.toolchain.is_script
        packages = sorted({file.crate.name for file in self.registry.files.values() if file.crate})
        return isolation.described(workbench.isolation, self.layers, confined=confined, packages=packages)

    def _sections(self, targets: Sequence[Target]) -> list[str]:
        found: list[str | None] = self.config.hook.pytest_symbiont_prompt_section(targets=targets)
        return [section for section in found if section]

    def _set_trial(self, trial: Trial | None) -> None:
        self.trial = trial
