"""What an entry calls: a function of the file, or a method of one of its types."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_symbiont.bridge.methods import TRAITS
from pytest_symbiont.bridge.resolve import OWN, Unsupported
from pytest_symbiont.bridge.rust_type import Named, Reference, RustType, parse, render, shown
from pytest_symbiont.source._adapt import type_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_symbiont.bridge.custom import CustomType, CustomTypes
    from pytest_symbiont.bridge.methods import Method
    from pytest_symbiont.source.values import Function


@dataclass(frozen=True)
class Callee:
    """A function with what names stand for in its signature: ``Self``, ``Self::Item``, type parameters.

    ``call`` is the call as Rust text, ``{0}`` being the first argument; empty for the function by its path.
    ``written`` says that its body is in the file. ``label`` tells instances of one function apart.
    """

    function: Function
    known: Mapping[str, RustType] = field(default_factory=dict)
    owner: CustomType | None = None
    call: str = ""
    written: bool = True
    label: str = ""

    @property
    def key(self) -> str:
        """What it is known by in its file."""
        return f"{self.function.path}{self.label}"


def method_of(method: Method, custom: CustomType, types: CustomTypes) -> Callee | None:
    """A method as one of this type, or None where its ``impl`` block is of another instance of it."""
    function, impl = method.function, method.function.impl
    assert impl is not None  # noqa: S101 - methods have one
    written = parse(impl.type)
    known = matched(
        written.inner if isinstance(written, Reference) else written,
        custom.shape.arguments,
        type_parameters(impl.generics),
    )
    if known is None:
        return None
    known = dict(known)
    itself: RustType = (
        custom.type
        if custom.is_object
        else Named(
            OWN + custom.declaration.path, custom.shape.arguments, ("'_",) * len(custom.declaration.lifetimes)
        )
    )
    known["Self"] = itself
    if isinstance(written, Reference):
        known["Self"] = itself = Reference(written.mutable, itself)
    for name, text in impl.types:
        known[f"Self::{name}"] = types.resolver.resolve(parse(text), impl.module, known)
    label = f" of {shown(itself)}" if custom.shape.arguments else ""
    call = method.call or f"{_qualified(impl.trait, itself, impl.module, known, types)}::{function.name}"
    return Callee(function, known, custom, call, method.written, label)


def matched(
    pattern: RustType, arguments: tuple[RustType, ...], names: frozenset[str]
) -> dict[str, RustType] | None:
    """What these parameters are in ``Tree<T>``, where the type's arguments are known, or None."""
    written = pattern.arguments if isinstance(pattern, Named) else ()
    known: dict[str, RustType] = {}
    for one, other in zip(written, arguments, strict=False):
        if isinstance(one, Named) and one.path in names:
            known[one.path] = other
        elif shown(one) != shown(other):
            return None
    return known


def _qualified(
    trait: str, itself: RustType, module: str, known: Mapping[str, RustType], types: CustomTypes
) -> str:
    if not trait:
        return f"<{render(itself, erased=True)}>"
    written = parse(trait)
    if not isinstance(written, Named):
        raise Unsupported(f"`{trait}` is no trait that is known here")
    arguments = ", ".join(
        render(types.resolver.resolve(argument, module, known), erased=True) for argument in written.arguments
    )
    inside = f"<{arguments}>" if arguments else ""
    return f"<{render(itself, erased=True)} as {_trait_path(written.path, module, types)}{inside}>"


def _trait_path(written: str, module: str, types: CustomTypes) -> str:
    found = types.resolver.item(written, module)
    if found is not None and found.kind == "trait":
        if hidden := types.declarations.hides(found.path):
            raise Unsupported(
                f"trait `{written}` cannot be named by the whole file: make `{hidden}` `pub(crate)`"
            )
        return OWN + found.path
    path = TRAITS.get(written.rpartition("::")[2])
    if path is None:
        raise Unsupported(f"`{written}` is no trait of this file, nor one of std that is known here")
    return path
