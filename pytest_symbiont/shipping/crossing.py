"""How PyO3 carries a type: the Rust text of an argument and a result, and what stubs call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.bridge.resolve import Unsupported
from pytest_symbiont.bridge.rust_type import Named, Reference, Slice, Tuple, shown
from pytest_symbiont.bridge.scalars import SCALARS

if TYPE_CHECKING:
    from pytest_symbiont.bridge.rust_type import RustType

_PRIMITIVE = "::core::primitive::"
_FAMILIES = {"int": "int", "float": "float", "bool": "bool", "char": "str"}
_STR = Named("::core::primitive::str")
_VEC = "::std::vec::Vec"
_OPTION = "::std::option::Option"
_COLLECTIONS = {
    "::std::collections::HashMap": "dict",
    "::std::collections::BTreeMap": "dict",
    "::std::collections::HashSet": "set",
    "::std::collections::BTreeSet": "set",
}
_BYTE = Named("::core::primitive::u8")


@dataclass(frozen=True, slots=True)
class Owned:
    """A value that goes across by itself: its Rust type, and what stubs call it given and returned."""

    rust: str
    given: str
    got: str


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: ``type`` is what PyO3 extracts, ``passed`` how the function is called with it.

    ``list_of`` is the element of a list that is changed in place, or empty.
    """

    type: str
    passed: str
    python: str
    list_of: str = ""


def owned(rust_type: RustType) -> Owned:  # noqa: PLR0911 - one for each kind of type
    """How a value without references crosses. Raises `Unsupported`, which names the type."""
    match rust_type:
        case Tuple(()):
            return Owned("()", "None", "None")
        case Tuple(members):
            parts = [owned(member) for member in members]
            comma = "," if len(parts) == 1 else ""
            return Owned(
                f"({', '.join(part.rust for part in parts)}{comma})",
                f"tuple[{', '.join(part.given for part in parts)}]",
                f"tuple[{', '.join(part.got for part in parts)}]",
            )
        case Named("::std::string::String"):
            return Owned("String", "str", "str")
        case Named(path) if path.removeprefix(_PRIMITIVE) in SCALARS:
            scalar = SCALARS[path.removeprefix(_PRIMITIVE)]
            if scalar.family in _FAMILIES:
                python = _FAMILIES[scalar.family]
                return Owned(scalar.rust, python, python)
        case Named(path, (inner,)) if path == _VEC:
            part = owned(inner)
            if inner == _BYTE:
                return Owned("Vec<u8>", "bytes | Sequence[int]", "bytes")
            return Owned(f"Vec<{part.rust}>", f"Sequence[{part.given}]", f"list[{part.got}]")
        case Named(path, (inner,)) if path == _OPTION and not _is_none(inner):
            part = owned(inner)
            return Owned(f"Option<{part.rust}>", f"{part.given} | None", f"{part.got} | None")
        case Named(path, arguments) if path in _COLLECTIONS:
            parts = [owned(argument) for argument in arguments]
            name, python = path.removeprefix("::"), _COLLECTIONS[path]
            return Owned(
                f"{name}<{', '.join(part.rust for part in parts)}>",
                f"{python}[{', '.join(part.given for part in parts)}]",
                f"{python}[{', '.join(part.got for part in parts)}]",
            )
    raise Unsupported(f"{shown(rust_type).replace('super::', '')} cannot be exported")


def argument(name: str, rust_type: RustType) -> Argument:
    """How an argument crosses; ``&T`` is lent, ``&mut [T]`` and ``&mut Vec<T>`` change a Python list."""
    if not isinstance(rust_type, Reference):
        part = owned(rust_type)
        return Argument(part.rust, name, part.given)
    inner = rust_type.inner
    if rust_type.mutable:
        if isinstance(inner, Slice):
            element = owned(inner.inner)
        elif isinstance(inner, Named) and inner.path == _VEC:
            element = owned(inner.arguments[0])
        else:
            raise Unsupported(f"{shown(rust_type).replace('super::', '')} cannot be exported")
        return Argument("Bound<'_, PyList>", "", f"list[{element.got}]", element.rust)
    if inner == _STR:
        return Argument("&str", name, "str")
    part = owned(Named(_VEC, (inner.inner,)) if isinstance(inner, Slice) else inner)
    return Argument(part.rust, f"&{name}", part.given)


def _is_none(rust_type: RustType) -> bool:
    """Whether a value of the type may be None already, so that `Some` of it could not be told from `None`."""
    return rust_type == Tuple(()) or (isinstance(rust_type, Named) and rust_type.path == _OPTION)
