"""What the model reads of the tests: the bound ones with what they use, and nothing held out."""

from __future__ import annotations

import ast
import re
import tokenize
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.evolution.failure import bounded_repr, clip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

MOST_CHARS = 12_000
LEAST_CHARS = 800
MOST_NAMES_LEFT_OUT = 20

Definition = ast.FunctionDef | ast.AsyncFunctionDef
Where = tuple[str, ...]  # ("TestSort", "test_empty"): the classes around a function and its name


def test_source(items: Sequence[pytest.Item], most_chars: int = MOST_CHARS) -> str:  # noqa: PT028 - no test
    """The source of ``items``, module by module, with the imports, constants and helpers that they reach.

    Tests that are held out (the closest ``evolve`` marker says ``holdout=True``) appear neither by name nor
    by text, nor do their parameters where only some of a test's parameters are held out. At most about
    ``most_chars`` long; what had to go is named in a comment.
    """
    modules: dict[Path, list[pytest.Function]] = {}
    for item in items:
        if isinstance(item, pytest.Function) and item.path.suffix == ".py":
            modules.setdefault(item.path, []).append(item)
    texts: list[str] = []
    for path, functions in modules.items():
        text = _Module.of(path, functions).text(most_chars - sum(map(len, texts)))
        if text:
            texts.append(f"# {path.name}\n{text}")
    return "\n\n\n".join(texts)


# pytest collects by name: this is the function's own, not a test of ours.
test_source.__test__ = False  # type: ignore[attr-defined]


def is_holdout(item: pytest.Item) -> bool:
    """Whether the ``evolve`` marker closest to ``item`` holds it out (any, where several are as close)."""
    marks = list(item.iter_markers_with_node("evolve"))
    return any(mark.kwargs.get("holdout", False) for node, mark in marks if node is marks[0][0])


@dataclass(frozen=True, slots=True)
class _Piece:
    """One stretch of text: a statement, a function, or a class reduced to some of its members."""

    name: str
    text: str
    line: int
    rank: (
        int  # 0: imports and declarations, 1: bound tests, 2: helpers; the last goes first when room is short
    )


