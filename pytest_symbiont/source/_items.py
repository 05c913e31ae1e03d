"""The items of a Rust text, from tree-sitter, which sees the text with its function bodies blanked."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import tree_sitter_rust
from tree_sitter import Language, Node, Parser

from pytest_symbiont.source import _lex
from pytest_symbiont.source._bodies import bodies, skeleton
from pytest_symbiont.source.values import Function, Impl, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = frozenset(
    {
        "const_item",
        "enum_item",
        "extern_crate_declaration",
        "foreign_mod_item",
        "function_item",
        "impl_item",
        "macro_definition",
        "mod_item",
        "static_item",
        "struct_item",
        "trait_item",
        "type_item",
        "union_item",
        "use_declaration",
    }
)
_COMMENTS = frozenset({"line_comment", "block_comment"})
_PLAIN_NAME = re.compile(r"(?:mut\s+)?((?:r#)?[^\W\d]\w*)")


@dataclass(frozen=True, slots=True)
class Item:
    """One item. ``start`` and ``end`` are byte offsets, with its attributes and doc comments.

    ``kind`` is tree-sitter's name for it, ``name`` its own (what stands before the braces for an ``impl``,
    the whole text for a ``use``), ``line`` the first of it from 1, without attributes. ``items`` are those
    inside a ``mod``, ``impl`` or ``trait``. ``function`` is set for a function that can be used; ``problem``
    says why one cannot. ``visibility`` is ``pub``, ``pub(…)`` or empty.
    """

    kind: str
    name: str
    start: int
    end: int
    line: int
    attributes: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    function: Function | None = None
    problem: str = ""
    visibility: str = ""

    @property
    def is_test(self) -> bool:
        """Whether the item is there for ``cargo test`` only."""
        return any(_is_test(attribute) for attribute in self.attributes)


@cache
def _language() -> Language:
    return Language(tree_sitter_rust.language())


def parse(data: bytes) -> Node:
    """tree-sitter's tree of the text as it is."""
    return Parser(_language()).parse(data).root_node


def items(data: bytes) -> tuple[Item, ...]:
    """The items of a Rust text. What is no item (prose, statements) is passed over."""
    return _Reader(data).read()


class _Reader:
    """Holds the text, and which bodies in it have an end, while items are read from the tree."""

    def __init__(self, data: bytes) -> None:
        found = bodies(data)
        self._data = data
        self._skeleton = skeleton(data, found)
        self._bodies = {body.start: body for body in found}

    def read(self) -> tuple[Item, ...]:
        return tuple(self._items(parse(self._skeleton), ""))

    def _items(self, parent: Node, path: str, impl: Impl | None = None) -> Iterator[Item]:
        docs: list[str] = []
        attributes: list[str] = []
        start: int | None = None
        for node in _children(parent):
            if node.type in _COMMENTS:
                if node.child_by_field_name("outer") is None:
                    continue
                docs.append(_comment_text(_text(node)))
            elif node.type == "attribute_item":
                attributes.append(_text(node))
            else:
                if node.type in KINDS:
                    doc = "\n".join(docs).strip()
                    begin = node.start_byte if start is None else start
                    yield self._item(node, path, begin, doc, tuple(attributes), impl)
                docs, attributes, start = [], [], None
                continue
            start = node.start_byte if start is None else start

    def _item(
        self, node: Node, path: str, start: int, doc: str, attributes: tuple[str, ...], impl: Impl | None
    ) -> Item:
        name = _name(node)
        line = self._line(node.start_byte)
        seen = _child_text(node, "visibility_modifier")
        if node.type == "function_item":
            function, problem = self._function(node, path + name, doc, impl)
            return Item(node.type, name, start, node.end_byte, line, attributes, (), function, problem, seen)
        body = node.child_by_field_name("body")
        inside: tuple[Item, ...] = ()
        if body is not None and node.type == "impl_item":
            block = _impl(node, body, path.removesuffix("::"))
            inside = tuple(self._items(body, f"{path}{_owner(block)}::", block))
        elif body is not None and node.type in {"mod_item", "trait_item"}:
            inside = tuple(self._items(body, f"{path}{name}::"))
        return Item(node.type, name, start, node.end_byte, line, attributes, inside, visibility=seen)

    def _function(self, node: Node, path: str, doc: str, impl: Impl | None) -> tuple[Function | None, str]:
        """The function, or None and what is wrong with it."""
        block = node.child_by_field_name("body")
        body = None if block is None else self._bodies.get(block.start_byte)
        if body is None or node.has_error:
            return None, "the signature does not parse"
        if not body.closed:
            return None, "the body has no end: a brace, a quote or a comment in it is left open"
        return replace(self._signed(node, path, doc, body.start, body.end), impl=impl), ""

    def _signed(self, node: Node, path: str, doc: str, body_start: int, body_end: int) -> Function:
        returns = _field(node, "return_type")
        return Function(
            path=path,
            name=_name(node),
            signature=self._data[node.start_byte : body_start].decode().rstrip(),
            parameters=tuple(_parameters(node)),
            returns="" if returns == "()" else returns,
            body=self._data[body_start:body_end].decode(),
            start=node.start_byte,
            body_start=body_start,
            body_end=body_end,
            line=self._line(node.start_byte),
            doc=doc,
            public=_child_text(node, "visibility_modifier") == "pub",
            qualifiers=tuple(_qualifiers(node)),
            generics=_field(node, "type_parameters"),
            where=_child_text(node, "where_clause"),
            receiver=_receiver(node),
        )

    def _line(self, offset: int) -> int:
        return self._data.count(b"\n", 0, offset) + 1


