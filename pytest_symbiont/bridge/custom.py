"""The types that a Rust file declares, as Python classes."""

from __future__ import annotations

import enum
import keyword
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_symbiont.bridge.methods import Methods
from pytest_symbiont.bridge.objects import NoObjects, Objects, object_class
from pytest_symbiont.bridge.resolve import OWN, Resolver, Unsupported
from pytest_symbiont.bridge.rust_type import Named, Reference, RustType, children, parse, render, shown
from pytest_symbiont.bridge.shapes import Custom, Message, Shape, parts, shape_of
from pytest_symbiont.source.types import declarations

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from pytest_symbiont.source.types import Declaration, Variant

_HOLDS = "it holds a"
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

    def __init__(
        self, declaration: Declaration, file: CustomTypes, arguments: tuple[RustType, ...] = ()
    ) -> None:
        self.declaration = declaration
        self.shape = Custom(declaration.path, arguments)
        self._file = file
        self._deciding = False
        self.is_enum = declaration.kind == "enum"
        self.plain = (
            self.is_enum
            and bool(declaration.variants)
            and all(variant.style == "unit" for variant in declaration.variants)
        )
        self.numbers = _numbers(declaration, file.resolver)
        self.hashable = bool(declaration.traits & {"Hash", "Ord"})
        self._classes: tuple[Any, ...] = ()

    @cached_property
    def python(self) -> Any:
        """Its class, with its methods."""
        made = self._make()
        self._file.dress(self, made)
        return made

    @property
    def shown(self) -> str:
        """As Rust writes it: ``Stack<i64>``."""
        inside = ", ".join(map(shown, self.shape.arguments))
        return f"{self.declaration.name}<{inside}>" if inside else self.declaration.name

    @property
    def type(self) -> Named:
        """The type as objects have it: what it borrows, it borrows from something that is kept with it."""
        return Named(
            OWN + self.declaration.path, self.shape.arguments, ("'static",) * len(self.declaration.lifetimes)
        )

    @cached_property
    def is_object(self) -> bool:
        """Whether its values stay in Rust, and Python holds them by a number; docs/types.md says when."""
        if self._deciding:  # it holds itself, and whatever else there is decides
            return False
        self._deciding = True
        try:
            usable = any(method.written for method in self._file.methods[self.declaration.path])
            why = self.uncarried
            return self._file.keeps_state(self) or bool(why and (usable or why.startswith(_HOLDS)))
        finally:
            self._deciding = False

    @cached_property
    def uncarried(self) -> str:
        """Why its values cannot be carried by value, empty where they can."""
        try:
            inside = [field.shape for fields in self.fields for field in fields]
            for custom in self._file.named_in(*inside):
                if custom.is_object:
                    return f"{_HOLDS} `{custom.shown}`, which stays in Rust"
        except Unsupported as reason:
            return str(reason)
        return ""

    @cached_property
    def fields(self) -> tuple[tuple[FieldShape, ...], ...]:
        """The fields of each variant. Raises `Unsupported` naming the field."""
        return tuple(tuple(self._fields(variant)) for variant in self.declaration.variants)

    def send(self, value: Any) -> int:
        """The number of an object where the call under way goes."""
        return self._file.objects.send(self, value)

    def receive(self, number: Any) -> Any:
        """The object of a number from where the call under way went."""
        return self._file.objects.receive(self, number)

    @cached_property
    def variants(self) -> tuple[CustomVariant, ...]:
        """The variants with the shapes of their fields. Raises `Unsupported` naming the field."""
        made = []
        self.python  # noqa: B018 - its classes are made with it
        for variant, fields, number, python in zip(
            self.declaration.variants, self.fields, self.numbers, self._classes, strict=True
        ):
            rust = f"Self::{variant.name}" if self.is_enum else "Self"
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
                resolved = self._file.resolver.resolve_in(
                    self.declaration, parse(field.type), self.shape.arguments
                )
                refuse_mutable(resolved)
                shape = shape_of(resolved)
            except Unsupported as reason:
                raise Unsupported(f"{place}: {reason}") from None
            yield FieldShape(field.name, python_name(field.name), resolved, shape)

    def _make(self) -> Any:
        if self.is_object:
            self._classes = (None,) * len(self.declaration.variants)
            return object_class(self.shown, self._file.module)
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
        self.methods = Methods(text, self.declarations)
        self.objects: Objects = NoObjects()
        self.dress: Callable[[CustomType, Any], None] = lambda _custom, _made: None
        self._made: dict[Custom, CustomType] = {}

    def __getitem__(self, wanted: Custom | str) -> CustomType:
        """The type of this shape, or with this path. Raises `Unsupported` where it is none to be carried."""
        shape = Custom(wanted) if isinstance(wanted, str) else wanted
        if shape not in self._made:
            path = shape.path
            declaration = self.declarations.by_path[path]
            where = f"line {declaration.line}: `{declaration.name}`"
            if declaration.kind not in {"struct", "enum"}:
                raise Unsupported(f"{where} is a {declaration.kind}, which is no value")
            if len(declaration.parameters) != len(shape.arguments):
                raise Unsupported(f"{where} is generic: say what {' and '.join(declaration.parameters)} is")
            if hidden := self.declarations.hides(path):
                raise Unsupported(f"{where} cannot be named by the whole file: make `{hidden}` `pub(crate)`")
            if declaration.kind == "enum" and not declaration.variants:
                raise Unsupported(f"{where} has no variants, so no value either")
            self._made[shape] = CustomType(declaration, self, shape.arguments)
        return self._made[shape]

    def keeps_state(self, custom: CustomType) -> bool:
        """Whether a type is made to be used by its methods: it has some, and fields of its own."""
        hidden = not custom.is_enum and any(
            not field.public for variant in custom.declaration.variants for field in variant.fields
        )
        return "Drop" in custom.declaration.traits or (
            hidden and self.methods.keep_state(custom.declaration.path)
        )

    def named_in(self, *shapes: Shape) -> list[CustomType]:
        """The types of the file in these shapes, not looked into."""
        found: list[CustomType] = []
        waiting = list(shapes)
        while waiting:
            shape = waiting.pop()
            if isinstance(shape, Custom):
                found.append(self[shape])
            waiting += parts(shape)
        return found

    def shape(self, rust_type: RustType) -> Shape:
        """The shape of a resolved type, whose own types were looked into as well. Raises `Unsupported`."""
        shape = shape_of(rust_type)
        self.reachable(shape)
        return shape

    def reachable(self, *shapes: Shape, inside: bool = False) -> list[CustomType]:
        """The types of the file that values of these shapes hold. Raises `Unsupported`.

        Objects are looked into only where that is asked for.
        """
        found: dict[Custom, CustomType] = {}
        waiting = list(shapes)
        while waiting:
            shape = waiting.pop()
            if isinstance(shape, Custom) and shape not in found:
                found[shape] = self[shape]
                if not found[shape].is_object or inside:
                    waiting += [field.shape for fields in found[shape].fields for field in fields]
            waiting += parts(shape)
        return list(found.values())

    def object_of(self, rust_type: RustType) -> CustomType | None:
        """The type behind a resolved type whose values stay in Rust."""
        if isinstance(rust_type, Named) and rust_type.path.startswith(OWN):
            custom = self[Custom(rust_type.path.removeprefix(OWN), rust_type.arguments)]
            return custom if custom.is_object else None
        return None

    def has_objects(self, rust_type: RustType) -> bool:
        """Whether a resolved type is, or names, one whose values stay in Rust."""
        return self.object_of(rust_type) is not None or any(map(self.has_objects, children(rust_type)))

    def holds(self, shape: Shape, kind: type) -> bool:
        """Whether a value of this shape may hold one of that kind of shape."""
        inside = [shape]
        for custom in self.reachable(shape):
            if not custom.is_object:
                inside += [field.shape for fields in custom.fields for field in fields]
        while inside:
            part = inside.pop()
            if isinstance(part, kind):
                return True
            inside += parts(part)
        return False

    def for_ever(self, shape: Shape) -> bool:
        """Whether a type of the file in it borrows something for ever (``name: &'static str``)."""
        values = (custom for custom in self.reachable(shape) if not custom.is_object)
        every = (fields for custom in values for fields in custom.fields)
        return any("'static" in render(field.type) for fields in every for field in fields)

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


def _numbers(declaration: Declaration, resolver: Resolver) -> tuple[int, ...]:
    """What each variant's number is: its discriminant, where all can be read, otherwise its place."""
    numbers: list[int] = []
    following = 0
    for variant in declaration.variants:
        if variant.discriminant:
            try:
                following = resolver.number(variant.discriminant, declaration.module)
            except Unsupported:
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
