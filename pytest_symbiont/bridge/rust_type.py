"""Rust types as values, from their text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import tree_sitter
import tree_sitter_rust

if TYPE_CHECKING:
    from tree_sitter import Node

_STD_ROOTS = ("std::", "alloc::", "core::", "::std::", "::alloc::", "::core::")


@dataclass(frozen=True, slots=True)
class Named:
    """A type with a name: ``i64``, ``Vec<u8>``. The path of a std type is dropped (``std::vec::Vec``)."""

    name: str
    arguments: tuple[RustType, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """``&T`` or ``&mut T``; its lifetime is not kept."""

    mutable: bool
    inner: RustType


@dataclass(frozen=True, slots=True)
class Slice:
    """``[T]``."""

    inner: RustType


@dataclass(frozen=True, slots=True)
class Tuple:
    """``(A, B)``; the unit type is the empty one."""

    members: tuple[RustType, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """Any other type, as text."""

    text: str


RustType = Named | Reference | Slice | Tuple | Other


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))


def parse(text: str) -> RustType:
    """The type that ``text`` names; what is no type, or of a form not known here, is `Other`."""
    tree = _parser().parse(f"type T = {text};".encode())
    items = tree.root_node.named_children
    node = items[0].child_by_field_name("type") if len(items) == 1 else None
    if tree.root_node.has_error or node is None:
        return Other(text)
    return _of(node)


def _of(node: Node) -> RustType:  # noqa: PLR0911 - one for each kind of type
    text = (node.text or b"").decode()
    match node.type:
        case "primitive_type" | "type_identifier":
            return Named(text)
        case "scoped_type_identifier":
            return Named(_last(text)) if text.startswith(_STD_ROOTS) else Other(text)
        case "generic_type":
            return _generic(node, text)
        case "reference_type":
            mutable = any(child.type == "mutable_specifier" for child in node.children)
            inner = node.child_by_field_name("type")
            return Reference(mutable, _of(inner)) if inner is not None else Other(text)
        case "array_type" if node.child_by_field_name("length") is None:
            inner = node.child_by_field_name("element")
            return Slice(_of(inner)) if inner is not None else Other(text)
        case "unit_type":
            return Tuple(())
        case "tuple_type":
            return Tuple(tuple(map(_of, node.named_children)))
    return Other(text)


def _generic(node: Node, text: str) -> RustType:
    base, arguments = node.child_by_field_name("type"), node.child_by_field_name("type_arguments")
    if base is None or arguments is None:
        return Other(text)
    name = (base.text or b"").decode()
    if "::" in name and not name.startswith(_STD_ROOTS):
        return Other(text)
    types = [child for child in arguments.named_children if child.type != "lifetime"]
    return Named(_last(name), tuple(map(_of, types)))


def _last(path: str) -> str:
    return path.rsplit("::", 1)[-1]
