"""Rust types as values, from their text and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import tree_sitter
import tree_sitter_rust

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Named:
    """A type with a name: ``i64``, ``Vec<u8>``, ``std::vec::Vec<u8>``, ``Token<'a>``."""

    path: str
    arguments: tuple[RustType, ...] = ()
    lifetimes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """``&T`` or ``&mut T``; ``lifetime`` is ``'a``, or empty where it is left out."""

    mutable: bool
    inner: RustType
    lifetime: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """``[T]``."""

    inner: RustType


@dataclass(frozen=True, slots=True)
class Array:
    """``[T; N]``; the length is text."""

    inner: RustType
    length: str


@dataclass(frozen=True, slots=True)
class Tuple:
    """``(A, B)``; the unit type is the empty one."""

    members: tuple[RustType, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """Any other type, as text: ``dyn Error``, ``impl Fn()``, ``fn(u8)``, ``*const T``, ``!``."""

    text: str


RustType = Named | Reference | Slice | Array | Tuple | Other


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))


@cache
def parse(text: str) -> RustType:
    """The type that ``text`` names; what is no type, or of a form not known here, is `Other`."""
    tree = _parser().parse(f"type T = {text};".encode())
    items = tree.root_node.named_children
    node = items[0].child_by_field_name("type") if len(items) == 1 else None
    if tree.root_node.has_error or node is None:
        return Other(text)
    return _of(node)


def render(rust_type: RustType, *, erased: bool = False) -> str:
    """The type as Rust text; ``erased`` leaves out the names of lifetimes, but for ``'static``."""
    match rust_type:
        case Named(path, arguments, lifetimes):
            inside = ["'_" if erased and lifetime != "'static" else lifetime for lifetime in lifetimes]
            inside += [render(argument, erased=erased) for argument in arguments]
            return f"{path}<{', '.join(inside)}>" if inside else path
        case Reference(mutable, inner, lifetime):
            named = f"{lifetime} " if lifetime and (not erased or lifetime == "'static") else ""
            return f"&{named}{'mut ' if mutable else ''}{render(inner, erased=erased)}"
        case Slice(inner):
            return f"[{render(inner, erased=erased)}]"
        case Array(inner, length):
            return f"[{render(inner, erased=erased)}; {length}]"
        case Tuple(members):
            inside = [render(member, erased=erased) for member in members]
            return f"({', '.join(inside)}{',' if len(inside) == 1 else ''})"
        case Other(text):
            return text


def shown(rust_type: RustType) -> str:
    """The type as one writes it, without the paths of std and of the file: ``Vec<i64>``."""
    return re.sub(r"(?:::)?\b(?:\w+::)+(?=\w)", "", render(rust_type))


def children(rust_type: RustType) -> tuple[RustType, ...]:
    """The types that this one is made of."""
    match rust_type:
        case Named(_, arguments, _):
            return arguments
        case Reference(_, inner, _) | Slice(inner) | Array(inner, _):
            return (inner,)
        case Tuple(members):
            return members
        case Other():
            return ()


def with_lifetimes(rust_type: RustType, rename: Callable[[str], str]) -> RustType:
    """The type with each lifetime renamed; ``rename`` gets an empty one where a reference names none."""
    match rust_type:
        case Named(path, arguments, lifetimes):
            inside = tuple(with_lifetimes(argument, rename) for argument in arguments)
            return Named(path, inside, tuple(map(rename, lifetimes)))
        case Reference(mutable, inner, lifetime):
            return Reference(mutable, with_lifetimes(inner, rename), rename(lifetime))
        case Slice(inner):
            return Slice(with_lifetimes(inner, rename))
        case Array(inner, length):
            return Array(with_lifetimes(inner, rename), length)
        case Tuple(members):
            return Tuple(tuple(with_lifetimes(member, rename) for member in members))
        case Other():
            return rust_type


def _of(node: Node) -> RustType:  # noqa: PLR0911 - one for each kind of type
    text = _text(node)
    match node.type:
        case "primitive_type" | "type_identifier" | "scoped_type_identifier" | "integer_literal":
            return Named("".join(text.split()))
        case "generic_type":
            return _generic(node, text)
        case "reference_type":
            mutable = any(child.type == "mutable_specifier" for child in node.children)
            inner = node.child_by_field_name("type")
            lifetime = next((_text(child) for child in node.children if child.type == "lifetime"), "")
            return Reference(mutable, _of(inner), lifetime) if inner is not None else Other(text)
        case "array_type":
            inner, length = node.child_by_field_name("element"), node.child_by_field_name("length")
            if inner is None:
                return Other(text)
            return Slice(_of(inner)) if length is None else Array(_of(inner), _text(length))
        case "unit_type":
            return Tuple(())
        case "tuple_type":
            inside = [child for child in node.named_children if "comment" not in child.type]
            # Parentheses alone make no tuple: `(T)` is `T`.
            if len(inside) == 1 and not any(child.type == "," for child in node.children):
                return _of(inside[0])
            return Tuple(tuple(map(_of, inside)))
    return Other(text)


def _generic(node: Node, text: str) -> RustType:
    base, arguments = node.child_by_field_name("type"), node.child_by_field_name("type_arguments")
    if base is None or arguments is None:
        return Other(text)
    inside = [child for child in arguments.named_children if "comment" not in child.type]
    if any(child.type == "type_binding" for child in inside):
        return Other(text)
    lifetimes = tuple(_text(child) for child in inside if child.type == "lifetime")
    types = tuple(_of(child) for child in inside if child.type != "lifetime")
    return Named("".join(_text(base).split()).removesuffix("::"), types, lifetimes)


def _text(node: Node) -> str:
    return " ".join((node.text or b"").decode().split())
