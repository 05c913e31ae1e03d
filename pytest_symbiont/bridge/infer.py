"""Which types the parameters of a generic function are, by the Python values of a call."""

from __future__ import annotations

import enum
from array import array
from collections import abc, deque
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge.inplace import content
from pytest_symbiont.bridge.iterables import iterable
from pytest_symbiont.bridge.misfit import told
from pytest_symbiont.bridge.resolve import OWN, STD
from pytest_symbiont.bridge.rust_type import (
    Array,
    Named,
    Other,
    Reference,
    RustType,
    Slice,
    Tuple,
    children,
    parse,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_symbiont.bridge.custom import CustomType
    from pytest_symbiont.source.values import Function

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True

_CODES = {
    "b": "i8", "B": "u8", "h": "i16", "H": "u16", "i": "i32", "I": "u32", "l": "i64", "L": "u64", "q": "i64",
    "Q": "u64", "f": "f32", "d": "f64", "?": "bool",
}  # fmt: skip
_ELEMENTS = frozenset({"Vec", "VecDeque", "LinkedList", "BinaryHeap", "HashSet", "BTreeSet", "Option", "Box"})
_TRANSPARENT = frozenset({"Box", "Rc", "Arc", "Cell", "RefCell", "Mutex", "RwLock", "Reverse"})
_INT, _FLOAT = (Named(f"::core::primitive::{name}") for name in ("i64", "f64"))


class Unclear(Exception):  # noqa: N818 - becomes a TypeError that names function and parameter
    """What a type parameter is cannot be told; the message says of which, and why."""


class Inference:
    """Collects what the type parameters of one call are. ``own`` finds the type behind a class."""

    def __init__(self, names: Iterable[str], own: Callable[[object], CustomType | None]) -> None:
        self._names = frozenset(names)
        self._own = own
        self.found: dict[str, RustType] = {}

    def arguments(self, function: Function, values: Mapping[str, Any]) -> None:
        """Look at the arguments of a call. Raises `Unclear`."""
        for index, parameter in enumerate(function.parameters):
            name = parameter.name or f"argument {index + 1}"
            elements = iterable(function, parameter.type)
            written = f"Vec<{elements.item}>" if elements else parameter.type
            self._match(parse(written), values[name], name)

    def _match(  # noqa: C901 - one for each kind of type
        self, rust_type: RustType, value: Any, place: str
    ) -> None:
        if not self._mentions(rust_type):
            return
        value = content(value)
        match rust_type:
            case Named(path, ()) if path in self._names:
                if (seen := self._type(value, place)) is not None:
                    self._note(path, seen, place)
            case Other(text):
                if (seen := self._type(value, place)) is not None:
                    self._note(text, seen, place)
            case Reference(_, inner):
                self._match(inner, value, place)
            case Slice(inner):
                self._each(inner, value, place)
            case Array(inner, length):
                if length in self._names and hasattr(value, "__len__"):
                    self._note(length, Named(str(len(value))), place)
                self._each(inner, value, place)
            case Tuple(members) if isinstance(value, tuple | list):
                for index, (member, item) in enumerate(zip(members, value, strict=False)):
                    self._match(member, item, f"{place}[{index}]")
            case Named(path, arguments):
                self._named(path.rpartition("::")[2], arguments, value, place)

    def _named(self, name: str, arguments: tuple[RustType, ...], value: Any, place: str) -> None:
        custom = self._own(type(value))
        if custom is not None and custom.declaration.name == name:
            for written, argument in zip(arguments, custom.shape.arguments, strict=False):
                if isinstance(written, Named) and written.path in self._names:
                    self._note(written.path, argument, place)
        elif name in _TRANSPARENT and arguments:
            self._match(arguments[0], value, place)
        elif name == "Option" and arguments:
            if value is not None:
                self._match(arguments[0], value, place)
        elif name in _ELEMENTS and arguments:
            self._each(arguments[0], value, place)
        elif name in {"HashMap", "BTreeMap"} and isinstance(value, abc.Mapping):
            for key, item in value.items():
                self._match(arguments[0], key, f"{place} key")
                self._match(arguments[1], item, f"{place}[{told(key)}]")

    def _each(self, inner: RustType, value: Any, place: str) -> None:
        if isinstance(inner, Named) and inner.path in self._names and (seen := _of_memory(value)) is not None:
            self._note(inner.path, seen, place)
        elif isinstance(value, list | tuple | set | frozenset | deque) or _is_array(value):
            for index, item in enumerate(value):
                self._match(inner, item, f"{place}[{index}]")

    def _mentions(self, rust_type: RustType) -> bool:
        if isinstance(rust_type, Named) and rust_type.path in self._names:
            return True
        if isinstance(rust_type, Other):
            return rust_type.text in self._names
        if isinstance(rust_type, Array) and rust_type.length in self._names:
            return True
        return any(map(self._mentions, children(rust_type)))

    def _note(self, name: str, seen: RustType, place: str) -> None:
        before = self.found.setdefault(name, seen)
        if before == seen:
            return
        if {before, seen} == {_INT, _FLOAT}:  # as everywhere, an int is a float where one is wanted
            self.found[name] = _FLOAT
            return
        raise Unclear(f"`{name}` is `{shown(before)}` by what came before, but '{place}' is `{shown(seen)}`")

    def _type(self, value: Any, place: str) -> RustType | None:  # noqa: PLR0911 - one for each kind
        """The Rust type of a value; None where it holds nothing that would tell."""
        if isinstance(value, bool):
            return Named("::core::primitive::bool")
        if (exact := _of_memory(value)) is not None:
            return Named(STD["Vec"], (exact,)) if getattr(value, "shape", None) != () else exact
        if (custom := self._own(type(value))) is not None or (
            isinstance(value, enum.Enum) and (custom := self._own(type(value))) is not None
        ):
            return Named(OWN + custom.declaration.path, custom.shape.arguments)
        if isinstance(value, int):
            return _INT
        if isinstance(value, float):
            return _FLOAT
        if isinstance(value, str):
            return Named(STD["String"])
        if isinstance(value, tuple) and value:
            members = [self._type(item, f"{place}[{index}]") for index, item in enumerate(value)]
            return Tuple(tuple(filter(None, members))) if all(members) else None
        if isinstance(value, list | deque | set | frozenset | dict):
            return self._container(value, place)
        raise Unclear(f"'{place}' is {told(value)}, which no type of Rust is plainly like")

    def _container(self, value: Any, place: str) -> RustType | None:
        inside = Inference({"K", "V"}, self._own)
        for index, item in enumerate(value):
            inside._match(Named("K"), item, f"{place}[{index}]")
            if isinstance(value, dict):
                inside._match(Named("V"), value[item], f"{place}[{told(item)}]")
        kinds: dict[type, str] = {list: "Vec", deque: "VecDeque", dict: "HashMap"}
        kind = kinds.get(type(value), "HashSet")
        wanted = ("K", "V") if isinstance(value, dict) else ("K",)
        if not all(name in inside.found for name in wanted):
            return None
        return Named(STD[kind], tuple(inside.found[name] for name in wanted))


def _of_memory(value: Any) -> RustType | None:
    """What lies in an array, a numpy array or scalar, or bytes: exactly that."""
    if isinstance(value, bytes | bytearray):
        return Named("::core::primitive::u8")
    code = value.typecode if isinstance(value, array) else getattr(getattr(value, "dtype", None), "char", "")
    return Named(f"::core::primitive::{_CODES[code]}") if code in _CODES else None


def _is_array(value: Any) -> bool:
    return hasattr(value, "dtype") and getattr(value, "ndim", 0) > 0
