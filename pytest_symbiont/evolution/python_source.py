"""Modules of the project as syntax, and where a name in one of them gets its value."""

from __future__ import annotations

import ast
import sys
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_symbiont.evolution.test_source import bound_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# What is there for people, for a type checker, or for no reason at all.
_UNSAID = frozenset({"kind", "type_comment", "type_ignores", "ctx"})


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One file. ``namespace`` is what its names stand for, ``statements`` which statements give them that."""

    path: Path
    namespace: Mapping[str, Any]
    statements: Mapping[str, tuple[ast.stmt, ...]]

    def where(self, qualified: str) -> tuple[ast.stmt, ...]:
        """The statements behind ``Class.name``; none where it is not in the file."""
        *around, name = qualified.split(".")
        found = self.statements
        for outer in around:
            inner = [each for each in found.get(outer, ()) if isinstance(each, ast.ClassDef)]
            if not inner:
                return ()
            found = binders(inner[-1].body)
        return found.get(name, ())

    @property
    def everything(self) -> tuple[ast.stmt, ...]:
        """Every statement that gives a name its value, once."""
        return tuple({id(node): node for nodes in self.statements.values() for node in nodes}.values())


class Modules:
    """The modules below ``root``; what is installed there (``site-packages``) is no part of the project."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[Path, Module | None] = {}

    def of(self, namespace: Mapping[str, Any]) -> Module | None:
        """The module with these globals, None where it is not the project's or cannot be read."""
        file = namespace.get("__file__")
        if not isinstance(file, str):
            return None
        path = Path(file).resolve()
        if path not in self._known:
            self._known[path] = self._read(path, namespace)
        return self._known[path]

    def named(self, name: str) -> Module | None:
        """A module that is imported by now."""
        module = sys.modules.get(name)
        return self.of(vars(module)) if module is not None else None

    def _read(self, path: Path, namespace: Mapping[str, Any]) -> Module | None:
        if not path.is_relative_to(self._root) or "site-packages" in path.parts or path.suffix != ".py":
            return None
        try:
            with tokenize.open(path) as file:
                tree = ast.parse(file.read())
        except (OSError, SyntaxError, UnicodeDecodeError, ValueError):
            return None
        return Module(path, namespace, binders(tree.body))


def binders(body: Iterable[ast.stmt]) -> dict[str, tuple[ast.stmt, ...]]:
    """Which statements give each name its value; the names of ``from … import *`` are under ``*``."""
    found: dict[str, list[ast.stmt]] = {}
    for node in body:
        for name in bound_names(node):
            found.setdefault(name, []).append(node)
    return {name: tuple(nodes) for name, nodes in found.items()}


def said(node: object) -> str:
    """Syntax as text in which comments, docstrings and layout do not count, the same in every Python."""
    if isinstance(node, ast.JoinedStr):
        return f"JoinedStr([{', '.join(_parts(node))}])"
    if isinstance(node, ast.AST):
        fields = (
            (name, _without_docstring(node, value) if name == "body" else value)
            for name, value in ast.iter_fields(node)
            if name not in _UNSAID
        )
        told = [f"{name}={said(value)}" for name, value in fields if value not in (None, [])]
        return f"{type(node).__name__}({', '.join(told)})"
    if isinstance(node, list):
        return f"[{', '.join(map(said, node))}]"
    return repr(node)


def _parts(text: ast.JoinedStr) -> Iterator[str]:
    """The parts of an f-string: how many pieces its plain text comes in is the Python version's business."""
    plain = ""
    for part in text.values:
        if isinstance(part, ast.Constant):
            plain += str(part.value)
            continue
        if plain:
            yield repr(plain)
        plain = ""
        yield said(part)
    if plain:
        yield repr(plain)


def _without_docstring(node: ast.AST, body: object) -> object:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or not isinstance(
        body, list
    ):
        return body
    first = body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if is_text and isinstance(first.value.value, str) else body


def imported(node: ast.AST, name: str, namespace: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """From which module an import statement takes ``name``, and what it is there; empty for the module."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Import):
            for alias in inner.names:
                if alias.asname == name:
                    yield alias.name, ""
                elif not alias.asname and alias.name.partition(".")[0] == name:
                    yield name, ""
        elif isinstance(inner, ast.ImportFrom):
            source = _absolute(inner, namespace)
            for alias in inner.names:
                if (alias.asname or alias.name) == name or alias.name == "*":
                    yield source, name


def _absolute(node: ast.ImportFrom, namespace: Mapping[str, Any]) -> str:
    if not node.level:
        return node.module or ""
    package = str(namespace.get("__package__") or "").split(".")
    return ".".join(filter(None, [*package[: len(package) - node.level + 1], node.module or ""]))
