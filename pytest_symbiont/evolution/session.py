"""Evolution inside one pytest session: suites in, results out, files written at the end."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.bridge.worker import probe
from pytest_symbiont.build.isolation import Isolation
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.budget import Budget
from pytest_symbiont.evolution.failure import ENVIRON
from pytest_symbiont.evolution.judge import Judge
from pytest_symbiont.evolution.loop import Loop
from pytest_symbiont.evolution.marker import bind
from pytest_symbiont.evolution.record import Record
from pytest_symbiont.evolution.result import Result
from pytest_symbiont.evolution.set_up import FailedFixtures
from pytest_symbiont.evolution.strategy import Repair
from pytest_symbiont.evolution.suite import form
from pytest_symbiont.evolution.tools.offer import OURS, Offer
from pytest_symbiont.evolution.tools.own import OwnTool, own_tools
from pytest_symbiont.evolution.watcher import Watchers
from pytest_symbiont.evolution.writing import Writing
from pytest_symbiont.models.environment import environment
from pytest_symbiont.models.gate import choose
from pytest_symbiont.models.local import find_server
from pytest_symbiont.models.pool import Pool, refuse_unpriced
from pytest_symbiont.models.recording import Recordings, file_name
from pytest_symbiont.models.redact import redact
from pytest_symbiont.report.chronicle import Chronicle, described
from pytest_symbiont.report.measuring import Measuring
from pytest_symbiont.report.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pytest_symbiont.bridge.registry import Registry
    from pytest_symbiont.evolution.marker import Bound
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.evolution.trial import Trial
    from pytest_symbiont.models.asker import Asker
    from pytest_symbiont.models.gate import ModelChoice
    from pytest_symbiont.models.values import Model
    from pytest_symbiont.report.events import Events, Session
    from pytest_symbiont.report.terminal import Terminal
    from pytest_symbiont.settings import Settings
    from pytest_symbiont.source.values import Target

RECORDINGS = "__answers__"


class EvolutionSession:
    """Holds what lasts as long as the session: suites, model, budget, results."""

    def __init__(
        self, config: pytest.Config, settings: Settings, registry: Registry, terminal: Terminal
    ) -> None:
        self.config = config
        self.settings = settings
        self.registry = registry
        self.terminal = terminal
        self.trial: Trial | None = None
        self.failed = FailedFixtures()
        self.suites: tuple[Suite, ...] = ()
        self._bound: dict[pytest.Item, tuple[Suite, Bound]] = {}
        self.results: dict[Suite, Result] = {}
        self._logged: dict[str, str] = {}
        self._record = Record(registry, settings.timeout)
        self.layers: tuple[str, ...] = ()
        self._environ = config.stash[ENVIRON] = environment(os.environ, config.rootpath)
        self._budget = Budget(settings)
        self._writing = Writing(config, settings, terminal)
        self._chronicle = Chronicle(self._described, self._tell)
        self._watchers = Watchers(terminal, self._chronicle)
        self._own_tools: dict[Suite, tuple[OwnTool, ...]] = {}
        try:
            registry.workbench.isolation = Isolation.of(settings.isolation)
            registry.workbench.allow = settings.allow
            self._trace = Trace(config.invocation_params.dir / settings.trace) if settings.trace else None
        except SymbiontError as error:
            raise pytest.UsageError(str(error)) from None

    def collected(self, items: Sequence[pytest.Item], left_out: Sequence[pytest.Item]) -> None:
        """Form suites of the tests that will run; ``left_out`` were deselected. Says early what lacks."""
        bound = [found for item in items if (found := bind(item, self.registry))]
        missing = [found for item in left_out if (found := bind(item, self.registry))]
        self.suites = form(bound, missing, self.config.rootpath)
        self._bound = {bound.item: (suite, bound) for suite in self.suites for bound in suite.tests}
        if self.suites:
            if not self.settings.show_prompt:
                _ = self.choices
            try:
                self._own_tools = {suite: self._find_tools(suite) for suite in self.suites}
                self._isolate()
            except SymbiontError as error:
                raise pytest.UsageError(str(error)) from None

    def _isolate(self) -> None:
        """Find out which layers hold here, and let no call into this process where that was asked for."""
        workbench = self.registry.workbench
        isolation = workbench.isolation
        self.layers = probe(workbench.builder.native.worker, isolation.layers)
        isolation.check(self.layers)
        if isolation.strict and workbench.toolchain.is_script:
            raise SymbiontError(
                f"--evolve-isolation=strict: {workbench.toolchain.rustc} is a script, and what it starts "
                "cannot be confined; set RUSTC to the compiler itself"
            )
        if isolation.strict:
            self._record.keep_all_out(suite.handles for suite in self.suites)

    def before(self, item: pytest.Item) -> None:
        """Evolve the item's suite, where the item is the first of it to run."""
        if item not in self._bound:
            return
        suite, bound = self._bound[item]
        if suite not in self.results:
            self._evolve(suite)
        self._record.before(bound)

    def _evolve(self, suite: Suite) -> None:
        result = self.results[suite] = Result(suite, premises=self._winners_in(suite))
        judge = Judge(
            result, timeout=self.settings.timeout, trials=self._set_trial, failed=self.failed,
            waiting=lambda what: self._watchers.waiting(result, what),
        )  # fmt: skip
        loop = Loop(
            result, judge, self._open, self.settings,
            self._budget.suite(), Repair(temperature=self.settings.temperature), self._watchers,
            clean=self._clean, sections=self._sections,
            offer=Offer(
                self._own_tools[suite], ours=self.settings.tools == "all", judge=judge, suite=suite,
                clean=self._clean,
            ),
        )  # fmt: skip
        with self.terminal.live(), Measuring(self.config.pluginmanager).paused():
            loop.run()
        if loop.cannot_ask and not self.replays:
            self._pool.fail(result.message)
        if result.end == "won":
            self._record.promote(result)
        elif result.end != "green":
            self._record.keep_out(suite.handles)

    def _find_tools(self, suite: Suite) -> tuple[OwnTool, ...]:
        if self.settings.tools == "off":
            return ()
        taken = OURS if self.settings.tools == "all" else ()
        return own_tools(suite.items, self.settings.tool_timeout, taken)

    def _clean(self, text: str) -> str:
        return redact(text, self._environ)

    def _described(self) -> Session:
        # Prompts are shown without a model to ask.
        labels = [] if self.settings.show_prompt else [choice.label for choice in self.choices]
        return described(self.settings, self.registry.workbench.toolchain.release, labels)

    def _tell(self, event: Events) -> None:
        if self._trace is not None:
            self._trace.write(event)

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

    def logged(self, report: pytest.TestReport) -> None:
        """Remember how the logged run of a test ended: the worst of its phases.

        Plugins log outcomes of their own (``rerun``); what such a test comes to in the end is logged too.
        """
        order = ("passed", "skipped", "failed")
        if report.outcome in order:
            known = self._logged.get(report.nodeid, "passed")
            self._logged[report.nodeid] = max(known, report.outcome, key=order.index)

    def finish(self, session: pytest.Session) -> None:
        """Write what was won, and make the session fail where a suite did."""
        self._record.close()
        if "_pool" in self.__dict__:
            self._pool.close()
        results = list(self.results.values())
        self._writing.write(results, self._logged)
        self._chronicle.finished(results)
        if self._trace is not None:
            self._trace.close()
        if session.exitstatus == pytest.ExitCode.OK and any(result.failed for result in results):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self.suites:
            self.registry.workbench.cache.evict()

    @cached_property
    def choices(self) -> tuple[ModelChoice, ...]:
        """The models, before anything is asked. Raises `pytest.UsageError` where there is none."""
        recorded = any((self._folder(suite.name) / file_name(suite.name)).is_file() for suite in self.suites)
        try:
            choices = choose(self.settings.models, self._environ, recorded, self._plugged)
            for choice in choices:
                if choice.kind == "local":
                    find_server()
                elif choice.kind != "replay" and choice.name:
                    refuse_unpriced(choice.name, self.settings)
        except SymbiontError as error:
            raise pytest.UsageError(str(error)) from None
        return choices

    @property
    def replays(self) -> bool:
        """Whether answers are recorded ones."""
        return any(choice.kind == "replay" for choice in self.choices)

    @cached_property
    def _pool(self) -> Pool:
        return Pool(
            self.choices, self.settings, self._environ, folder=self._kept(), warn=self.terminal.warn,
            recordings=Recordings(self._folder, self.settings.record),
        )  # fmt: skip

    def _open(self, asker: Asker, tick: Callable[[], None]) -> Sequence[Model]:
        return self._pool.open(asker, tick)

    def _plugged(self, name: str) -> Model | None:
        model: Model | None = self.config.hook.pytest_symbiont_model(name=name, settings=self.settings)
        return model

    def _sections(self, targets: Sequence[Target]) -> list[str]:
        found: list[str | None] = self.config.hook.pytest_symbiont_prompt_section(targets=targets)
        return [section for section in found if section]

    def _kept(self) -> Path:
        """The folder that keeps every answer: pytest's cache, or ours where that is off."""
        cache = getattr(self.config, "cache", None)
        if cache is not None:
            folder: Path = cache.mkdir("symbiont-answers")
            return folder
        folder = self.registry.workbench.cache.root.parent / "pytest-symbiont-answers"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _folder(self, name: str) -> Path:
        """Where a suite's recording lies: beside its first test."""
        suite = next(suite for suite in self.suites if suite.name == name)
        return suite.items[0].path.parent / RECORDINGS

    def _set_trial(self, trial: Trial | None) -> None:
        self.trial = trial