def _children(parent: Node) -> Iterator[Node]:
    """The named children, with those that tree-sitter put into an ERROR node as if they were not."""
    waiting = [parent]
    while waiting:
        node = waiting.pop()
        if node.type == "ERROR" or node is parent:
            waiting.extend(reversed(node.named_children))
        else:
            yield node


def _parameters(node: Node) -> Iterator[Parameter]:
    parameters = node.child_by_field_name("parameters")
    for child in parameters.named_children if parameters else ():
        if child.type != "parameter":
            continue
        written = child.child_by_field_name("type")
        start = written.start_byte - child.start_byte if written else 0
        pattern = _squeezed((child.text or b"")[:start].decode().rstrip().removesuffix(":"))
        plain = _PLAIN_NAME.fullmatch(pattern)
        name = plain[1] if plain and plain[1] != "_" else ""
        yield Parameter(pattern, name, _squeezed(_text(written)) if written else "")


def _qualifiers(node: Node) -> Iterator[str]:
    for child in node.children:
        if child.type == "function_modifiers":
            yield from (_squeezed(_text(word)) for word in child.children if word.type not in _COMMENTS)


def _receiver(node: Node) -> str:
    parameters = node.child_by_field_name("parameters")
    return _child_text(parameters, "self_parameter") if parameters else ""


def _impl(node: Node, body: Node, module: str) -> Impl:
    types = [child for child in body.named_children if child.type == "type_item"]
    return Impl(
        _squeezed(_field(node, "type")),
        _squeezed(_field(node, "trait")),
        _squeezed(_field(node, "type_parameters")),
        _squeezed(_child_text(node, "where_clause")),
        tuple((_field(child, "name"), _squeezed(_field(child, "type"))) for child in types),
        module,
    )


def _owner(impl: Impl) -> str:
    """How the path of what stands in it goes on: ``Stack``, or ``<Stack as From<u8>>``."""
    if not impl.trait:
        return impl.head
    arguments = "".join(impl.trait.partition("<")[1:])
    return f"<{impl.head} as {impl.trait_name}{arguments}>"


def _name(node: Node) -> str:
    if node.type == "use_declaration":
        return _lex.normalised(_text(node))
    if node.type == "impl_item":
        body = node.child_by_field_name("body")
        header = (node.text or b"")[: (body.start_byte if body else node.end_byte) - node.start_byte]
        return _lex.normalised(header.decode())
    return _field(node, "name")


def _is_test(attribute: str) -> bool:
    words = [token.text for token in _lex.code(attribute.encode()) if token.kind == "ident"]
    return words == ["test"] or (words[:1] == ["cfg"] and "test" in words and "not" not in words)


def _comment_text(comment: str) -> str:
    if comment.startswith("///"):
        return comment[3:].removeprefix(" ").rstrip()
    lines = comment.removeprefix("/**").removesuffix("*/").split("\n")
    return "\n".join(re.sub(r"^\s*\* ?", "", line).rstrip() for line in lines).strip()


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _field(node: Node, name: str) -> str:
    child = node.child_by_field_name(name)
    return _text(child) if child else ""


def _child_text(node: Node, kind: str) -> str:
    return next((_text(child) for child in node.children if child.type == kind), "")


def _text(node: Node) -> str:
    return (node.text or b"").decode()
