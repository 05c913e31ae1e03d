"""A Rust panic as a Python exception whose traceback ends in the Rust line."""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING, NoReturn

from pytest_symbiont.errors import RustPanic

if TYPE_CHECKING:
    from pytest_symbiont.bridge.reply import Panicked
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.source.values import Function


def raise_panic(reply: Panicked, revision: Revision, function: Function) -> NoReturn:
    """Raise `RustPanic`. Where the panic is in the target's file, the last frame shows its line there."""
    __tracebackhide__ = True
    panic = RustPanic(reply.message, reply.file, reply.line, reply.column)
    if reply.file != revision.path.name or not reply.line:
        raise panic
    shown = _shown_file(revision)
    first = function.line if function.line <= reply.line else 1
    # A function that begins and raises on the very lines of the Rust one, in the very file.
    text = "\n" * (first - 1) + "def rust(panic):\n" + "\n" * (reply.line - first - 1) + "    raise panic\n"
    if first == reply.line:
        text = "\n" * (first - 1) + "def rust(panic): raise panic\n"
    namespace: dict[str, object] = {}
    exec(compile(text, shown, "exec"), namespace)  # noqa: S102 - our own text: line breaks and one raise
    rust = namespace["rust"]
    assert callable(rust)
    rust.__code__ = rust.__code__.replace(co_name=function.name)  # type: ignore[attr-defined]
    rust(panic)
    raise panic


def _shown_file(revision: Revision) -> str:
    """The file on disk where it holds this text, else a name under which linecache knows the text."""
    if revision.number == 0 and revision.path.exists():
        return str(revision.path)
    name = f"{revision.path} ({f'revision {revision.number}' if revision.number else 'not on disk yet'})"
    lines = revision.text.splitlines(keepends=True)
    linecache.cache[name] = (len(revision.text), None, lines, name)
    return name
