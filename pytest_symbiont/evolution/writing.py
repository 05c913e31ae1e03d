"""Write-back at the end of the session: which winners, and how."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.locking import lock_changes
from pytest_symbiont.evolution.patch import coloured, patch, patch_root
from pytest_symbiont.evolution.provenance import lock_of
from pytest_symbiont.evolution.writeback import Change, NotWritten, apply, check
from pytest_symbiont.source.edit import replace_bodies
from pytest_symbiont.source.encoding import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import pytest

    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.report.terminal import Terminal
    from pytest_symbiont.settings import Settings
    from pytest_symbiont.source.values import SourceFile


class Writing:
    """Collects changes and applies them as ``--evolve-write`` says."""

    def __init__(self, config: pytest.Config, settings: Settings, terminal: Terminal) -> None:
        self._config = config
        self._settings = settings
        self._terminal = terminal
        self._drop: Mapping[Path, Collection[str]] = {}

    def write(
        self,
        results: Sequence[Result],
        logged: Mapping[str, str],
        drop: Mapping[Path, Collection[str]] | None = None,
    ) -> None:
        """Write every winner whose suite ran and passed in the logged run; say of the others why not.

        With a body goes its entry in the folder's lock. ``drop`` are entries that go, by lock.
        """
        self._drop = drop or {}
        won = [result for result in results if result.end in {"won", "adopted"}]
        accepted, fallen = _standing(won, lambda result: self._reason_not_to(result, logged))
        for result, reason in fallen.items():
            _keep_back(result, reason)
        accepted = self._with_locks(accepted)
        if not self._all(accepted):
            return
        match self._mode():
            case "never":
                _say(accepted, "not asked to be written (--evolve-write=never)")
            case "report":
                _say(accepted, self._leave_patch(accepted, "evolve.patch", show=True))
            case "review":
                self._review(accepted)
            case _:
                self._apply(accepted)

    def _mode(self) -> str:
        mode = self._settings.write
        if mode == "always" and self._settings.watch:
            mode = "review"
        return "report" if mode == "review" and not self._terminal.can_ask() else mode

    def _reason_not_to(self, result: Result, logged: Mapping[str, str]) -> str:
        suite = result.suite
        verdict = result.proof
        statuses = {outcome.nodeid: outcome.status for outcome in verdict.outcomes} if verdict else {}
        for nodeid in suite.nodeids:
            outcome = logged.get(nodeid)
            if outcome is None:
                return f"{nodeid} did not run for the record"
            if outcome == "failed":
                return f"flaky: {nodeid} passed in its trials and failed in the logged run"
            if outcome == "skipped" and statuses.get(nodeid) == "passed":
                return f"flaky: {nodeid} passed in its trials and was skipped in the logged run"
        if suite.missing and not self._settings.partial:
            return (
                f"{len(suite.missing)} of {len(suite.missing) + len(suite.nodeids)} tests of the suite were "
                f"not selected (first: {suite.missing[0]}); run them all, or allow it with --evolve-partial"
            )
        return ""

    def _with_locks(self, results: Sequence[Result]) -> list[Result]:
        """The results whose locks can be had; the others are kept back."""
        _, problems = lock_changes(results, self._drop)
        possible, fallen = _standing(results, lambda result: _problem(result, problems))
        for result, reason in fallen.items():
            _keep_back(result, reason)
        return possible

    def _all(self, results: Sequence[Result]) -> list[Change]:
        """Everything that changes with these results."""
        return [*_changes(results).values(), *lock_changes(results, self._drop)[0].values()]

    def _apply(self, results: Sequence[Result]) -> None:
        """Write all files of a suite or none of them, and then what they were proven by."""
        locks = lock_changes(results, self._drop)[0]
        refused = {path: reason for path, change in locks.items() if (reason := _refused(change))}
        for file, change in _changes(results).items():
            if reason := _refused(change):
                refused[file.path] = reason
        possible, fallen = _standing(results, lambda result: _problem(result, refused))
        if fallen:
            left = self._leave_patch(list(fallen), "unwritten.patch")
            for result, reason in fallen.items():
                _keep_back(result, f"{reason}; {left}")
        for file, change in _changes(possible).items():
            self._put(change, [result for result in possible if file in result.bodies])
        whole = [result for result in possible if not result.kept_back]
        for path, change in lock_changes(whole, self._drop)[0].items():
            mine = [result for result in whole if path in map(lock_of, _paths(result))]
            self._put(change, mine, quiet=[result for result in mine if result.written])

    def _put(self, change: Change, results: Sequence[Result], quiet: Sequence[Result] = ()) -> None:
        try:
            apply(change)
        except NotWritten as error:
            for result in results:
                _keep_back(result, str(error))
        else:
            told = [result for result in results if result not in quiet]
            _say(told, f"written: {self._shown(change.path)}")

    def _review(self, results: Sequence[Result]) -> None:
        declined = {file for file, change in _changes(results).items() if not self._wanted(change)}
        wanted, fallen = _standing(
            results, lambda result: "declined" if declined.intersection(result.bodies) else ""
        )
        if fallen:
            left = self._leave_patch(list(fallen), "evolve.patch")
            for result, reason in fallen.items():
                _say([result], f"{reason}; {left}")
        self._apply(wanted)

    def _wanted(self, change: Change) -> bool:
        names = ", ".join(change.labels)
        if self._settings.watch:
            self._terminal.show(coloured(patch([change], patch_root(change.path.parent))))
            return self._terminal.key(f"{names}: [a]ccept or [r]eject? ", "ar") == "a"
        while True:
            answer = self._terminal.ask(f"write {self._shown(change.path)} ({names})? [y]es, [n]o, [d]iff: ")
            if answer in {"y", "yes"}:
                return True
            if answer in {"n", "no", ""}:
                return False
            if answer in {"d", "diff"}:
                self._terminal.show(coloured(patch([change], patch_root(change.path.parent))))

    def _leave_patch(self, results: Sequence[Result], name: str, *, show: bool = False) -> str:
        """Leave a patch in pytest's cache; says by which command it is taken, from where pytest was run."""
        here = self._config.invocation_params.dir
        root = patch_root(self._config.rootpath)
        text = patch(self._all(results), root)
        if show:
            self._terminal.show(coloured(text))
        cache = getattr(self._config, "cache", None)
        if cache is None:
            return "no patch is left: pytest's cache is off"
        path: Path = cache.mkdir("symbiont") / name
        path.write_bytes(text.encode())
        # Below its root, git leaves out what is not in the current folder, and says nothing.
        if here == root:
            return f"as a patch: git apply {self._shown(path)}"
        return f"as a patch: git -C {shlex.quote(str(root))} apply {shlex.quote(str(path))}"

    def _shown(self, path: Path) -> str:
        # Without the dots of `evolvable("../sort.rs::sort")`.
        path = Path(os.path.normpath(path))
        here = self._config.invocation_params.dir
        return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _say(results: Sequence[Result], text: str) -> None:
    for result in results:
        result.written = text if not result.written else f"{result.written}; {text}"


