"""The types that a Rust file declares, as Python classes."""

from __future__ import annotations

import enum
import keyword
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_symbiont.bridge.resolve import OWN, Resolver, Unsupported
from pytest_symbiont.bridge.rust_type import Named, Reference, RustType, children, parse, render
from pytest_symbiont.bridge.shapes import Custom, Message, Shape, parts, shape_of
from pytest_symbiont.source.types import declarations

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from pytest_symbiont.source.types import Declaration, Variant

_NOT_NAMES = frozenset({"mro", "name", "value"})
"""What an `enum.Enum` keeps for itself."""


@dataclass(frozen=True, slots=True)
class FieldShape:
    """A field: its Rust name, its Python name, its resolved type and its shape."""

    rust: str
    python: str
    type: RustType
    shape: Shape


@dataclass(frozen=True, slots=True)
class CustomVariant:
    """A variant (a struct has one): how generated code builds it, its number, its class in Python.

    ``number`` is what crosses. ``python`` is the class of its values; None in an enum that is a Python enum.
    """

    rust: str
    declared: Variant
    number: int
    fields: tuple[FieldShape, ...]
    python: Any


class CustomType:
    """One struct or enum, with its Python class.

    ``python`` is what Python code names: the class of a struct, the enum, or the common base of the variants'
    classes. Classes are made first and filled later, because types may hold themselves.
    """

    def __init__(self, declaration: Declaration, file: CustomTypes) -> None:
        self.declaration = declaration
        self._file = file
        self.is_enum = declaration.kind == "enum"
        self.plain = (
            self.is_enum
            and bool(declaration.variants)
            and all(variant.style == "unit" for variant in declaration.variants)
        )
        self.numbers = _numbers(declaration)
        self.hashable = bool(declaration.traits & {"Hash", "Ord"})
        self._classes: tuple[Any, ...] = ()
        self.python: Any = self._make()

    @cached_property
    def variants(self) -> tuple[CustomVariant, ...]:
        """The variants with the shapes of their fields. Raises `Unsupported` naming the field."""
        made = []
        for variant, number, python in zip(
            self.declaration.variants, self.numbers, self._classes, strict=True
        ):
            rust = f"Self::{variant.name}" if self.is_enum else "Self"
            fields = tuple(self._fields(variant))
            made.append(CustomVariant(rust, variant, number, fields, python))
        return tuple(made)

    def _fields(self, variant: Variant) -> Iterator[FieldShape]:
        for field in variant.fields:
            where = f"{self.declaration.name}.{field.name}"
            if self.is_enum:
                where = f"{self.declaration.name}::{variant.name}.{field.name}"
            place = f"line {self.declaration.line}: field `{where}: {field.type}`"
            if self.declaration.module and not (field.public or self.is_enum):
                raise Unsupported(f"{place} is private to its module: make it `pub(crate)`")
            try:
                resolved = self._file.resolver.resolve_in(self.declaration, parse(field.type))
                refuse_mutable(resolved)
                shape = shape_of(resolved)
            except Unsupported as reason:
                raise Unsupported(f"{place}: {reason}") from None
            yield FieldShape(field.name, python_name(field.name), resolved, shape)

    def _make(self) -> Any:
        if self.plain:
            self._classes = (None,) * len(self.declaration.variants)
            return self._enum()
        if not self.is_enum:
            (variant,) = self.declaration.variants
            made = self._class(variant, self.declaration.name, None, None)
            self._classes = (made,)
            return made
        base = self._class(None, self.declaration.name, None, None)
        classes = []
        for number, variant in zip(self.numbers, self.declaration.variants, strict=True):
            made = self._class(variant, f"{self.declaration.name}.{variant.name}", base, number)
            classes.append(made)
            # A variant without fields is a value, as in Rust.
            setattr(base, python_name(variant.name), made() if variant.style == "unit" else made)
        self._classes = tuple(classes)
        return base

    def _enum(self) -> Any:
        members = [
            (_member_name(variant.name), number)
            for variant, number in zip(self.declaration.variants, self.numbers, strict=True)
        ]
        return enum.Enum(self.declaration.name, members, module=self._file.module)

    def _class(self, variant: Variant | None, qualname: str, base: Any, number: int | None) -> Any:
        names = [python_name(field.name) for field in variant.fields] if variant else []
        namespace: dict[str, Any] = {"__qualname__": qualname, "__module__": self._file.module}
        if self.hashable:
            namespace["__hash__"] = _hash
        if variant is not None and (variant.style != "named" or base is not None):
            namespace["__repr__"] = _repr
        if variant is not None and variant.style == "tuple":
            namespace |= {"__getitem__": _item, "__len__": _count, "__iter__": _each}
        return msgspec.defstruct(
            qualname.rpartition(".")[2],
            [(name, Any) for name in names],
            bases=None if base is None else (base,),
            namespace=namespace,
            module=self._file.module,
            array_like=True,
            tag=number,
        )


