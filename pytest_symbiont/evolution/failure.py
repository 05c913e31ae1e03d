"""A test's exception as data for the model, the same on every terminal and in every CI."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import pytest

from pytest_symbiont.errors import RustPanic, RustTimeout
from pytest_symbiont.evolution.values import Failure
from pytest_symbiont.models.redact import normalise, redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from _pytest._code.code import TracebackEntry  # pytest has no public name for what its tracebacks hold

T = TypeVar("T")

# Where the session leaves what is redacted: the environment, and what a project's `.env` adds to it.
ENVIRON: pytest.StashKey[Mapping[str, str]] = pytest.StashKey()

MOST_LINES = 40
MOST_CHARS = 2_000
MOST_REPR_CHARS = 200
MOST_STATEMENT_LINES = 6
MOST_LEAVES = 3

_PACKAGE = Path(__file__).resolve().parent.parent

# pytest.fail and its siblings are BaseExceptions; a repr may raise those too.
_RAISED = (Exception, pytest.fail.Exception, pytest.skip.Exception, pytest.exit.Exception)

_HINTS = (
    re.compile(r"^[ \t]*Use -v+ to get .*diff[ \t]*\n?", re.MULTILINE),
    re.compile(r"^[ \t]*\.\.\.Full output truncated.*, use '-v+' to show[ \t]*\n?", re.MULTILINE),
    re.compile(r", use -v+ to show$", re.MULTILINE),
    # Hypothesis' advice to a person at a keyboard.
    re.compile(r"^You can reproduce this example by .*(?:\n|$)", re.MULTILINE),
)
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")


def from_excinfo(
    item: pytest.Item,
    excinfo: pytest.ExceptionInfo[BaseException],
    phase: Literal["setup", "call", "teardown"],
) -> Failure:
    """What a model is told of the exception that made ``item`` red in ``phase``.

    Taken from the exception itself and never from pytest's ``longrepr``, whose length depends on ``-v``,
    ``CI`` and the terminal. Never raises: what cannot be read is left out or named as unreadable.
    """
    error = excinfo.value
    leaves = tuple(_leaves(error))
    panic = next((leaf for leaf in leaves if isinstance(leaf, RustPanic)), None)
    statement = _statement(item, leaves[0])
    message = _summary(error, leaves) if isinstance(error, BaseExceptionGroup) else _text(error)
    return Failure(
        phase=phase,
        kind=type(error).__name__,
        # The deadline in our own message is no measurement: it stays.
        message=clip(message if isinstance(error, RustTimeout) else _plain(message, item)) or statement,
        statement=statement,
        parameters=_parameters(item),
        rust_file=_plain(panic.file, item) if panic else "",
        rust_line=panic.line if panic else 0,
        rust_column=panic.column if panic else 0,
        notes=tuple(note for note in (clip(_plain(note, item)) for note in _notes(error)) if note),
    )


def clip(text: str, most_lines: int = MOST_LINES, most_chars: int = MOST_CHARS) -> str:
    """``text`` without its middle where it is too long; head and tail stay, a line says what is missing."""
    lines = text.splitlines()
    if len(lines) > most_lines:
        head, tail = most_lines // 2, (most_lines - 1) // 2
        lines[head : len(lines) - tail] = [f"… {len(lines) - head - tail} lines left out …"]
        text = "\n".join(lines)
    if len(text) > most_chars:
        # Room for the gap's own words, whose number is not known before.
        room = most_chars - len(f" … {len(text)} characters left out … ")
        head, tail = (room + 1) // 2, room // 2
        gap = f" … {len(text) - head - tail} characters left out … "
        text = text[:head] + gap + text[len(text) - tail :]
    return text


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _leaves(member)
    else:
        yield error


def _summary(group: BaseExceptionGroup[BaseException], leaves: tuple[BaseException, ...]) -> str:
    parts = [group.message]
    for leaf in leaves[:MOST_LEAVES]:
        text = "\n".join([_text(leaf), *_notes(leaf)])
        parts.append(f"{type(leaf).__name__}: {clip(text, MOST_LINES // MOST_LEAVES, MOST_CHARS // 4)}")
    if len(leaves) > MOST_LEAVES:
        parts.append(f"… and {len(leaves) - MOST_LEAVES} more")
    return "\n".join(parts)


def _text(error: BaseException) -> str:
    if isinstance(error, RustPanic):
        return str(error.message)  # where it happened travels in fields of its own
    return _guarded(lambda: str(error), f"<the message of {type(error).__name__} cannot be read>")


def _notes(error: BaseException) -> tuple[str, ...]:
    return _guarded(lambda: tuple(str(note) for note in getattr(error, "__notes__", ())), ())


def _plain(text: str, item: pytest.Item) -> str:
    root, environ = str(item.config.rootpath), item.config.stash.get(ENVIRON, os.environ)
    for hint in _HINTS:
        text = hint.sub("", text)
    text = text.replace(root.rstrip("/") + "/", "")
    text = normalise(redact(text, environ), Path(root))
    text = _ADDRESS.sub("at 0x…", text)
    # A lone surrogate is a legal str, but no request to a model can carry it.
    text = text.encode("utf-8", "backslashreplace").decode()
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def _parameters(item: pytest.Item) -> tuple[tuple[str, str], ...]:
    callspec = getattr(item, "callspec", None)
    params = getattr(callspec, "params", {})
    return tuple((str(name), _plain(bounded_repr(value), item)) for name, value in params.items())


def bounded_repr(value: object) -> str:
    """``repr(value)``, a few lines of it at most, also where it raises."""
    text = _guarded(lambda: repr(value), f"<{type(value).__name__} whose repr raises>")
    return clip(text, most_lines=MOST_STATEMENT_LINES, most_chars=MOST_REPR_CHARS)


def _statement(item: pytest.Item, error: BaseException) -> str:
    """The line that raised: the deepest in the test's own file, else the deepest that the user wrote."""
    if error.__traceback__ is None:
        return ""
    entries = list(reversed(pytest.ExceptionInfo.from_exception(error).traceback))
    own = (entry for entry in entries if _path(entry) == item.path)
    theirs = (entry for entry in entries if _is_users(_path(entry), item.config.rootpath))
    entry = next(own, None) or next(theirs, None)
    if entry is None:
        return ""
    text = _guarded(lambda: str(entry.statement.deindent()), "")
    return clip(text.strip(), most_lines=MOST_STATEMENT_LINES)


def _path(entry: TracebackEntry) -> Path | None:
    path = _guarded(lambda: entry.path, None)
    return path if isinstance(path, Path) else None  # generated code has a text such as '<string>'


def _is_users(path: Path | None, root: Path) -> bool:
    if path is None or "site-packages" in path.parts or path.is_relative_to(_PACKAGE):
        return False
    return path.is_relative_to(root)


def _guarded(read: Callable[[], T], otherwise: T) -> T:
    """``read()``, or ``otherwise`` where user code (a ``__repr__``, a ``__str__``) raises."""
    try:
        return read()
    except _RAISED:
        return otherwise
