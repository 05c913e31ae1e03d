"""A Rust text with a counter before each statement, to see which lines are reached.

rustc has counters of its own, but reading them takes LLVM's tools, which most toolchains are installed
without, and a runtime that writes files, which the sandbox forbids.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_symbiont.source._items import parse

if TYPE_CHECKING:
    from tree_sitter import Node

MODULE = "__symbiont_lines"
TAKE = f"{MODULE}::take"
"""The path of a function that says for each counter whether it was reached, and forgets it."""

_COMMENTS = frozenset({"line_comment", "block_comment"})
# What stands in a block, but is not executed.
_NO_STATEMENTS = frozenset(
    {
        *_COMMENTS, "attribute_item", "inner_attribute_item", "empty_statement", "label", "const_item",
        "enum_item", "extern_crate_declaration", "foreign_mod_item", "function_item", "impl_item",
        "macro_definition", "mod_item", "static_item", "struct_item", "trait_item", "type_item", "union_item",
        "use_declaration",
    }
)  # fmt: skip
# What the compiler evaluates: nothing is called there that is not `const`.
_CONSTANT = frozenset(
    {"const_item", "static_item", "const_block", "array_type", "type_arguments", "enum_item", "token_tree"}
)


@dataclass(frozen=True, slots=True)
class Instrumented:
    """``text`` has the lines of the one that it was made from; ``lines`` are its counters', from 1."""

    text: str
    lines: tuple[int, ...]


@lru_cache(maxsize=64)  # every trial of a revision asks for it
def instrument(text: str) -> Instrumented | None:
    """Count what is reached in every function that is not ``const``; None where the text does not parse.

    A line counts where a statement begins, the value of a match arm, or, on a line of its own, a closure's.
    Nothing that was on a line leaves it, so messages of panics name the same ones.
    """
    data = text.encode()
    root = parse(data)
    if root.has_error:
        return None
    finder = _Finder()
    finder.walk(root)
    for offset, inserted in sorted(finder.insertions, key=lambda found: found[0], reverse=True):
        data = data[:offset] + inserted.encode() + data[offset:]
    return Instrumented(f"{data.decode()}\n{counters(len(finder.lines))}", tuple(finder.lines))


def uncounted(text: str) -> str:
    """The text with no counters and a function that says so: for what rustc refuses with them."""
    return f"{text}\n{counters(0)}"


def counters(count: int) -> str:
    """The module that holds the counters, each at 0."""
    return (
        f"#[doc(hidden)] pub mod {MODULE} {{\n"
        "    use ::core::sync::atomic::{AtomicU8, Ordering::Relaxed};\n"
        f"    static REACHED: [AtomicU8; {count}] = [const {{ AtomicU8::new(0) }}; {count}];\n"
        "    #[inline(always)] pub fn reach(counter: usize) { REACHED[counter].store(1, Relaxed); }\n"
        "    pub fn take() -> ::std::vec::Vec<u8> {\n"
        "        REACHED.iter().map(|counter| counter.swap(0, Relaxed)).collect()\n"
        "    }\n"
        "}\n"
    )


@dataclass(slots=True)
class _Finder:
    """Walks a tree. ``insertions`` are texts by byte offset, in the order in which they were found."""

    lines: list[int] = field(default_factory=list)
    insertions: list[tuple[int, str]] = field(default_factory=list)

    def walk(self, node: Node) -> None:
        """Look for functions."""
        for child, attributes in _with_attributes(node):
            if any(b"cfg" in (attribute.text or b"") for attribute in attributes):
                continue
            body = child.child_by_field_name("body")
            if child.type == "function_item":
                if body is not None and not _is_const(child):
                    self._inside(body)
            elif body is not None:
                self.walk(body)

    def _inside(self, node: Node) -> None:
        """Count in this node of a function."""
        if node.type in _CONSTANT:
            return
        if node.type == "block":
            self._block(node)
            return
        if node.type in {"function_item", "mod_item", "impl_item", "trait_item"}:
            return
        if node.type in {"match_arm", "closure_expression"}:
            self._value(node)
        length = node.child_by_field_name("length") if node.type == "array_expression" else None
        for child in node.named_children:
            if child != length:
                self._inside(child)

    def _block(self, block: Node) -> None:
        self.walk(block)  # functions inside
        for statement, attributes in _with_attributes(block):
            if any(b"cfg" in (attribute.text or b"") for attribute in attributes):
                continue
            if statement.type in _NO_STATEMENTS:
                continue
            self._count(min([statement, *attributes], key=lambda each: each.start_byte).start_byte, statement)
            self._inside(statement)

    def _value(self, node: Node) -> None:
        """Count where a match arm or a closure has its value, if that is no block."""
        name = "value" if node.type == "match_arm" else "body"
        value = node.child_by_field_name(name)
        if value is None or value.type == "block":
            return
        if node.type == "closure_expression" and value.start_point.row == node.start_point.row:
            return
        # At the start of a block, as in an arm, `if a { 1 } else { 2 } + 3` would be two statements.
        opening, closing = ("(", ") }") if node.type == "closure_expression" else ("", " }")
        self._count(value.start_byte, value, "{ ", opening)
        self.insertions.append((value.end_byte, closing))

    def _count(self, offset: int, node: Node, before: str = "", behind: str = "") -> None:
        number = len(self.lines)
        self.lines.append(node.start_point.row + 1)
        self.insertions.append((offset, f"{before}crate::{MODULE}::reach({number});{behind}"))


def _with_attributes(parent: Node) -> list[tuple[Node, list[Node]]]:
    """The children with the attributes that stand before each."""
    found: list[tuple[Node, list[Node]]] = []
    attributes: list[Node] = []
    for child in parent.named_children:
        if child.type == "attribute_item":
            attributes.append(child)
        elif child.type not in _COMMENTS:
            found.append((child, attributes))
            attributes = []
    return found


def _is_const(function: Node) -> bool:
    modifiers = next((child for child in function.named_children if child.type == "function_modifiers"), None)
    return modifiers is not None and b"const" in (modifiers.text or b"").split()
