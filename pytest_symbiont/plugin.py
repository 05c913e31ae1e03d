"""pytest's hooks, and nothing else: what is decided is decided in `evolution`.

Without ``--evolve`` only the marker, the options and two error messages are here; nothing heavy is imported
before a test declares an evolvable.
"""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont import current, settings
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from pytest_symbiont.evolution.metering import EvolveMetric
    from pytest_symbiont.evolution.session import EvolutionSession
    from pytest_symbiont.report.measuring import Measuring
    from pytest_symbiont.report.terminal import Terminal, Told

# What pytest leaves out of its tracebacks: the hooks that wrap its own.
__tracebackhide__ = True

_SCOPE = pytest.StashKey[current.Scope]()
_MARKER = (
    "evolve(*targets, holdout=False, weight=1.0, timeout=None, profile=None, prompt=None): the Rust "
    "functions that this test is for; pytest --evolve writes their bodies. Without targets, the evolvables "
    "that it calls."
)
_EVOLVING = ("--evolve", "--evolve-watch", "--evolve-step", "--evolve-again", "--evolve-only-stale",
             "--evolve-resume", "--evolve-show-prompt", "--evolve-check", "--evolve-adopt")  # fmt: skip
_REFUSED_WITH = {
    "usepdb": "--pdb", "trace": "--trace", "setupplan": "--setup-plan", "setuponly": "--setup-only",
    "looponfail": "--looponfail",
}  # fmt: skip


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    from pytest_symbiont import hookspecs  # noqa: PLC0415 - as everything but options

    pluginmanager.add_hookspecs(hookspecs)


def pytest_addoption(parser: pytest.Parser) -> None:
    settings.add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Where saves are watched, this process does nothing else; the runs are processes of their own.

    pytest-xdist's ``--looponfail`` takes over in this hook, so it is refused here.
    """
    _refuse(config)
    if not config.getoption("--evolve-watch") or "PYTEST_SYMBIONT_WATCHED" in os.environ:
        return None
    from pytest_symbiont.watch.kata import watch  # noqa: PLC0415 - dormant without it

    return watch(config)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Begin before conftest files are imported: what they declare belongs to this session."""
    _begin(early_config)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)
    if _SCOPE not in config.stash:  # a conftest file has brought us
        _begin(config)
    if config.getoption("--symbiont-cache-clear"):
        from pytest_symbiont.build.cache import open_cache  # noqa: PLC0415 - dormant without it

        try:
            open_cache(os.environ).clear()
        except SymbiontError as error:
            raise pytest.UsageError(str(error)) from None
    if config.getini("evolve_crates"):
        from pytest_symbiont.evolution.rust_items import marked  # noqa: PLC0415 - dormant without it

        config.stash[_SCOPE].registry.tested = marked(config)
    if not _evolves(config):
        return
    from pytest_symbiont.evolution.sessions import begin  # noqa: PLC0415 - dormant without --evolve

    try:
        begin(config, settings.read(config, os.environ), config.stash[_SCOPE].registry)
    except SymbiontError as error:
        raise pytest.UsageError(str(error)) from None


def _evolves(config: pytest.Config) -> bool:
    return any(config.getoption(verb) for verb in _EVOLVING) and not config.getoption("collectonly")


def _refuse(config: pytest.Config) -> None:
    """Raise `pytest.UsageError` for an option of pytest's that does not go with evolution."""
    for destination, flag in _REFUSED_WITH.items() if _evolves(config) else ():
        if config.getoption(destination, None):
            raise pytest.UsageError(f"{flag} does not go with --evolve yet; leave one of them out")


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Where coverage is measured, by pytest-cov or by ``coverage run``, lines of Rust are to be in it."""
    plugins = session.config.pluginmanager
    if not plugins.hasplugin("_cov") and "coverage" not in sys.modules:
        return
    from pytest_symbiont.report.measuring import Measuring  # noqa: PLC0415 - dormant without coverage

    measuring = Measuring(plugins)
    if measuring.on:
        session.config.stash[_SCOPE].count()
        plugins.register(CoveragePlugin(session.config.stash[_SCOPE], measuring), "symbiont-coverage")


def _begin(config: pytest.Config) -> None:
    scope = config.stash[_SCOPE] = current.enter()
    # Also where pytest ends before it is configured.
    config.add_cleanup(lambda: current.leave(scope))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A wrong declaration is one message, not a traceback through this package."""
    report = yield
    call = getattr(report, "call", None)
    if call is not None and call.excinfo is not None and isinstance(call.excinfo.value, SymbiontError):
        entries = [entry for entry in call.excinfo.traceback if entry.path == collector.path]
        where = f"{collector.nodeid}:{entries[-1].lineno + 1}" if entries else collector.nodeid
        report.longrepr = f"{where}: {call.excinfo.value}"
    return report


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The tests that packages have in Rust, where the project names such packages."""
    if file_path.suffix != ".rs" or not parent.config.getini("evolve_crates"):
        return None
    from pytest_symbiont.evolution.rust_items import collected  # noqa: PLC0415 - dormant without it

    return collected(file_path, parent)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Validate markers, with or without ``--evolve``."""
    if session.config.stash[_SCOPE].used and not session.config.pluginmanager.hasplugin("symbiont-evolution"):
        from pytest_symbiont.evolution.marker import bind  # noqa: PLC0415 - only where something was declared

        for item in session.items:
            bind(item, session.config.stash[_SCOPE].registry)


