"""The hooks of pytest-xdist's controller and of its workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_symbiont.evolution.distributed.controller import Controller

if TYPE_CHECKING:
    from collections.abc import Generator

    from pytest_symbiont.report.terminal import Terminal
    from pytest_symbiont.settings import Settings

_AGAIN = "symbiont_runs_again"


def is_distributed(config: pytest.Config) -> bool:
    """Whether this process will hand the tests out to others."""
    return config.getoption("dist", "no") != "no" and bool(config.getoption("tx", None))


class ControllerPlugin:
    """The hooks of the process that hands tests out."""

    def __init__(self, config: pytest.Config, settings: Settings, terminal: Terminal) -> None:
        self._config = config
        self.session = Controller(config, settings, terminal, wake=self._wake, stopping=self._stopping)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        self.session.configure(node)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any) -> None:
        try:
            self.session.collected(node.gateway.id)
        except pytest.UsageError:
            self._dsession().triggershutdown()  # else every worker waits until it is killed
            raise

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport, sched: Any) -> None:
        """Let a bound test run again, as pytest-xdist's documentation has it."""
        if self.session.crashed(crashitem):
            setattr(report, _AGAIN, True)
            report.outcome = "rerun"  # type: ignore[assignment]  # neither passed nor failed: nothing yet
            try:
                sched.mark_test_pending(crashitem)
            except NotImplementedError:
                """Schedulers of whole files and groups hand out again all that had not ended."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.CollectReport | pytest.TestReport) -> Any:
        """What runs again is not to be counted."""
        return ("", "", "") if hasattr(report, _AGAIN) else None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, None, None]:
        self.session.show()
        self.session.logged(report)
        yield
        if hasattr(report, _AGAIN):
            self.session.forget(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.session.finish(session)

    def pytest_terminal_summary(self) -> None:
        self.session.terminal.summary(self.session)

    def _dsession(self) -> Any:
        return self._config.pluginmanager.get_plugin("dsession")

    def _stopping(self) -> str:
        """Why pytest-xdist hands out no more: ``stopping after 1 failures``."""
        return str(getattr(self._dsession(), "shouldstop", "") or "")

    def _wake(self) -> None:
        """Let pytest-xdist's loop, which sleeps until a worker has something for it, call `show`."""
        dsession = self._dsession()
        if dsession is not None:
            dsession.worker_symbiont = self.session.show
            dsession.queue.put(("symbiont", {}))
