"""Shapes as the table of nodes that `packer.c` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_symbiont.bridge import shapes
from pytest_symbiont.bridge.pack import CODES
from pytest_symbiont.bridge.shapes import Shape, nullable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.bridge.custom import CustomType, CustomTypes, CustomVariant

LETTERS = {
    "i8": "b", "u8": "B", "i16": "h", "u16": "H", "i32": "i", "u32": "I", "i64": "q", "u64": "Q",
    "isize": "n", "usize": "N", "f32": "f", "f64": "d", "bool": "?", "char": "c",
}  # fmt: skip
"""The C code's letters for scalars; it has none for 128 bits."""


class Node(NamedTuple):
    """One node; `packer` in `callable.c` says what the fields mean."""

    kind: str
    element: str = ""
    code: int = 0
    length: int = -1
    number: int = 0
    children: tuple[int, ...] = ()
    class_: Any = None
    names: tuple[str, ...] = ()


_FOREIGN = Node("x")


def program(roots: Sequence[Shape], types: CustomTypes) -> tuple[tuple[Node, ...], tuple[int, ...]]:
    """The nodes for values of these shapes, and which node each shape is."""
    table = _Table(types)
    places = tuple(map(table.place, roots))
    return tuple(table.nodes), places


class _Table:
    def __init__(self, types: CustomTypes) -> None:
        self.nodes: list[Node] = []
        self._types = types
        self._places: dict[Shape, int] = {}

    def place(self, shape: Shape) -> int:
        if shape not in self._places:
            self._places[shape] = self._add(_FOREIGN)  # its number is known before its children are
            self.nodes[self._places[shape]] = self._node(shape)
        return self._places[shape]

    def _add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def _several(self, *inner: Shape) -> tuple[int, ...]:
        return tuple(map(self.place, inner))

    def _node(self, shape: Shape) -> Node:  # noqa: PLR0911 - one for each shape
        match shape:
            case shapes.Number(scalar) if scalar.rust in LETTERS:
                return Node("s", LETTERS[scalar.rust])
            case shapes.Text():
                return Node("t")
            case shapes.Unit():
                return Node("u")
            case shapes.Option(inner) if not nullable(inner):
                return Node("o", children=self._several(inner))
            case shapes.Sequence(inner):
                length = -1 if shape.length is None else shape.length
                kind = "y" if shape.bytes else "l"
                return Node(kind, code=_code(inner), length=length, children=self._several(inner))
            case shapes.Mapping(key, value):
                return Node("m", children=self._several(key, value))
            case shapes.Set(inner):
                return Node("e", children=self._several(inner))
            case shapes.Tuple(members):
                return Node("T", children=self._several(*members))
            case shapes.Custom():
                return self._custom(self._types[shape])
            case _:
                return _FOREIGN

    def _custom(self, custom: CustomType) -> Node:
        if custom.is_object:
            return _FOREIGN
        if custom.plain:
            return Node("E", class_=custom.python)
        if not custom.is_enum:
            return self._variant(custom.variants[0])
        variants = [self._add(self._variant(variant)) for variant in custom.variants]
        return Node("V", children=tuple(variants))

    def _variant(self, variant: CustomVariant) -> Node:
        children = self._several(*(field.shape for field in variant.fields))
        names = tuple(field.python for field in variant.fields)
        return Node("S", number=variant.number, children=children, class_=variant.python, names=names)


def _code(shape: Shape) -> int:
    if isinstance(shape, shapes.Number) and shape.zero:
        return CODES.get(shape.scalar.rust, 0)
    return 0
