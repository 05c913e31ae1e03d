"""The reports that are made when everything else is done: JSON, GitHub's and GitLab's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.report import github, gitlab
from pytest_symbiont.report.findings import findings
from pytest_symbiont.report.json_report import ErrorReport, encoded, report
from pytest_symbiont.report.whole_file import WholeFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.report.terminal import Terminal
    from pytest_symbiont.settings import Settings


class Reports:
    """Writes what was asked for, and what the CI service that this runs in can show.

    Raises `pytest.UsageError` where ``--evolve-report`` cannot be written.
    """

    def __init__(self, config: pytest.Config, settings: Settings, terminal: Terminal) -> None:
        self._config = config
        self._terminal = terminal
        path = config.invocation_params.dir / settings.report
        try:
            self._file = WholeFile(path, "--evolve-report") if settings.report else None
        except SymbiontError as error:
            raise pytest.UsageError(str(error)) from None

    def write(self, session: pytest.Session, results: Sequence[Result], logged: Mapping[str, str]) -> None:
        """The session is over but for what it prints. What cannot be written is a warning."""
        problems = self._terminal.problems
        root = self._config.rootpath
        try:
            if self._file is not None:
                told = report(results, logged, self._errors(problems), int(session.exitstatus), root)
                self._file.write(encoded(told))
            if results or problems:
                self._tell_services(results, problems, root)
        except SymbiontError as error:
            self._terminal.warn(str(error))

    def _tell_services(self, results: Sequence[Result], problems: Sequence[str], root: Path) -> None:
        environ = os.environ
        if github.is_running(environ):
            self._terminal.annotate(github.told(findings(results, problems), environ, root))
            if place := environ.get("GITHUB_STEP_SUMMARY"):
                _append(Path(place), github.summary(results, problems))
        if gitlab.is_running(environ):
            quality = gitlab.place(environ, root)
            content = gitlab.code_quality(findings(results, problems), quality.parent)
            WholeFile(quality, "the code quality report").write(content)

    def _errors(self, problems: Sequence[str]) -> list[ErrorReport]:
        """What belongs to no suite."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        uncollected = reporter.stats.get("error", ()) if reporter is not None else ()
        return [
            *(ErrorReport(each.nodeid, each.longreprtext) for each in uncollected),
            *(ErrorReport("symbiont.lock", problem) for problem in problems),
        ]


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise SymbiontError(f"GITHUB_STEP_SUMMARY: {path} cannot be written ({error.strerror})") from None
