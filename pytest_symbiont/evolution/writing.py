"""Write-back at the end of the session: which winners, and how."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.patch import coloured, patch, patch_root
from pytest_symbiont.evolution.writeback import Change, NotWritten, apply
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
        accepted: list[Result] = []
        for result in results:
            if result.end != "won":
                continue
            reason = self._reason_not_to(result, logged)
            if reason:
                result.written = f"not written: {reason}"
            else:
                accepted.append(result)
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
        for file, change in changes.items():
            said = f"written: {self._shown(change.path)}"
            try:
                apply(change)
            except NotWritten as error:
                said = f"not written: {error}"
            self._say([result for result in results if file in result.bodies], said)

    def _report(self, results: Sequence[Result], changes: Mapping[EvolvingFile, Change]) -> None:
        where = self._leave_patch(changes)
        for file in changes:
            mine = [result for result in results if file in result.bodies]
            self._say(mine, f"as a patch: git apply {where}")

    def _review(self, results: Sequence[Result], changes: Mapping[EvolvingFile, Change]) -> None:
        refused = {}
        for file, change in changes.items():
            mine = [result for result in results if file in result.bodies]
            if self._wanted(change):
                self._apply(mine, {file: change})
            else:
                refused[file] = change
        if refused:
            where = self._leave_patch(refused, show=False)
            for file in refused:
                self._say(
                    [result for result in results if file in result.bodies], f"declined; its patch is {where}"
                )

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

    def _leave_patch(self, changes: Mapping[EvolvingFile, Change], *, show: bool = True) -> str:
        root = patch_root(self._config.rootpath)
        text = patch(changes.values(), root)
        if show:
            self._terminal.show(coloured(text))
        cache = getattr(self._config, "cache", None)
        folder: Path | None = cache.mkdir("symbiont") if cache is not None else None
        if folder is None:
            sys.stdout.flush()
            return "(no patch is left: pytest's cache is off)"
        path = folder / "evolve.patch"
        path.write_bytes(text.encode())
        return self._shown(path)

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
