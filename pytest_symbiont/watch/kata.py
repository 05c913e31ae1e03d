"""The watch: run, wait for a save or a key, run again."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.watch.affected import Asked
from pytest_symbiont.watch.changes import Changes
from pytest_symbiont.watch.child import Child
from pytest_symbiont.watch.keyboard import keys, pressed, terminal_kept

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TICK = 0.1
_LEAVE = frozenset({"q", "\x04", "\x03"})


def watch(config: pytest.Config) -> int:
    """Run until the user leaves. Raises `pytest.UsageError` where nobody can."""
    capture = config.pluginmanager.get_plugin("capturemanager")
    if capture is not None:  # it has taken both by now
        capture.suspend_global_capture(in_=True)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise pytest.UsageError(
            "--evolve-watch shows what it does on a terminal and takes keys there, and this is none; "
            "leave it out"
        )
    try:
        return Kata(config).run()
    except SymbiontError as error:
        raise pytest.UsageError(str(error)) from None


class Kata:
    """Watches the tests that pytest's command line asks for."""

    def __init__(self, config: pytest.Config) -> None:
        given = config.option.file_or_dir
        arguments = [str(argument) for argument in config.invocation_params.args]
        self._options = [argument for argument in arguments if argument not in given]
        self._given: list[str] = list(given)
        here = config.invocation_params.dir.resolve()
        self._here = here
        self._tests = Asked(config.args, here, config.getini("python_files"))
        self._folders = list(dict.fromkeys([*self._tests.folders, config.rootpath.resolve()]))

    def run(self) -> int:
        """The exit code: 0 where the user leaves by a key, pytest's own for Ctrl-C."""
        with Changes(self._folders, self._tests.matters) as changes, terminal_kept():
            due: Sequence[str] | None = self._given
            try:
                while due is not None:
                    following = self._ran(due, changes)
                    due = self._waited(changes) if following is None else following
            except KeyboardInterrupt:
                _say("left")
                return pytest.ExitCode.INTERRUPTED
            return pytest.ExitCode.OK

    def _ran(self, due: Sequence[str], changes: Changes) -> Sequence[str] | None:
        """Run; what is due because of a save meanwhile, or None where it came to its end."""
        child = Child([*self._options, *due])
        try:
            while not child.ended:
                # Of Rust files the run itself writes some.
                saved = {path for path in changes.take(_TICK) if path.suffix != ".rs"}
                if saved:
                    with terminal_kept():
                        child.stop()
                    _say(f"{_names(saved, self._here)} saved: starting again")
                    return self._due(saved)
        except KeyboardInterrupt:
            child.wait()
            raise
        changes.take(0)
        return None

    def _waited(self, changes: Changes) -> Sequence[str] | None:
        """What is due, because of a save or a key; None where the user leaves."""
        _say("waiting for a save (Enter: run everything, q: leave)")
        with keys():
            while True:
                if saved := changes.take(0):
                    _say(f"{_names(saved, self._here)} saved")
                    return self._due(saved)
                key = pressed(_TICK)
                if key in _LEAVE:
                    return None
                if key in {"\n", "\r"}:
                    return self._given

    def _due(self, saved: set[Path]) -> Sequence[str]:
        affected = self._tests.affected(saved)
        return self._given if affected is None else affected


def _names(paths: set[Path], here: Path) -> str:
    return ", ".join(sorted(os.path.relpath(path, here) for path in paths))


def _say(text: str) -> None:
    sys.stdout.write(f"\nsymbiont: {text}\n")
    sys.stdout.flush()