@pytest.fixture
def evolve_metric(request: pytest.FixtureRequest) -> EvolveMetric:
    """Report numbers that pytest --evolve makes better: evolve_metric.minimize("ns", value)."""
    from pytest_symbiont.evolution.metering import EvolveMetric  # noqa: PLC0415 - only where it is used

    return EvolveMetric(request.node)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Build before the first test: a first call that takes a second would break deadlines and durations."""
    scope = session.config.stash[_SCOPE]
    if scope.used and session.items and not session.config.getoption("collectonly"):
        scope.registry.prepare()
    return (yield)


class CoveragePlugin:
    """The hooks of a session that measures coverage."""

    def __init__(self, scope: current.Scope, measuring: Measuring) -> None:
        self._scope = scope
        self._measuring = measuring
        measuring.show()

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Add before pytest-cov, whose wrapper is further out, makes its reports."""
        result = yield
        if self._scope.used:
            self._measuring.add(self._scope.registry)
        return result

    def pytest_unconfigure(self) -> None:
        self._measuring.forget()


class EvolvePlugin:
    """The hooks of a session that evolves."""

    def __init__(self, session: EvolutionSession) -> None:
        self._session = session
        self._exists: dict[str, pytest.Item] = {}

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Remember every test that exists, before `::`, -k, --lf and others select."""
        report = yield
        if isinstance(collector, pytest.File):
            self._session.visited.add(collector.path)
        for node in report.result or ():
            if isinstance(node, pytest.Item):
                self._exists.setdefault(node.nodeid, node)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        selected = {item.nodeid for item in session.items}
        # By the id as it is now: pytest-xdist gives it another end where tests are grouped.
        left_out = [item for item in self._exists.values() if item.nodeid not in selected]
        self._session.collected(session.items, left_out)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Be the outermost wrapper of the protocol: of equals it is the last to come, and conftest files of
        folders came after this. Where prompts are to be shown, nothing runs but the baselines.
        """
        manager = session.config.pluginmanager
        manager.unregister(self)
        manager.register(self, "symbiont-evolution")
        if not self._session.settings.show_prompt:
            return None
        for suite in self._session.suites:
            self._session.before(suite.items[0])
        return True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Evolve before the first test of a suite is reported, outside of every other plugin's clock."""
        if self._session.trial is None:
            self._session.before(item)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Remember which fixtures failed: the next trial sets them up again; and a trial's `tmp_path`."""
        trial = self._session.trial
        try:
            with trial.setting_up(fixturedef) if trial is not None else nullcontext():
                value = yield
        except BaseException:
            self._session.failed.add(fixturedef, request)
            raise
        if trial is not None:
            trial.set_up(fixturedef, value)
        return value

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        self._session.made_report(item, call, report)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._session.logged(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self._session.finish(session)


class ToldPlugin:
    """Tells of a session what people see before and after the tests."""

    def __init__(self, session: Told, terminal: Terminal) -> None:
        self._session = session
        self._terminal = terminal

    def pytest_report_collectionfinish(self) -> list[str]:
        return self._terminal.header(self._session)

    def pytest_terminal_summary(self) -> None:
        self._terminal.summary(self._session)


class TrialProtocol:
    """During a trial, takes the place of the implementation that logs."""

    def __init__(self, session: EvolutionSession) -> None:
        self._session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        if self._session.trial is None:
            return None
        self._session.trial.protocol(item, nextitem)
        return True
