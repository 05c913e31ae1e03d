"""The trace: a session's events as JSON Lines, written as they happen and read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.report.events import SCHEMA, Events, Session

if TYPE_CHECKING:
    from pathlib import Path


class Trace:
    """Writes events to a file, each at once: what a killed session leaves can be read up to its last line.

    Raises `SymbiontError` where the file cannot be written; an earlier one is replaced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise self._refused(error) from None

    def write(self, event: Events) -> None:
        try:
            self._file.write(msgspec.json.encode(event) + b"\n")
        except OSError as error:
            raise self._refused(error) from None

    def close(self) -> None:
        self._file.close()

    def _refused(self, error: OSError) -> SymbiontError:
        return SymbiontError(
            f"--evolve-trace: {self._path} cannot be written ({error.strerror}); name another file"
        )


class _Tag(msgspec.Struct):
    """Just the kind of an event."""

    event: str


def read(path: Path) -> tuple[Events, ...]:
    """The events of a trace. Kinds that this version does not know, and half a last line, are left out.

    Raises `SymbiontError` with the line's number for what is no event, and for a schema of a later version.
    """
    found: list[Events] = []
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            if msgspec.json.decode(line, type=_Tag).event not in _KNOWN:
                continue
            event = msgspec.json.decode(line, type=Events)
        except msgspec.MsgspecError as error:
            if number == len(lines):  # the session was killed in the middle of it
                break
            raise SymbiontError(f"{path}:{number}: no line of a trace ({error})") from None
        if isinstance(event, Session) and event.schema > SCHEMA:
            raise SymbiontError(
                f"{path}: its schema is {event.schema}, of a later pytest-symbiont than this one ({SCHEMA}); "
                "install that version"
            )
        found.append(event)
    return tuple(found)


_KNOWN = frozenset(str(kind.__struct_config__.tag) for kind in Events.__args__)
