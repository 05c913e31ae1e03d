"""From a Rust signature to a plan: how each value crosses.

The type's text is parsed once, at declaration; a call looks nothing up. A new type is a new branch of
`_parameter` or `_returned` and, where words and buffers do not carry it, a new kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pytest_symbiont.bridge.rust_type import Named, Reference, RustType, Slice, Tuple, parse
from pytest_symbiont.bridge.scalars import SCALARS, Scalar
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from pytest_symbiont.source.values import Function

Kind = Literal["scalar", "text", "read", "write", "cell"]
"""``read`` is a buffer that Rust reads (`&[T]`, `Vec<T>`), ``write`` one that it changes (`&mut [T]`),
``cell`` is a `&mut T`."""

_BYTE = SCALARS["u8"]
_CARRIED = (
    "carried so far: integers, floats, bool, char, (), &str, String, and &[T], &mut [T], Vec<T> and "
    "&mut T of scalars"
)


@dataclass(frozen=True, slots=True)
class ParameterPlan:
    """How one argument crosses. ``rust`` is its type written out in full, as generated code names it."""

    name: str
    kind: Kind
    element: Scalar
    shown: str
    rust: str


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """How the result crosses: ``unit``, ``scalar``, ``text``, or ``list`` (bytes, where elements are u8)."""

    kind: Literal["unit", "scalar", "text", "list"]
    element: Scalar
    rust: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How a whole call crosses."""

    name: str
    parameters: tuple[ParameterPlan, ...]
    returns: ReturnPlan


def plan(function: Function, file: str) -> Plan:
    """The plan of a function. Raises `SymbiontError` naming what it cannot call, and where it stands."""
    where = f"{file}:{function.line}: {function.path}"
    if reason := _refusal(function):
        raise SymbiontError(f"{where} {reason}")
    parameters = []
    for index, parameter in enumerate(function.parameters):
        name = parameter.name or f"argument {index + 1}"
        parameters.append(_parameter(name, parameter.type, where))
    return Plan(function.name, tuple(parameters), _returned(function.returns, where))


def _refusal(function: Function) -> str:
    if function.receiver:
        return f"takes `{function.receiver}`: methods cannot be evolved yet, only free functions"
    generics = function.generics.strip("<> ")
    if generics and not all(part.strip().startswith("'") for part in generics.split(",")):
        return f"is generic (`{function.generics}`): give it concrete types"
    for word in ("async", "unsafe", "extern"):
        if any(qualifier.startswith(word) for qualifier in function.qualifiers):
            return f"is `{word}`: only plain safe functions can be evolved"
    return ""


def _parameter(name: str, text: str, where: str) -> ParameterPlan:
    if "'static" in text:
        raise SymbiontError(
            f"{where}: parameter `{name}: {text}`: what Python passes lives as long as the call; "
            "leave out 'static"
        )
    rust_type = parse(text)
    match rust_type:
        case Named() if element := _scalar(rust_type):
            return ParameterPlan(name, "scalar", element, text, _primitive(element))
        case Named("String", ()):
            return ParameterPlan(name, "text", _BYTE, text, "::std::string::String")
        case Reference(mutable=False, inner=Named("str", ())):
            return ParameterPlan(name, "text", _BYTE, text, "&::core::primitive::str")
        case Reference(mutable=mutable, inner=Slice(inner)) if element := _scalar(inner):
            sigil = "&mut " if mutable else "&"
            kind: Kind = "write" if mutable else "read"
            return ParameterPlan(name, kind, element, text, f"{sigil}[{_primitive(element)}]")
        case Named("Vec", (inner,)) if element := _scalar(inner):
            return ParameterPlan(name, "read", element, text, f"::std::vec::Vec<{_primitive(element)}>")
        case Reference(mutable=True, inner=inner) if element := _scalar(inner):
            return ParameterPlan(name, "cell", element, text, f"&mut {_primitive(element)}")
    raise SymbiontError(
        f"{where}: parameter `{name}: {text}` is of a type that cannot be carried yet; {_CARRIED}"
    )


def _returned(text: str, where: str) -> ReturnPlan:
    rust_type = parse(text) if text else Tuple(())
    match rust_type:
        case Tuple(()):
            return ReturnPlan("unit", _BYTE, "")
        case Named() if element := _scalar(rust_type):
            return ReturnPlan("scalar", element, _primitive(element))
        case Named("String", ()):
            return ReturnPlan("text", _BYTE, "::std::string::String")
        case Named("Vec", (inner,)) if element := _scalar(inner):
            return ReturnPlan("list", element, f"::std::vec::Vec<{_primitive(element)}>")
    raise SymbiontError(f"{where}: it returns `{text}`, a type that cannot be carried yet; {_CARRIED}")


def _scalar(rust_type: RustType) -> Scalar | None:
    return SCALARS.get(rust_type.name) if isinstance(rust_type, Named) and not rust_type.arguments else None


def _primitive(scalar: Scalar) -> str:
    return f"::core::primitive::{scalar.rust}"