class CustomTypes:
    """The types of one file: resolves what its text names, makes classes at first use."""

    def __init__(self, text: str, module: str) -> None:
        self.declarations = declarations(text)
        self.resolver = Resolver(self.declarations)
        self.module = module
        self._made: dict[str, CustomType] = {}

    def __getitem__(self, path: str) -> CustomType:
        """The type with this path. Raises `Unsupported` where it is none that can be carried."""
        if path not in self._made:
            declaration = self.declarations.by_path[path]
            where = f"line {declaration.line}: `{declaration.name}`"
            if declaration.kind not in {"struct", "enum"}:
                raise Unsupported(f"{where} is a {declaration.kind}, which is no value")
            if declaration.parameters:
                raise Unsupported(f"{where} is generic")
            if hidden := self.declarations.hides(path):
                raise Unsupported(f"{where} cannot be named by the whole file: make `{hidden}` `pub(crate)`")
            if declaration.kind == "enum" and not declaration.variants:
                raise Unsupported(f"{where} has no variants, so no value either")
            self._made[path] = CustomType(declaration, self)
        return self._made[path]

    def shape(self, rust_type: RustType) -> Shape:
        """The shape of a resolved type, whose own types were looked into as well. Raises `Unsupported`."""
        shape = shape_of(rust_type)
        self.reachable(shape)
        return shape

    def reachable(self, *shapes: Shape) -> list[CustomType]:
        """The types of the file that values of these shapes hold. Raises `Unsupported`."""
        found: dict[str, CustomType] = {}
        waiting = list(shapes)
        while waiting:
            shape = waiting.pop()
            if isinstance(shape, Custom) and shape.path not in found:
                found[shape.path] = self[shape.path]
                for variant in found[shape.path].variants:
                    waiting += [field.shape for field in variant.fields]
            waiting += parts(shape)
        return list(found.values())

    def holds(self, shape: Shape, kind: type) -> bool:
        """Whether a value of this shape may hold one of that kind of shape."""
        inside = [shape]
        for custom in self.reachable(shape):
            inside += [field.shape for variant in custom.variants for field in variant.fields]
        while inside:
            part = inside.pop()
            if isinstance(part, kind):
                return True
            inside += parts(part)
        return False

    def for_ever(self, shape: Shape) -> bool:
        """Whether a type of the file in it borrows something for ever (``name: &'static str``)."""
        variants = (variant for custom in self.reachable(shape) for variant in custom.variants)
        return any("'static" in render(field.type) for variant in variants for field in variant.fields)

    def is_message(self, shape: Shape) -> bool:
        """Whether some part of it can only be shown, so that it cannot be passed."""
        return self.holds(shape, Message)


def refuse_mutable(rust_type: RustType) -> None:
    """Raise `Unsupported` where a `&mut` is inside of a type."""
    if isinstance(rust_type, Reference) and rust_type.mutable:
        raise Unsupported("a `&mut` inside of another type")
    for part in children(rust_type):
        refuse_mutable(part)


def is_own(rust_type: RustType) -> bool:
    """Whether a resolved type names one of the file's own."""
    if isinstance(rust_type, Named) and rust_type.path.startswith(OWN):
        return True
    return any(is_own(part) for part in children(rust_type))


def python_name(name: str) -> str:
    """A Rust name as Python may write it: ``r#type`` is ``type``, ``from`` is ``from_``, ``0`` is ``_0``."""
    name = name.removeprefix("r#")
    if name.isdigit():
        return f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def _member_name(name: str) -> str:
    name = python_name(name)
    return f"{name}_" if name in _NOT_NAMES else name


def _numbers(declaration: Declaration) -> tuple[int, ...]:
    """What each variant's number is: its discriminant, where all can be read, otherwise its place."""
    numbers: list[int] = []
    following = 0
    for variant in declaration.variants:
        if variant.discriminant:
            try:
                following = int(variant.discriminant.replace("_", "").replace("- ", "-"), 0)
            except ValueError:
                return tuple(range(len(declaration.variants)))
        numbers.append(following)
        following += 1
    if any(not -(2**63) <= number < 2**63 for number in numbers):
        return tuple(range(len(numbers)))
    return tuple(numbers)


def _values(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, name) for name in self.__struct_fields__)


def _repr(self: Any) -> str:
    """As it is written: ``Shape.Circle(radius=1.0)``, ``Meters(3.0)``, ``Shape.Empty``."""
    names = self.__struct_fields__
    if not names:
        return type(self).__qualname__
    tuple_like = names[0] == "_0"
    shown = [f"{'' if tuple_like else f'{name}='}{getattr(self, name)!r}" for name in names]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _hash(self: Any) -> int:
    return hash((type(self), *map(_frozen, _values(self))))


def _frozen(value: Any) -> Hashable:
    """Something that is equal where the value is, and can be hashed."""
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    if isinstance(value, dict):
        return frozenset((key, _frozen(item)) for key, item in value.items())
    if isinstance(value, set):
        return frozenset(value)
    if isinstance(value, tuple):
        return tuple(map(_frozen, value))
    hashable: Hashable = value
    return hashable


def _item(self: Any, index: int) -> Any:
    return _values(self)[index]


def _count(self: Any) -> int:
    return len(self.__struct_fields__)


def _each(self: Any) -> Iterator[Any]:
    return iter(_values(self))
