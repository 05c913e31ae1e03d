"""Rust expressions that change between numbers of objects, which cross, and the values behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.bridge.resolve import Unsupported
from pytest_symbiont.bridge.rust_type import Named, Reference, RustType, Tuple, render, shown

if TYPE_CHECKING:
    from pytest_symbiont.bridge.custom import CustomTypes

OBJECT = Named("::symbiont_codec::Object")
"""What crosses in an object's place."""

_OPTION, _RESULT, _VEC, _BOX = (
    "::std::option::Option",
    "::std::result::Result",
    "::std::vec::Vec",
    "::std::boxed::Box",
)


def object_type(rust_type: RustType, types: CustomTypes) -> str:
    """How generated code names the type of an object."""
    custom = types.object_of(rust_type)
    if custom is None:
        raise Unsupported(f"`{shown(rust_type)}` is no object")
    return render(custom.type)


def wire(rust_type: RustType, types: CustomTypes) -> RustType:
    """What crosses for an argument of this type. Raises `Unsupported`."""
    if types.object_of(rust_type) is not None:
        return OBJECT
    if not types.has_objects(rust_type):
        return rust_type
    match rust_type:
        case Named(path, (inner,)) if path in {_OPTION, _VEC}:
            return Named(path, (wire(inner, types),))
        case Named(path, (inner,)) if path == _BOX:
            return wire(inner, types)
        case Tuple(members):
            return Tuple(tuple(wire(member, types) for member in members))
    raise _not_inside(rust_type)


def lift(expression: str, rust_type: RustType, types: CustomTypes, lender: str) -> str:
    """The value of this type that was sent as ``expression``; it is taken out of where it is kept."""
    if types.object_of(rust_type) is not None:
        return borrowed(expression, object_type(rust_type, types), "take", lender)
    if not types.has_objects(rust_type):
        return expression
    match rust_type:
        case Named(path, (inner,)) if path == _OPTION:
            some = lift("one", inner, types, lender)
            return f"match {expression} {{ Some(one) => Some({some}), None => None }}"
        case Named(path, (inner,)) if path == _VEC:
            each = lift("one", inner, types, lender)
            return f"{{ let mut all = {_VEC}::new(); for one in {expression} {{ all.push({each}); }} all }}"
        case Named(path, (inner,)) if path == _BOX:
            return f"{_BOX}::new({lift(expression, inner, types, lender)})"
        case Tuple(members):
            parts = [lift(f"{expression}.{index}", m, types, lender) for index, m in enumerate(members)]
            return f"({', '.join(parts)},)"
    raise _not_inside(rust_type)


def lower(  # noqa: PLR0911 - one for each kind of type
    expression: str, rust_type: RustType, types: CustomTypes, lender: str
) -> str:
    """What is sent for a result: objects are kept, and their numbers go. Raises `Unsupported`."""
    custom = types.object_of(rust_type)
    if custom is not None:
        return f"{lender}.keep({expression})" if lender else f"{OBJECT.path}::keep({expression})"
    if not types.has_objects(rust_type):
        return expression
    match rust_type:
        case Reference(_, inner) if (custom := types.object_of(inner)) is not None:
            if "Clone" not in custom.declaration.traits:
                raise Unsupported(
                    f"a `{custom.shown}` that Rust goes on owning stays there: let it be `Clone`, or return "
                    "it by value"
                )
            return lower(f"::core::clone::Clone::clone({expression})", inner, types, lender)
        case Named(path, (inner,)) if path == _OPTION:
            return f"{expression}.map(|one| {lower('one', inner, types, lender)})"
        case Named(path, (inner,)) if path == _VEC:
            each = lower("one", inner, types, lender)
            return f"{expression}.into_iter().map(|one| {each}).collect::<{_VEC}<_>>()"
        case Named(path, (inner,)) if path == _BOX:
            return lower(f"(*{expression})", inner, types, lender)
        case Named(path, (ok, err)) if path == _RESULT:
            good, bad = lower("one", ok, types, lender), lower("one", err, types, lender)
            return f"{expression}.map(|one| {good}).map_err(|one| {bad})"
        case Tuple(members):
            names = [f"m{index}" for index in range(len(members))]
            parts = [lower(name, m, types, lender) for name, m in zip(names, members, strict=True)]
            return f"{{ let ({', '.join(names)},) = {expression}; ({', '.join(parts)},) }}"
    raise _not_inside(rust_type)


def borrowed(expression: str, rust_type: str, how: str, lender: str) -> str:
    """An object borrowed or taken (``shared``, ``exclusive``, ``take``)."""
    if lender:
        return f"{lender}.{how}::<{rust_type}>({expression})?"
    return f"{expression}.{how}::<{rust_type}>()?"


def _not_inside(rust_type: RustType) -> Unsupported:
    return Unsupported(f"objects that stay in Rust, inside of `{shown(rust_type)}`")
