"""Write-back at the end of the session: which winners, and how."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.patch import coloured, patch, patch_root
from pytest_symbiont.evolution.writeback import Change, NotWritten, apply, check
from pytest_symbiont.source.edit import replace_bodies
from pytest_symbiont.source.encoding import encode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.report.terminal import Terminal
    from pytest_symbiont.settings import Settings


class Writing:
    """Collects changes and applies them as ``--evolve-write`` says."""

    def __init__(self, config: pytest.Config, settings: Settings, terminal: Terminal) -> None:
        self._config = config
        self._settings = settings
        self._terminal = terminal

    def write(self, results: Sequence[Result], logged: Mapping[str, str]) -> None:
        """Write every winner whose suite ran and passed in the logged run; say of the others why not."""
        accepted = self._accepted([result for result in results if result.end == "won"], logged)
        changes = _changes(accepted)
        if not changes:
            return
        match self._mode():
            case "never":
                self._say(accepted, "not asked to be written (--evolve-write=never)")
            case "report":
                self._report(accepted, changes)
            case "review":
                self._review(accepted, changes)
            case _:
                self._apply(accepted, changes)

    def _accepted(self, won: Sequence[Result], logged: Mapping[str, str]) -> list[Result]:
        accepted: list[Result] = []
        for result in won:
            missing = next((premise for premise in result.premises if premise not in accepted), None)
            if reason := self._reason_not_to(result, logged):
                _keep_back(result, reason)
            elif missing is not None:
                _keep_back(result, f"it was proven on top of {missing.suite.name}, which is not written")
            else:
                accepted.append(result)
        return accepted

    def _mode(self) -> str:
        mode = self._settings.write
        return "report" if mode == "review" and not self._terminal.can_ask() else mode

    def _reason_not_to(self, result: Result, logged: Mapping[str, str]) -> str:
        suite = result.suite
        verdict = result.attempts[-1].verdict
        statuses = {outcome.nodeid: outcome.status for outcome in verdict.outcomes} if verdict else {}
        for item in suite.items:
            outcome = logged.get(item.nodeid)
            if outcome is None:
                return f"{item.nodeid} did not run for the record"
            if outcome == "failed":
                return f"flaky: {item.nodeid} passed in its trials and failed in the logged run"
            if outcome == "skipped" and statuses.get(item.nodeid) == "passed":
                return f"flaky: {item.nodeid} passed in its trials and was skipped in the logged run"
        if suite.missing and not self._settings.partial:
            return (
                f"{len(suite.missing)} of {len(suite.missing) + len(suite.items)} tests of the suite were "
                f"not selected (first: {suite.missing[0]}); run them all, or allow it with --evolve-partial"
            )
        return ""

    def _apply(self, results: Sequence[Result], changes: Mapping[EvolvingFile, Change]) -> None:
        """Write all files of a suite or none of them."""
        possible = self._possible(results, changes)
        for file, change in _changes(possible).items():
            mine = [result for result in possible if file in result.bodies]
            try:
                apply(change)
            except NotWritten as error:
                for result in mine:
                    _keep_back(result, str(error))
            else:
                self._say(mine, f"written: {self._shown(change.path)}")

    def _possible(self, results: Sequence[Result], changes: Mapping[EvolvingFile, Change]) -> list[Result]:
        refused = {file: reason for file, change in changes.items() if (reason := _refused(change))}
        if refused:
            left = self._leave_patch({file: changes[file] for file in refused})
            refused = {file: f"{reason}; {left}" for file, reason in refused.items()}
        possible = []
        for result in results:
            if reasons := [refused[file] for file in result.bodies if file in refused]:
                _keep_back(result, "; ".join(reasons))
            elif any(premise.kept_back for premise in result.premises):
                _keep_back(result, "it was proven on top of a body that could not be written")
            else:
                possible.append(result)
        return possible

    def _report(self, results: Sequence[Result], changes: Mapping[EvolvingFile, Change]) -> None:
        left = self._leave_patch(changes, show=True)
        for file in changes:
            self._say([result for result in results if file in result.bodies], left)

    def _review(self, results: Sequence[Result], changes: Mapping[EvolvingFile, Change]) -> None:
        refused = {}
        for file, change in changes.items():
            mine = [result for result in results if file in result.bodies]
            if self._wanted(change):
                self._apply(mine, {file: change})
            else:
                refused[file] = change
        if refused:
            left = self._leave_patch(refused)
            for file in refused:
                mine = [result for result in results if file in result.bodies]
                self._say(mine, f"declined; {left}")

    def _wanted(self, change: Change) -> bool:
        names = ", ".join(change.labels)
        while True:
            answer = self._terminal.ask(f"write {self._shown(change.path)} ({names})? [y]es, [n]o, [d]iff: ")
            if answer in {"y", "yes"}:
                return True
            if answer in {"n", "no", ""}:
                return False
            if answer in {"d", "diff"}:
                self._terminal.show(coloured(patch([change], patch_root(change.path.parent))))

    def _leave_patch(self, changes: Mapping[EvolvingFile, Change], *, show: bool = False) -> str:
        """Leave a patch in pytest's cache; says by which command it is taken, from where pytest was run."""
        here = self._config.invocation_params.dir
        root = patch_root(self._config.rootpath)
        text = patch(changes.values(), root)
        if show:
            self._terminal.show(coloured(text))
        cache = getattr(self._config, "cache", None)
        if cache is None:
            return "no patch is left: pytest's cache is off"
        path: Path = cache.mkdir("symbiont") / "evolve.patch"
        path.write_bytes(text.encode())
        # Below its root, git leaves out what is not in the current folder, and says nothing.
        if here == root:
            return f"as a patch: git apply {self._shown(path)}"
        return f"as a patch: git -C {shlex.quote(str(root))} apply {shlex.quote(str(path))}"

    def _shown(self, path: Path) -> str:
        try:
            # Without the dots of `evolvable("../sort.rs::sort")`.
            return str(Path(os.path.normpath(path)).relative_to(self._config.invocation_params.dir))
        except ValueError:
            return str(path)

    @staticmethod
    def _say(results: Sequence[Result], text: str) -> None:
        for result in results:
            result.written = text if not result.written else f"{result.written}; {text}"


def _refused(change: Change) -> str:
    try:
        check(change)
    except NotWritten as error:
        return str(error)
    return ""


def _keep_back(result: Result, reason: str) -> None:
    said = f"not written: {reason}"
    result.written = f"{result.written}; {said}" if result.written else said
    result.kept_back = True


def _changes(results: Sequence[Result]) -> dict[EvolvingFile, Change]:
    """One change a file, with the bodies of every suite that was accepted."""
    bodies: dict[EvolvingFile, dict[str, str]] = {}
    labels: dict[EvolvingFile, list[str]] = {}
    for result in results:
        for file, mine in result.bodies.items():
            bodies.setdefault(file, {}).update(mine)
            labels.setdefault(file, []).extend(f"{file.source.path.name}::{path}" for path in mine)
    changes = {}
    for file, mine in bodies.items():
        source = file.source
        after = encode(replace_bodies(source.text, mine), source.raw)
        if after != source.raw:
            changes[file] = Change(source.path, source.raw, after, tuple(labels[file]))
    return changes
