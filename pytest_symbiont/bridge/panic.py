"""A Rust panic as a Python exception whose traceback ends in the Rust line."""

from __future__ import annotations

import ast
import linecache
from types import FunctionType
from typing import TYPE_CHECKING, NoReturn

from pytest_symbiont.errors import RustPanic

if TYPE_CHECKING:
    from pytest_symbiont.bridge.reply import Panicked
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.source.values import Function

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


def raise_panic(reply: Panicked, revision: Revision, function: Function) -> NoReturn:
    """Raise `RustPanic`. Where the panic is in the target's file, the last frame shows its line there."""
    panic = RustPanic(reply.message, reply.file, reply.line, reply.column)
    if reply.file == revision.name and reply.line:
        _rust_frame(reply, revision, function, panic)()
    raise panic


def _rust_frame(reply: Panicked, revision: Revision, function: Function, panic: RustPanic) -> FunctionType:
    """A Python function that raises ``panic`` on the very line of the very file.

    It begins where the Rust function does, so that pytest shows the lines between; it takes no argument, so
    that pytest shows none.
    """
    first = min(function.line, reply.line)
    tree = ast.parse("def rust():\n    raise panic")
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.expr):
            node.lineno = node.end_lineno = first if isinstance(node, ast.FunctionDef) else reply.line
            # No columns: nothing of a line of Rust is underlined.
            node.col_offset = node.end_col_offset = -1
    module = compile(tree, _shown_file(revision), "exec")
    code = next(constant for constant in module.co_consts if hasattr(constant, "co_firstlineno"))
    return FunctionType(code.replace(co_name=function.name), {"panic": panic})


def _shown_file(revision: Revision) -> str:
    """The file on disk where it holds this text, else a name under which linecache knows the text."""
    if revision.number == 0 and revision.path.exists():
        return str(revision.path)
    name = f"{revision.path} ({f'revision {revision.number}' if revision.number else 'not on disk yet'})"
    lines = revision.text.splitlines(keepends=True)
    linecache.cache[name] = (len(revision.text), None, lines, name)
    return name
