"""One exported function: what the templates say of it."""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.bridge.resolve import Unsupported
from pytest_symbiont.bridge.rust_type import Named, Reference
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.shipping import crossing

if TYPE_CHECKING:
    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.rust_type import RustType
    from pytest_symbiont.shipping.crossing import Argument
    from pytest_symbiont.source.values import Function

_STUBS = frozenset({"", "todo!()", "unimplemented!()"})
# Names that generated code uses; PyO3 makes a module of each function's name.
_OURS = ("symbiont_", "evolved_")
_CRATES = frozenset({"_native", "core", "pyo3", "std"})
_TEXT = Reference(mutable=False, inner=Named("::core::primitive::str"))


@dataclass(frozen=True, slots=True)
class Exported:
    """``crate`` is the crate that the file became, ``fails`` says that the function returns a `Result`."""

    crate: str
    name: str
    doc: tuple[str, ...]
    arguments: tuple[tuple[str, Argument], ...]
    result: str
    python: str
    fails: bool
    text: bool

    @property
    def call(self) -> str:
        passed = (
            f"&mut symbiont_list_{index}" if argument.list_of else argument.passed
            for index, (_, argument) in enumerate(self.arguments)
        )
        return f"{self.crate}::{self.name}({', '.join(passed)})"


def exported(file: EvolvingFile, function: Function) -> Exported:
    """Raises `SymbiontError`, which says why where a function cannot be exported."""
    label = f"{file.source.path.name}::{function.path}"
    if why := _why_not(function):
        raise SymbiontError(f"{label}: {why}")
    plan = file.handle(function.path).plan
    try:
        if any(parameter.python for parameter in plan.parameters):
            raise Unsupported("a function or lazy iterator as argument cannot be exported")
        if plan.returns.goes_on:
            raise Unsupported(f"{function.returns} cannot be exported")
        arguments = tuple(
            (parameter.name, crossing.argument(parameter.name, parameter.type))
            for parameter in plan.parameters
        )
        value, fails = plan.returns.type, plan.returns.err is not None
        if fails and isinstance(value, Named):
            value, error = value.arguments
            crossing.owned(error)
        result = crossing.owned(_held(value))
    except Unsupported as error:
        raise SymbiontError(
            f"{label}: {error}; what can: numbers, bool, char, text, Vec, Option, tuples, maps and sets, "
            "&T of them, &mut [T], and Result"
        ) from None
    doc = tuple(function.doc.splitlines())
    return Exported(
        f"evolved_{file.source.path.stem}",
        function.name,
        doc,
        arguments,
        result.rust,
        result.got,
        fails,
        _is_text(value),
    )


def _why_not(function: Function) -> str:  # noqa: PLR0911 - one for each reason
    if "".join(function.body.strip("{} \n\t;").split()) in _STUBS:
        return "has no body yet (todo!()): evolve it first, with pytest --evolve"
    if function.impl or "::" in function.path:
        return "only functions at the top level of a file can be exported"
    if not function.public:
        return "is private: write pub before fn"
    if function.generics or any("impl " in parameter.type for parameter in function.parameters):
        return "is generic: write a function for the types that are meant, which calls it, and export that"
    odd = [word for word in function.qualifiers if word != "const"]
    if odd:
        return f"{' '.join(odd)} functions cannot be exported"
    for name in (function.name, *(parameter.name for parameter in function.parameters)):
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith(_OURS) or name in _CRATES:
            return f"the name {name or '_'!r} cannot be used in Python or in the generated code: rename it"
    return ""


def _is_text(rust_type: RustType) -> bool:
    return isinstance(rust_type, Reference) and rust_type.inner == _TEXT.inner and not rust_type.mutable


def _held(rust_type: RustType) -> RustType:
    """What is handed to Python of a result: text is copied."""
    return Named("::std::string::String") if _is_text(rust_type) else rust_type