@dataclass(slots=True)
class _Module:
    lines: list[str]
    tree: ast.Module
    visible: dict[Where, list[pytest.Function]] = field(default_factory=dict)
    hidden: set[Where] = field(default_factory=set)

    @classmethod
    def of(cls, path: Path, items: Iterable[pytest.Function]) -> _Module:
        with tokenize.open(path) as file:
            text = file.read()
        module = cls(text.splitlines(), ast.parse(text))
        for item in items:
            where = module.defined(_where(item))
            if is_holdout(item):
                module.hidden.add(where)
            else:
                module.visible.setdefault(where, []).append(item)
        return module

    def text(self, room: int) -> str:
        """The module as the model reads it, or nothing where all its tests are held out."""
        if not self.visible:
            return ""
        kept: list[_Piece] = []
        left_out: list[str] = []
        for piece in sorted(self.pieces(), key=lambda piece: (piece.rank, piece.line)):
            if len(piece.text) > room and piece.rank == 1 and room >= LEAST_CHARS:
                # Part of a test tells more than its name.
                piece = replace(piece, text=clip(piece.text, most_lines=room, most_chars=room))  # noqa: PLW2901
            if len(piece.text) <= room:
                kept.append(piece)
                room -= len(piece.text)
            else:
                left_out.append(piece.name)
        text = _joined(sorted(kept, key=lambda piece: piece.line))
        return self.without_hidden_names((text + _left_out(left_out)).strip("\n"))

    def without_hidden_names(self, text: str) -> str:
        """A docstring or a comment of a test on view may still speak of one that is held out."""
        shown = {where[-1] for where in self.visible}
        for name in sorted({where[-1] for where in self.hidden} - shown):
            text = re.sub(rf"\b{re.escape(name)}\b", "…", text)
        return text

    # -- what is reached ---------------------------------------------------------------------------------

    def pieces(self) -> Iterator[_Piece]:
        reached = self.reached()
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef):
                yield from self.class_pieces(node, reached)
            elif isinstance(node, Definition):
                where = (node.name,)
                if where in self.visible:
                    yield _Piece(node.name, self.function(node, where), node.lineno, rank=1)
                elif bound_names(node) & reached and self.may_show(node, where):
                    yield _Piece(node.name, self.segment(node), node.lineno, rank=2)
            elif bound_names(node) & reached and self.may_show(node, ()):
                rank = 0 if isinstance(node, ast.Import | ast.ImportFrom) or _is_declaration(node) else 2
                yield _Piece(", ".join(sorted(bound_names(node))), self.segment(node), node.lineno, rank)

    def class_pieces(self, node: ast.ClassDef, reached: set[str]) -> Iterator[_Piece]:
        bound = [where for where in self.visible if where[0] == node.name and len(where) > 1]
        if bound or (node.name in reached and self.may_show(node, (node.name,))):
            text = self.class_text(node, (node.name,), reached, whole=not bound)
            yield _Piece(node.name, text, node.lineno, rank=1 if bound else 2)

    def reached(self) -> set[str]:
        """The names that the bound tests use, those that these use, and so on."""
        nodes: list[ast.AST] = [test for where in self.visible if (test := self.find(where))]
        nodes += [d for where in self.visible for cls in self.classes(where) for d in _header(cls)]
        binders = self.binders()
        autouse = [
            n for found in binders.values() for n in found if isinstance(n, Definition) and _is_autouse(n)
        ]
        nodes += autouse
        names = {node.name for node in autouse}
        unseen: list[ast.AST] = [
            test for where in self.hidden - set(self.visible) if (test := self.find(where))
        ]
        while nodes:
            node = nodes.pop()
            mixed = isinstance(node, Definition) and self.is_mixed(node)
            for name in _used_names(node, skip=[*unseen, *(_parametrizing(node) if mixed else ())]):
                if name not in names:
                    names.add(name)
                    nodes += [n for n in binders.get(name, ()) if n not in unseen and not _says_holdout(n)]
        return names

    def binders(self) -> Mapping[str, list[ast.stmt]]:
        """Which statements give a name its value, in the module and in the classes of bound tests."""
        found: dict[str, list[ast.stmt]] = {}
        classes = {id(cls): cls for where in self.visible for cls in self.classes(where)}
        for body in [self.tree.body, *(cls.body for cls in classes.values())]:
            for node in body:
                for name in bound_names(node):
                    found.setdefault(name, []).append(node)
        return found

    def may_show(self, node: ast.AST, where: Where) -> bool:
        """Whether nothing in ``node`` is held out."""
        return where not in self.hidden and not _says_holdout(node)

    # -- where things are --------------------------------------------------------------------------------

    def defined(self, where: Where) -> Where:
        """Where a test is really written: an inherited method stands in a base class."""
        if self.find(where) or len(where) == 1:
            return where
        cls = self.find_class(where[:-1])
        for base in cls.bases if cls else ():
            if isinstance(base, ast.Name) and self.find_class((base.id,)):
                there = self.defined((base.id, where[-1]))
                if self.find(there):
                    return there
        return where

    def find(self, where: Where) -> Definition | None:
        cls = self.find_class(where[:-1]) if len(where) > 1 else self.tree
        found = [n for n in (cls.body if cls else ()) if isinstance(n, Definition) and n.name == where[-1]]
        return found[-1] if found else None  # of two functions of one name, Python keeps the last

    def find_class(self, where: Where) -> ast.ClassDef | None:
        body, found = self.tree.body, None
        for name in where:
            found = next((n for n in body if isinstance(n, ast.ClassDef) and n.name == name), None)
            if found is None:
                return None
            body = found.body
        return found

    def classes(self, where: Where) -> list[ast.ClassDef]:
        around = (self.find_class(where[:depth]) for depth in range(1, len(where)))
        return [cls for cls in around if cls]

    # -- text --------------------------------------------------------------------------------------------

    def segment(self, node: ast.stmt) -> str:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        return "\n".join(self.lines[first - 1 : node.end_lineno])

    def function(self, node: Definition, where: Where) -> str:
        if not self.is_mixed(node):
            return self.segment(node)
        # Some parameters are held out: the decorators that carry them go, the cases on view are told instead.
        indent = " " * node.col_offset
        kept = [d for d in node.decorator_list if d not in _parametrizing(node)]
        cases = [f"{indent}# case: {case}" for item in self.visible[where] if (case := _case(item))]
        decorators = [f"{indent}@{ast.unparse(d)}" for d in kept]
        return "\n".join([*cases, *decorators, *self.lines[node.lineno - 1 : node.end_lineno]])

    def class_text(self, node: ast.ClassDef, where: Where, reached: set[str], *, whole: bool) -> str:
        """``node`` with its bound tests and the members they reach, or ``whole`` but for what is hidden."""
        indent = " " * node.col_offset
        bases = ", ".join(ast.unparse(base) for base in [*node.bases, *node.keywords])
        mixed = any(self.is_mixed(n) for n in node.body if isinstance(n, Definition))
        decorators = [d for d in node.decorator_list if not (mixed and d in _parametrizing(node))]
        head = [f"{indent}@{ast.unparse(d)}" for d in decorators]
        head.append(f"{indent}class {node.name}({bases}):" if bases else f"{indent}class {node.name}:")
        members = [text for n in node.body if (text := self.member(n, where, reached, whole=whole))]
        return "\n".join(head) + "\n" + "\n\n".join(members or [f"{indent}    ..."])

    def member(self, node: ast.stmt, around: Where, reached: set[str], *, whole: bool) -> str:
        where = (*around, getattr(node, "name", ""))
        if isinstance(node, ast.ClassDef):
            bound = any(seen[: len(where)] == where for seen in self.visible)
            return self.class_text(node, where, reached, whole=whole) if bound or whole else ""
        if isinstance(node, Definition) and where in self.visible:
            return self.function(node, where)
        used = whole or bool(bound_names(node) & reached)
        return self.segment(node) if used and self.may_show(node, where) else ""

    def is_mixed(self, node: Definition) -> bool:
        """Whether some of a test's parameters are held out and some are not."""
        both = (where for where in self.visible if where in self.hidden)
        return any(self.find(where) is node for where in both)


