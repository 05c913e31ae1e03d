"""How a session ends: winners are written, the trace is closed, and pytest is told where a suite was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.writing import Writing
from pytest_symbiont.report.events import Written
from pytest_symbiont.report.html.page import Page
from pytest_symbiont.report.junit import JUnit
from pytest_symbiont.report.reports import Reports
from pytest_symbiont.report.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.report.events import Events
    from pytest_symbiont.report.terminal import Terminal
    from pytest_symbiont.settings import Settings

# How a test ended, from the best to the worst.
_ORDER = ("passed", "skipped", "failed")


class Ending:
    """Takes in what is logged and traced, and makes the end of it, once a session.

    Raises `pytest.UsageError` where the trace, the page or the report cannot be written.
    """

    def __init__(self, config: pytest.Config, settings: Settings, terminal: Terminal) -> None:
        self._writing = Writing(config, settings, terminal)
        self._terminal = terminal
        self._logged: dict[str, str] = {}
        self.junit = JUnit(config)
        self._reports = Reports(config, settings, terminal)
        try:
            self._trace = Trace(config.invocation_params.dir / settings.trace) if settings.trace else None
            self._page = Page(config.invocation_params.dir / settings.html) if settings.html else None
        except SymbiontError as error:
            raise pytest.UsageError(str(error)) from None

    def tell(self, event: Events) -> None:
        """Write an event down, where there is a trace, and keep it for the page."""
        if self._trace is not None:
            self._trace.write(event)
        if self._page is not None:
            self._page.events.append(event)

    def logged(self, nodeid: str, report: pytest.TestReport) -> None:
        """Remember how the logged run of a test ended: the worst of its phases.

        Plugins log outcomes of their own (``rerun``); what such a test comes to in the end is logged too.
        """
        self.junit.logged(nodeid, report)
        if report.outcome in _ORDER:
            known = self._logged.get(nodeid, "passed")
            self._logged[nodeid] = max(known, report.outcome, key=_ORDER.index)

    def finish(
        self,
        session: pytest.Session,
        results: Sequence[Result],
        drop: Mapping[Path, Collection[str]] | None = None,
    ) -> None:
        """Write what was won, and make the session fail where a suite did. ``drop`` are entries of locks."""
        self._writing.write(results, self._logged, drop)
        self.junit.written(results)
        for result in results:
            if result.written:
                self.tell(Written(result.suite.name, result.written, result.kept_back))
        if self._trace is not None:
            self._trace.close()
        if self._page is not None:
            try:
                self._page.write()
            except SymbiontError as error:
                self._terminal.warn(str(error))
        if session.exitstatus == pytest.ExitCode.OK and (
            self._terminal.failed or any(result.failed for result in results)
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        self._reports.write(session, results, self._logged)
