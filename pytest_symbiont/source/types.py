"""The types, constants and imports that a Rust file declares, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pytest_symbiont.source._cfg import gone
from pytest_symbiont.source._items import Item, items, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_KINDS: dict[str, Literal["struct", "enum", "alias", "const", "union", "trait"]] = {
    "struct_item": "struct",
    "enum_item": "enum",
    "type_item": "alias",
    "const_item": "const",
    "union_item": "union",
    "trait_item": "trait",
}
_WORD = re.compile(r"(?:r#)?\w+")


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``name`` is as Rust names it: ``x``, ``r#type``, or ``0`` in a tuple."""

    name: str
    type: str
    public: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant of an enum, or a struct's only one. ``discriminant`` is its expression's text, or empty."""

    name: str
    style: Literal["unit", "tuple", "named"]
    fields: tuple[Field, ...] = ()
    discriminant: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One type, alias or constant.

    ``path`` is its path inside the file, ``lifetimes`` and ``parameters`` are those of its generics (``'a``;
    ``T``), ``defaults`` what each of the latter is where it is left out, ``type`` is the text of what an
    alias stands for or what a constant's type is, ``traits`` are the names of what it derives or what is
    implemented for it. ``line`` counts from 1.
    """

    kind: Literal["struct", "enum", "alias", "const", "union", "trait"]
    path: str
    line: int
    public: bool = False
    lifetimes: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    type: str = ""
    value: str = ""
    traits: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.path.rpartition("::")[2]

    @property
    def module(self) -> str:
        """The path of the module that it stands in, empty for the file itself."""
        return self.path.rpartition("::")[0]


@dataclass(frozen=True, slots=True)
class Use:
    """``use path as name;`` in a module; ``name`` is ``*`` where everything below ``path`` is meant."""

    module: str
    name: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Declarations:
    """What a file declares: by path, its ``use`` lines, and the paths of its inline modules.

    ``hidden`` are the paths of items of modules that only their module, not the whole file, can name.
    """

    by_path: dict[str, Declaration]
    uses: tuple[Use, ...]
    modules: frozenset[str]
    hidden: frozenset[str] = frozenset()

    def hides(self, path: str) -> str:
        """The path of what is private to its module and keeps the file from naming this path, or empty."""
        parts = path.split("::")
        above = ("::".join(parts[:count]) for count in range(1, len(parts) + 1))
        return next((each for each in above if each in self.hidden), "")


@lru_cache(maxsize=64)
def declarations(text: str) -> Declarations:
    """What the text declares at the level of items. What does not parse is left out."""
    data = text.encode()
    found: list[Declaration] = []
    uses: list[Use] = []
    modules: set[str] = set()
    hidden: set[str] = set()
    implemented: dict[str, set[str]] = {}

    def visit(level: tuple[Item, ...], module: str) -> None:
        for item in level:
            if item.is_test or gone(item.attributes):
                continue
            path = f"{module}::{item.name}" if module else item.name
            if module and _is_hidden(item.visibility, module):
                hidden.add(path)
            if item.kind == "mod_item":
                modules.add(path)
                visit(item.items, path)
            elif item.kind == "use_declaration":
                uses.extend(Use(module, name, where) for name, where in _uses(_node(data, item)))
            elif item.kind == "impl_item":
                trait, target = _implemented(_node(data, item))
                implemented.setdefault(f"{module}::{target}" if module else target, set()).add(trait)
            elif item.kind in _KINDS:
                found.append(_declaration(item, path, _node(data, item)))

    visit(items(data), "")
    by_path = {
        each.path: _with_traits(each, implemented.get(each.path, set())) for each in found if each.path
    }
    return Declarations(by_path, tuple(uses), frozenset(modules), frozenset(hidden))


def _is_hidden(visibility: str, module: str) -> bool:
    """Whether an item of a module is out of the file's sight."""
    where = "".join(visibility.split()).removeprefix("pub").strip("()")
    if where in {"super", "insuper"}:
        return "::" in module
    return not visibility or where not in {"", "crate", "incrate"}


def _with_traits(declaration: Declaration, implemented: set[str]) -> Declaration:
    return replace(declaration, traits=declaration.traits | implemented)


def _node(data: bytes, item: Item) -> Node:
    """The item's own node; attributes and comments stand before it."""
    root = parse(data[item.start : item.end])
    return next((node for node in root.named_children if node.type == item.kind), root)


