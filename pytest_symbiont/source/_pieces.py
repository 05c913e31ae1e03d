"""The code of an answer, cut into pieces, and the functions defined there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_symbiont.source import _lex
from pytest_symbiont.source._items import KINDS, Item, items, parse
from pytest_symbiont.source._lines import line_margin, moved, reindent
from pytest_symbiont.source._parameters import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from pytest_symbiont.source.values import Function

_WRAPPER = "fn body() "


class Piece:
    """One block of an answer, or all of it. Items are read when they are asked for."""

    def __init__(self, code: str, *, is_rust: bool = True) -> None:
        self.code = code
        self.is_rust = is_rust

    @cached_property
    def items(self) -> tuple[Item, ...]:
        return items(self.code.encode())

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """The functions and methods in it, tests left out, in order."""
        return tuple(_definitions(self, self.items, ()))


@dataclass(frozen=True, slots=True)
class Definition:
    """A function in a piece. ``parents`` are the modules and the ``impl`` around it, outermost first."""

    piece: Piece
    item: Item
    parents: tuple[Item, ...]

    @property
    def path(self) -> str:
        if self.item.function:
            return self.item.function.path
        return "::".join([*(parent.name for parent in self.parents), self.item.name])

    @property
    def body(self) -> str:
        """The body block, its lines moved to the first column."""
        if not self.item.function:
            return ""
        start = len(self.piece.code.encode()[: self.item.function.start].decode())
        return moved(self.item.function.body, line_margin(self.piece.code, start), "")

    @property
    def container(self) -> Item | None:
        """The ``impl`` that it stands in, if it does."""
        return self.parents[-1] if self.parents and self.parents[-1].kind == "impl_item" else None

    @property
    def siblings(self) -> tuple[Item, ...]:
        """The items that its body can see: those beside it, and those at the top of the piece."""
        beside = self.parents[-1].items if self.parents else self.piece.items
        top = [item for item in self.piece.items if item not in self.parents] if self.parents else []
        return tuple(item for item in (*top, *beside) if item is not self.item)


def body_alone(piece: Piece, function: Function) -> str:
    """The piece as the body of ``function`` if it is nothing else, as a block; otherwise empty."""
    code = piece.code.strip("\n")
    block = code.strip() if _lex.is_block(code) else f"{{\n{_stepped(code)}\n}}"
    if not piece.is_rust or not _lex.is_block(block):
        return ""
    root = parse(f"{_WRAPPER}{block}".encode())
    if root.has_error or root.named_child_count != 1:
        return ""
    outer = root.named_children[0].child_by_field_name("body")
    statements = [node for node in outer.named_children if _is_statement(node)] if outer else []
    if not statements or all(_is_stray_word(node, function) for node in statements):
        return ""
    if function.returns not in {"", "!"} and not _gives_value(statements[-1]):
        return ""  # an example of use
    return reindent(block, "")


def _definitions(piece: Piece, found: Sequence[Item], parents: tuple[Item, ...]) -> Iterator[Definition]:
    for item in found:
        if item.is_test:
            continue
        if item.kind == "function_item":
            yield Definition(piece, item, parents)
        elif item.kind in {"mod_item", "impl_item"}:
            yield from _definitions(piece, item.items, (*parents, item))


def _stepped(code: str) -> str:
    """The code one step in from the first column."""
    return reindent(f"\n{code}", "    ").removeprefix("\n")


def _is_statement(node: Node) -> bool:
    return node.type not in KINDS and "comment" not in node.type and "attribute" not in node.type


def _is_stray_word(node: Node, function: Function) -> bool:
    """Whether this is a word such as ``Sure``, which is an expression to the grammar, or a string of code."""
    text = (node.text or b"").decode().rstrip(";").strip()
    names = {name for parameter in function.parameters for name in words(parameter.pattern)}
    if node.type == "expression_statement" and len(node.named_children) == 1:
        node = node.named_children[0]
    if node.type in {"string_literal", "raw_string_literal"}:
        return f"fn {function.name}" in text  # the code, packed into JSON
    return bool(re.fullmatch(r"[^\W\d]\w*", text)) and text not in names | {"true", "false", "None"}


def _gives_value(node: Node) -> bool:
    text = (node.text or b"").decode()
    leaves = words(text) & {"return", "loop", "panic", "todo", "unimplemented", "unreachable", "while", "for"}
    return (not text.endswith(";") and node.type != "let_declaration") or bool(leaves)