def _where(item: pytest.Function) -> Where:
    classes = tuple(node.name for node in item.listchain() if isinstance(node, pytest.Class))
    return (*classes, item.originalname)


def bound_names(node: ast.stmt) -> set[str]:
    """The names that a statement gives a value, also inside ``if`` and ``try``."""
    if isinstance(node, Definition | ast.ClassDef):
        named = {_fixture_name(node)} if isinstance(node, Definition) else set()
        return {node.name, *named}
    names: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.alias):
            names.add(inner.asname or inner.name.split(".")[0])
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            names.add(inner.id)
        elif isinstance(inner, Definition | ast.ClassDef):
            names.add(inner.name)
    return names


def _used_names(node: ast.AST, skip: Sequence[ast.AST]) -> Iterator[str]:
    skipped = {id(inner) for outer in skip for inner in ast.walk(outer)}
    for inner in ast.walk(node):
        if id(inner) in skipped:
            continue
        if isinstance(inner, ast.Name):
            yield inner.id
        elif isinstance(inner, ast.arg):
            yield inner.arg  # a fixture
        elif isinstance(inner, ast.Attribute):
            yield inner.attr  # self.helper
        elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value  # usefixtures("name"), getfixturevalue("name")


def _header(cls: ast.ClassDef) -> list[ast.AST]:
    return [*cls.decorator_list, *cls.bases]


def _says_holdout(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.keyword) and inner.arg == "holdout" for inner in ast.walk(node))


def _is_declaration(node: ast.stmt) -> bool:
    value = getattr(node, "value", None)
    return isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[-1] == "evolvable"


def _fixture(node: Definition) -> Mapping[str | None, object]:
    """The constant arguments of ``@pytest.fixture(...)``."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).split(".")[-1] == "fixture":
            pairs = ((k.arg, k.value) for k in decorator.keywords)
            return {name: value.value for name, value in pairs if isinstance(value, ast.Constant)}
    return {}


def _fixture_name(node: Definition) -> str:
    name = _fixture(node).get("name")
    return name if isinstance(name, str) else node.name


def _is_autouse(node: Definition) -> bool:
    return bool(_fixture(node).get("autouse"))


def _parametrizing(node: ast.AST) -> list[ast.expr]:
    """The decorators that may carry parameters: all but other pytest marks and hypothesis' own."""
    plain = re.compile(r"(pytest\.mark\.(?!parametrize\b)|hypothesis\.|given\b|settings\b)")
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return [d for d in decorators if not plain.match(ast.unparse(d)) or _says_holdout(d)]


def _case(item: pytest.Function) -> str:
    callspec = getattr(item, "callspec", None)
    return (
        ", ".join(f"{name} = {bounded_repr(value)}" for name, value in callspec.params.items())
        if callspec
        else ""
    )


def _joined(pieces: Iterable[_Piece]) -> str:
    """Statements line by line, functions and classes with the customary two empty lines around them."""
    text = ""
    block = False
    for piece in pieces:
        is_block = piece.text.lstrip().startswith(("@", "def ", "async def ", "class ", "# case:"))
        gap = "\n\n\n" if is_block or block else "\n"
        text += (gap if text else "") + piece.text
        block = is_block
    return text


def _left_out(names: Sequence[str]) -> str:
    if not names:
        return ""
    shown = ", ".join(names[:MOST_NAMES_LEFT_OUT])
    more = f" and {len(names) - MOST_NAMES_LEFT_OUT} more" if len(names) > MOST_NAMES_LEFT_OUT else ""
    return f"\n\n\n# left out, too long: {shown}{more}"