def _declaration(item: Item, path: str, node: Node) -> Declaration:
    kind = _KINDS[item.kind]
    body = node.child_by_field_name("body")
    name = path.rpartition("::")[2]
    variants: tuple[Variant, ...] = ()
    if kind == "struct":
        variants = (_variant(name, body),)
    elif kind == "enum" and body is not None:
        variants = tuple(_enum_variants(body))
    lifetimes, parameters, defaults = _generics(node)
    return Declaration(
        kind,
        path,
        item.line,
        public=any(child.type == "visibility_modifier" for child in node.children),
        lifetimes=lifetimes,
        parameters=parameters,
        defaults=defaults,
        variants=variants,
        type=_text(node.child_by_field_name("type")),
        value=_text(node.child_by_field_name("value")),
        traits=frozenset(_derived(item.attributes)),
    )


def _generics(node: Node) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    parameters = node.child_by_field_name("type_parameters")
    lifetimes, types, defaults = [], [], []
    for child in parameters.named_children if parameters else ():
        if child.type in {"line_comment", "block_comment", "attribute_item"}:
            continue
        text = _text(child)
        if text.startswith("'"):
            lifetimes.append(text.split(":")[0].strip())
        else:
            types.append(text.split(":")[0].split("=")[0].removeprefix("const ").strip())
            defaults.append(
                _text(child.child_by_field_name("default_type") or child.child_by_field_name("value"))
            )
    return tuple(lifetimes), tuple(types), tuple(defaults)


def _compiled(body: Node) -> Iterator[Node]:
    """The children without comments, attributes and what an attribute takes away."""
    attributes: list[str] = []
    for node in body.children:
        if node.type == "attribute_item":
            attributes.append((node.text or b"").decode())
        elif node.type not in {"line_comment", "block_comment", ","}:
            if not gone(attributes):
                yield node
            if node.type != "visibility_modifier":
                attributes = []


def _enum_variants(body: Node) -> Iterator[Variant]:
    for node in _compiled(body):
        if node.type == "enum_variant":
            name = _text(node.child_by_field_name("name"))
            made = _variant(name, node.child_by_field_name("body"))
            yield Variant(made.name, made.style, made.fields, _text(node.child_by_field_name("value")))


def _variant(name: str, body: Node | None) -> Variant:
    if body is None:
        return Variant(name, "unit")
    if body.type == "field_declaration_list":
        return Variant(name, "named", tuple(_named_fields(body)))
    return Variant(name, "tuple", tuple(_tuple_fields(body)))


def _named_fields(body: Node) -> Iterator[Field]:
    for node in _compiled(body):
        if node.type == "field_declaration":
            public = any(child.type == "visibility_modifier" for child in node.children)
            yield Field(
                _text(node.child_by_field_name("name")), _text(node.child_by_field_name("type")), public
            )


def _tuple_fields(body: Node) -> Iterator[Field]:
    public, index = False, 0
    for child in _compiled(body):
        if child.type == "visibility_modifier":
            public = True
        elif child.is_named:
            yield Field(str(index), _text(child), public)
            public, index = False, index + 1


def _derived(attributes: tuple[str, ...]) -> Iterator[str]:
    for attribute in attributes:
        words = _WORD.findall(attribute)
        if "derive" in words:
            yield from words


def _implemented(node: Node) -> tuple[str, str]:
    """The trait's name (empty for an inherent impl) and the path of the type that it is implemented for."""
    trait = _text(node.child_by_field_name("trait")).partition("<")[0].rpartition("::")[2]
    return trait, _text(node.child_by_field_name("type")).partition("<")[0]


def _uses(node: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
    argument = node.child_by_field_name("argument")
    if argument is not None:
        yield from _flattened(argument, ())


def _flattened(node: Node, prefix: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names that a tree of a ``use`` binds, each with the path behind it."""
    match node.type:
        case "use_list":
            for child in node.named_children:
                yield from _flattened(child, prefix)
        case "scoped_use_list":
            inside = node.child_by_field_name("list")
            below = prefix + _segments(node.child_by_field_name("path"))
            if inside is not None:
                yield from _flattened(inside, below)
        case "use_as_clause":
            path = prefix + _segments(node.child_by_field_name("path"))
            yield _text(node.child_by_field_name("alias")), _whole(path)
        case "use_wildcard":
            inner = node.named_children[0] if node.named_children else None
            yield "*", prefix + _segments(inner)
        case "identifier" | "scoped_identifier" | "self" | "crate" | "super":
            path = _whole(prefix + _segments(node))
            if path:
                yield path[-1], path


def _segments(node: Node | None) -> tuple[str, ...]:
    return tuple(part for part in "".join(_text(node).split()).split("::") if part)


def _whole(path: tuple[str, ...]) -> tuple[str, ...]:
    """``use a::{self}`` means ``a``."""
    return path[:-1] if len(path) > 1 and path[-1] == "self" else path


def _text(node: Node | None) -> str:
    return " ".join((node.text or b"").decode().split()) if node is not None else ""