def _standing(
    results: Sequence[Result], reason_not_to: Callable[[Result], str]
) -> tuple[list[Result], dict[Result, str]]:
    """The results that stand, and why each other one falls: for a reason of its own, or with its premise."""
    standing: list[Result] = []
    fallen: dict[Result, str] = {}
    for result in results:
        missing = next((premise for premise in result.premises if premise not in standing), None)
        if reason := reason_not_to(result):
            fallen[result] = reason
        elif missing is not None:
            fallen[result] = f"it was proven on top of {missing.suite.name}, which is not written"
        else:
            standing.append(result)
    return standing, fallen


def _paths(result: Result) -> list[Path]:
    return [file.path for file in result.bodies]


def _problem(result: Result, problems: Mapping[Path, str]) -> str:
    """What stands in the way of a result's files, or of their locks."""
    paths = dict.fromkeys(place for path in _paths(result) for place in (path, lock_of(path)))
    return "; ".join(problems[path] for path in paths if path in problems)


def _refused(change: Change) -> str:
    try:
        check(change)
    except NotWritten as error:
        return str(error)
    return ""


def _keep_back(result: Result, reason: str) -> None:
    _say([result], f"not written: {reason}")
    result.kept_back = True


def _changes(results: Sequence[Result]) -> dict[SourceFile, Change]:
    """One change a file, with the bodies of every suite that was accepted."""
    bodies: dict[SourceFile, dict[str, str]] = {}
    labels: dict[SourceFile, list[str]] = {}
    for result in results:
        for file, mine in result.bodies.items():
            bodies.setdefault(file, {}).update(mine)
            labels.setdefault(file, []).extend(f"{file.path.name}::{path}" for path in mine)
    changes = {}
    for file, mine in bodies.items():
        after = encode(replace_bodies(file.text, mine), file.raw)
        if after != file.raw:
            changes[file] = Change(file.path, file.raw, after, tuple(labels[file]))
    return changes
