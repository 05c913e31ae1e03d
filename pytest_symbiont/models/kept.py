"""Every answer that was paid for, and the session that it belongs to."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models.recording import (
    NOTE,
    TRIED,
    Entry,
    Found,
    append_to_file,
    entry_of,
    file_name,
    guarded,
    key_of,
    line_of,
    replace_file,
    results_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_symbiont.models.values import Answer, Position, Request

_SESSION = "session"


class Kept:
    """The folder that keeps everything that was paid for, with whole prompts.

    ``resume`` goes on with the session that was there last: its answers are found by what was asked and
    where. Raises `SymbiontError` where there was none.
    """

    def __init__(self, folder: Path, *, resume: bool = False) -> None:
        self._folder = folder
        self._resume = resume
        self._known: dict[str, dict[tuple[str, Position], Entry]] = {}
        name = folder / _SESSION
        if resume:
            if not name.is_file():
                raise SymbiontError(
                    "--evolve-resume: pytest's cache has no earlier session to go on with; leave it out"
                )
            self._session = name.read_text("utf-8").strip()
        else:
            self._session = secrets.token_hex(8)
        self._begun = resume

    def begin(self) -> None:
        """Somebody is asked for the first time: from now on this session is the last one."""
        if not self._begun:
            guarded(replace_file, self._folder / _SESSION, self._session.encode())
            self._begun = True

    def add(self, request: Request, answer: Answer) -> None:
        """Keep an answer before anything is made of it."""
        path = self._folder / file_name(request.position.suite)
        entry = replace(entry_of(request, answer, messages=request.messages), session=self._session)
        guarded(append_to_file, path, line_of(entry))

    def note(self, suite: str, line: bytes) -> None:
        """Keep a line beside the answers of this session; ``line`` is a JSON object."""
        marked = line.removesuffix(b"}") + b',"session":' + msgspec.json.encode(self._session) + b"}\n"
        guarded(append_to_file, self._folder / file_name(suite), marked)

    def notes(self, suite: str) -> list[bytes]:
        """Those of the session that this one goes on with."""
        own, _ = self._lines(suite, NOTE) if self._resume else ([], [])
        return own

    def tried(self, suite: str) -> list[bytes]:
        """What the sessions before this one noted of bodies."""
        _, others = self._lines(suite, TRIED)
        return others

    def _lines(self, suite: str, start: bytes) -> tuple[list[bytes], list[bytes]]:
        """The notes that begin so: this session's and those of others."""
        path = self._folder / file_name(suite)
        end = b',"session":' + msgspec.json.encode(self._session) + b"}"
        own: list[bytes] = []
        others: list[bytes] = []
        for line in path.read_bytes().split(b"\n") if path.is_file() else []:
            if line.startswith(start):
                (own if line.endswith(end) else others).append(line)
        return own, others

    def find(self, request: Request, model: str) -> Found | None:
        """The answer that this session was given to this very request before it was ended."""
        if not self._resume:
            return None
        suite = request.position.suite
        if suite not in self._known:
            entries = _readable(self._folder / file_name(suite))
            self._known[suite] = {
                (entry.key, entry.position): entry for entry in entries if entry.session == self._session
            }
        known = self._known[suite]
        entry = known.get((key_of(request, model), request.position))
        return Found(entry, results=results_of(entry, known.values())) if entry is not None else None


def _readable(path: Path) -> list[Entry]:
    """The entries of a file that a killed session may have left with half a line."""
    found = []
    for line in path.read_bytes().split(b"\n") if path.is_file() else []:
        with suppress(msgspec.MsgspecError, ValueError):
            found.append(msgspec.json.decode(line, type=Entry))
    return found
