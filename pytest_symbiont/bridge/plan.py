"""From a Rust signature to a plan: how each value crosses.

The types' text is resolved once, at declaration; a call looks nothing up. Scalars, text and slices of
scalars lie in words (`native/runtime/src/frame.rs`); everything else is *packed*: all such arguments one
behind the other in one buffer, the result in another (`native/codec`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal

from pytest_symbiont.bridge import shapes
from pytest_symbiont.bridge.callee import Callee
from pytest_symbiont.bridge.closures import Closure, closure, closures
from pytest_symbiont.bridge.custom import CustomTypes, is_own, refuse_mutable
from pytest_symbiont.bridge.iterables import iterable, iterators
from pytest_symbiont.bridge.lifting import OBJECT, lower, wire
from pytest_symbiont.bridge.resolve import Unsupported
from pytest_symbiont.bridge.resumed import GoesOn, goes_on, is_async
from pytest_symbiont.bridge.rust_type import (
    Named,
    Reference,
    RustType,
    Slice,
    Tuple,
    children,
    parse,
    render,
    with_lifetimes,
)
from pytest_symbiont.bridge.scalars import SCALARS, Scalar
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.source._adapt import type_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.bridge.shapes import Shape
    from pytest_symbiont.source.values import Function

Kind = Literal["scalar", "text", "read", "write", "cell", "packed"]
"""``read`` is a buffer that Rust reads (`&[T]`, `Vec<T>`), ``write`` one that it changes (`&mut [T]`),
``cell`` is a `&mut T`; each of scalars."""

BYTE = SCALARS["u8"]
_UNIT = Tuple(())
_STRING = Named("::std::string::String")
_OWNED = {
    "::std::path::Path": "::std::path::PathBuf",
    "::std::ffi::OsStr": "::std::ffi::OsString",
}
"""What has no size, and what owns it."""
_RESULT = "::std::result::Result"
_OPTION = "::std::option::Option"
_GIVEN = "::symbiont_codec::Given"


@dataclass(frozen=True, slots=True)
class ParameterPlan:
    """How one argument crosses.

    ``shown`` is its type as declared, ``type`` the resolved one. ``element`` is the scalar that words or a
    buffer are made of. ``owned`` is the type that a packed argument is read as, ``passed`` how it is handed
    over: ``a``, ``&a``, ``&mut a`` or ``a.as_mut()``; what has objects is lent or moved. ``handed`` makes an
    iterator or a closure of it; ``python`` says what of Python's Rust then asks.
    """

    name: str
    kind: Kind
    shown: str
    type: RustType
    shape: Shape
    element: Scalar = BYTE
    owned: RustType = _UNIT
    passed: Literal["value", "shared", "mutable", "inside", "lent", "lent_mutable", "moved"] = "value"
    handed: str = ""
    python: Literal["", "callable", "iterator"] = ""

    @property
    def back(self) -> bool:
        """Whether it is packed and comes back changed."""
        return self.kind == "packed" and self.passed in {"mutable", "inside"}

    @property
    def memory(self) -> bool:
        """Whether it comes back as numbers in memory."""
        return (
            self.back
            and isinstance(self.owned, Named)
            and self.owned.path == "::std::vec::Vec"
            and isinstance(self.shape, shapes.Sequence)
            and isinstance(self.shape.inner, shapes.Number)
            and self.shape.inner.zero
            and self.shape.inner.scalar.family in {"int", "float"}
            and self.shape.inner.scalar.size <= 8  # noqa: PLR2004 - a word
        )


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """How the result crosses: ``unit``, ``scalar``, ``text``, ``list`` (bytes, of u8), packed.

    ``err`` is the shape of the error where the function returns a `Result`; ``shape`` is then that of `Ok`.
    ``goes_on`` says that it is an iterator, a closure or a future, whose number crosses.
    """

    kind: Literal["unit", "scalar", "text", "list", "packed"]
    type: RustType
    shape: Shape
    element: Scalar = BYTE
    err: Shape | None = None
    goes_on: GoesOn | None = None


@dataclass(frozen=True)
class Plan:
    """How a whole call crosses. ``lifetimes`` are the generics that an entry needs (``<'a>``), or empty.

    ``own`` says that types of the file are in it, so that its glue stands beside the file. ``call`` is what
    is called, where that is not the function by its path; ``objects`` says that values that stay in Rust are
    in it, ``lends`` that they keep what they borrow of the arguments, ``chained`` that it returns its own
    ``&mut self``.
    """

    name: str
    path: str
    parameters: tuple[ParameterPlan, ...]
    returns: ReturnPlan
    lifetimes: str = ""
    own: bool = False
    for_ever: bool = False
    constant: bool = False
    call: str = ""
    objects: bool = False
    lends: bool = False
    chained: bool = False

    @cached_property
    def asks(self) -> bool:
        """Whether Rust may ask Python during a call."""
        return any(parameter.python for parameter in self.parameters)

    @cached_property
    def packed(self) -> tuple[ParameterPlan, ...]:
        """The packed parameters, in their order."""
        return tuple(parameter for parameter in self.parameters if parameter.kind == "packed")

    @cached_property
    def back(self) -> tuple[ParameterPlan, ...]:
        """The packed parameters that come back changed."""
        return tuple(parameter for parameter in self.packed if parameter.back)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a signature's types are looked up. ``lends`` makes them borrow as long as objects do."""

    module: str
    types: CustomTypes
    known: Mapping[str, RustType]
    lends: bool = False

    def resolve(self, text: str) -> RustType:
        found = self.types.resolver.resolve(parse(text), self.module, self.known)
        return _lent(found) if self.lends else found


def plan(function: Function | Callee, file: str, types: CustomTypes) -> Plan:
    """The plan of a function. Raises `SymbiontError` naming what it cannot call, and where it stands."""
    callee = function if isinstance(function, Callee) else Callee(function)
    function = callee.function
    where = f"{file}:{function.line}: {function.path}"
    if reason := refusal(callee) or _out_of_sight(function, types):
        raise SymbiontError(f"{where} {reason}")
    scope = _Scope(function.module, types, callee.known)
    declared = [
        (parameter.name or f"argument {index + 1}", parameter.type)
        for index, parameter in enumerate(function.parameters)
    ]
    if function.receiver:
        declared.insert(0, ("self", _receiver(function.receiver)))
    try:
        texts = [text for _, text in declared if not iterable(function, text) and not closure(function, text)]
        texts += [function.returns] if function.returns and not _resumes(function) else []
        if _resumes(function) or _borrows(texts, scope):
            scope = replace(scope, lends=True)
    except Unsupported:
        pass  # said below, with its place
    parameters = []
    for name, text in declared:
        try:
            parameters.append(_declared(name, text, function, scope))
        except Unsupported as reason:
            raise SymbiontError(f"{where}: parameter `{name}: {text}`: {reason}") from None
    for_ever = not scope.lends and any(
        "'static" in render(parameter.type) or types.for_ever(parameter.shape)
        for parameter in parameters
        if parameter.passed not in {"lent", "lent_mutable"}
    )
    chained = bool(function.receiver.startswith("&")) and _chains(function, scope)
    try:
        going = goes_on(function, replace(scope, lends=False).resolve, types)
        returns = _going_on(going) if going else _returned("" if chained else function.returns, scope)
        if going and any(_changeable(parameter) for parameter in parameters):
            raise Unsupported("it may go on using a `&mut` argument, which is given back at once")
    except Unsupported as reason:
        raise SymbiontError(f"{where}: it returns `{function.returns}`: {reason}") from None
    if any(parameter.back for parameter in parameters) and returns.kind != "packed":
        returns = replace(returns, kind="packed")
    whole = _whole(function, tuple(parameters), returns, for_ever=for_ever)
    objects = bool(going) or any(
        map(types.has_objects, [*(parameter.type for parameter in parameters), returns.type])
    )
    return replace(whole, call=callee.call, objects=objects, lends=scope.lends, chained=chained,
                   own=whole.own or bool(callee.call) or whole.asks or bool(going))  # fmt: skip


def _resumes(function: Function) -> bool:
    """Whether the result is an iterator, a closure or a future, which goes on when the call has returned."""
    if is_async(function):
        return True
    return bool(iterable(function, function.returns) or closure(function, function.returns))


def _going_on(going: GoesOn) -> ReturnPlan:
    """The number of what is kept."""
    number = SCALARS["u64"]
    rust_type = Named("::core::primitive::u64")
    return ReturnPlan("scalar", rust_type, shapes.Number(number), number, goes_on=going)


def _changeable(parameter: ParameterPlan) -> bool:
    return parameter.back or parameter.kind in {"write", "cell"} or parameter.passed == "lent_mutable"


def _receiver(written: str) -> str:
    """The type of a ``self`` parameter: ``&mut Self`` for ``&'a mut self``."""
    if ":" in written:
        return written.partition(":")[2].strip()
    if not written.startswith("&"):
        return "Self"
    return written.removesuffix("self") + "Self"


def _borrows(texts: Sequence[str], scope: _Scope) -> bool:
    """Whether some object borrows from what made it: ``Parser<'a>``."""
    return any(map(partial(_has_borrowing, types=scope.types), map(scope.resolve, texts)))


def _has_borrowing(rust_type: RustType, types: CustomTypes) -> bool:
    custom = types.object_of(rust_type)
    if custom is not None and custom.declaration.lifetimes:
        return True
    return any(_has_borrowing(part, types) for part in children(rust_type))


def _lent(rust_type: RustType) -> RustType:
    """The type with everything that it borrows lent as long as objects want; not what a call changes."""
    if isinstance(rust_type, Reference) and rust_type.mutable:
        return Reference(True, _lent(rust_type.inner))
    return with_lifetimes(rust_type, lambda _: "'static")


def _chains(function: Function, scope: _Scope) -> bool:
    """Whether a method returns the ``&mut self`` that it got."""
    if "Self" not in scope.known or not function.returns.startswith("&"):
        return False
    try:
        returned = scope.resolve(function.returns)
    except Unsupported:
        return False
    own = scope.known["Self"]
    match returned, own:
        case Reference(True, Named(path, arguments)), Named(own_path, own_arguments):
            return (path, arguments) == (own_path, own_arguments) and scope.types.object_of(own) is not None
    return False


def constant(name: str, path: str, text: str, types: CustomTypes) -> Plan:
    """The plan of reading a constant of this type. Raises `Unsupported`."""
    returns = _returned(text, _Scope(path.rpartition("::")[0], types, {}))
    # What a constant borrows without saying for how long lives for ever.
    static = with_lifetimes(
        returns.type, lambda lifetime: lifetime if lifetime not in {"", "'_"} else "'static"
    )
    returns = replace(returns, type=static)
    return Plan(name, path, (), returns, own=is_own(returns.type), constant=True)


def _whole(
    function: Function, parameters: tuple[ParameterPlan, ...], returns: ReturnPlan, *, for_ever: bool
) -> Plan:
    named = [part.strip() for part in function.generics.strip("<> ").split(",")]
    lifetimes = ",".join("".join(part.split()) for part in named if part.startswith("'"))
    lifetimes = f"<{lifetimes}>" if lifetimes else ""
    own = any(is_own(parameter.type) for parameter in parameters) or is_own(returns.type)
    if ":" in lifetimes or function.where:
        # One lifetime for all meets every bound, and needs none of its own.
        parameters = tuple(replace(parameter, type=_one_lifetime(parameter.type)) for parameter in parameters)
        returns = replace(returns, type=_one_lifetime(returns.type))
        lifetimes = "<'a>"
    lifetimes = lifetimes.replace(",", ", ")
    return Plan(function.name, function.path, parameters, returns, lifetimes, own, for_ever)


def _one_lifetime(rust_type: RustType) -> RustType:
    return with_lifetimes(rust_type, lambda lifetime: lifetime if lifetime in {"", "'_", "'static"} else "'a")


def refusal(callee: Callee) -> str:
    """Why a function cannot be called at all, empty where it can."""
    function = callee.function
    if function.receiver and "Self" not in callee.known:
        return f"takes `{function.receiver}`: the type that it is a method of is not in this file"
    if type_parameters(function.generics) - callee.known.keys() - iterators(function) - closures(function):
        return f"is generic (`{function.generics}`): give it concrete types"
    for word in ("unsafe", "extern"):
        if any(qualifier.startswith(word) for qualifier in function.qualifiers):
            return f"is `{word}`: only plain safe functions can be evolved"
    return ""


def _out_of_sight(function: Function, types: CustomTypes) -> str:
    hidden = types.declarations.hides(function.impl.module if function.impl else function.path)
    if function.impl and function.impl.module and not function.public and not function.impl.trait:
        return "is private to its module: make it `pub(crate)`"
    what = "it" if hidden == function.path else f"`{hidden}`"
    return f"cannot be named by the whole file: make {what} `pub(crate)`" if hidden else ""


def _declared(name: str, text: str, function: Function, scope: _Scope) -> ParameterPlan:
    """A parameter as it stands in the signature: an iterator, a function, or a value."""
    if (called := closure(function, text)) is not None:
        return _called(name, text, called, scope)
    if (found := iterable(function, text)) is None:
        return _parameter(name, text, scope)
    made = _parameter(name, f"Vec<{found.item}>", scope)
    item = scope.resolve(found.item)
    # What an object keeps of it, or what lives for ever, must be there at once.
    kept = scope.lends and not _resumes(function)
    if not found.lazy or kept or "'" in render(item) or scope.types.has_objects(item):
        return replace(made, handed=found.handed, shown=text)
    return ParameterPlan(
        name,
        "packed",
        text,
        made.type,
        made.shape,
        owned=Named(_GIVEN, (item,)),
        handed=found.handed.replace("{0}", "{0}.by(ask)"),
        python="iterator",
    )


def _called(name: str, text: str, called: Closure, scope: _Scope) -> ParameterPlan:
    """A parameter that is a function. It is Python's, and a number crosses."""
    parameters, returns = called.resolved(replace(scope, lends=False).resolve)
    types = scope.types
    if any(map(types.has_objects, (*parameters, returns))):
        raise Unsupported("a function of objects that stay in Rust")
    shape = shapes.Function(tuple(map(types.shape, parameters)), types.shape(returns))
    if types.is_message(shape.returns):
        raise Unsupported("an error of std can be given to a callable, but not come from it")
    number = Named("::core::primitive::u64")
    handed = called.rust(parameters, returns)
    return ParameterPlan(name, "packed", text, number, shape, owned=number, handed=handed, python="callable")


def _parameter(  # noqa: PLR0911 - one for each kind
    name: str, text: str, scope: _Scope
) -> ParameterPlan:
    types = scope.types
    rust_type = scope.resolve(text)
    shape = types.shape(rust_type)
    if types.has_objects(rust_type):
        return _object(name, text, rust_type, shape, types)
    if types.is_message(shape):
        raise Unsupported("an error of std can be returned, but not passed")
    # What is borrowed for ever goes through the codec, which can keep it.
    if "'static" not in render(rust_type):
        match rust_type:
            case Named() if element := _scalar(rust_type):
                return ParameterPlan(name, "scalar", text, rust_type, shape, element)
            case Reference(mutable=False, inner=Named("::core::primitive::str")):
                return ParameterPlan(name, "text", text, rust_type, shape)
            case Reference(mutable=mutable, inner=Slice(inner)) if element := _scalar(inner):
                kind: Kind = "write" if mutable else "read"
                return ParameterPlan(name, kind, text, rust_type, shape, element)
            case Named("::std::vec::Vec", (inner,)) if element := _scalar(inner):
                return ParameterPlan(name, "read", text, rust_type, shape, element)
            case Reference(mutable=True, inner=inner) if element := _scalar(inner):
                return ParameterPlan(name, "cell", text, rust_type, shape, element)
    if rust_type == _STRING:
        return ParameterPlan(name, "text", text, rust_type, shape)
    return _packed(name, text, rust_type, shape)


def _object(name: str, text: str, rust_type: RustType, shape: Shape, types: CustomTypes) -> ParameterPlan:
    """A parameter that is an object, or has objects in it."""
    match rust_type:
        case Reference(mutable, inner) if types.object_of(inner) is not None:
            passed: Literal["lent", "lent_mutable"] = "lent_mutable" if mutable else "lent"
            return ParameterPlan(name, "packed", text, rust_type, shape, owned=OBJECT, passed=passed)
    owned = wire(rust_type, types)
    return ParameterPlan(name, "packed", text, rust_type, shape, owned=owned, passed="moved")


def _packed(name: str, text: str, rust_type: RustType, shape: Shape) -> ParameterPlan:
    match rust_type:
        case Reference(mutable=True, inner=inner):
            refuse_mutable(inner)
            return ParameterPlan(
                name, "packed", text, rust_type, shape, owned=_owned(inner), passed="mutable"
            )
        case Named(path, (Reference(mutable=True, inner=inner),)) if path == _OPTION:
            refuse_mutable(inner)
            if _owned(inner) != inner:
                raise Unsupported("a `&mut` of something without a size inside of an `Option`")
            return ParameterPlan(
                name, "packed", text, rust_type, shape, owned=Named(_OPTION, (inner,)), passed="inside"
            )
        case Reference(mutable=False, inner=inner) if "'static" not in render(rust_type):
            refuse_mutable(inner)
            return ParameterPlan(name, "packed", text, rust_type, shape, owned=_owned(inner), passed="shared")
    refuse_mutable(rust_type)
    return ParameterPlan(name, "packed", text, rust_type, shape, owned=rust_type)


def _owned(rust_type: RustType) -> RustType:
    """The type of a local that a reference to this type can point to."""
    match rust_type:
        case Slice(inner):
            return Named("::std::vec::Vec", (inner,))
        case Named("::core::primitive::str"):
            return _STRING
        case Named(path) if path in _OWNED:
            return Named(_OWNED[path])
    return rust_type


def _returned(text: str, scope: _Scope) -> ReturnPlan:
    types = scope.types
    # What never returns has no value either.
    rust_type = Tuple(()) if text in {"", "!"} else scope.resolve(text)
    if types.has_objects(rust_type):
        lower("", rust_type, types, "")  # refused here, where it can be said
    match rust_type:
        case Tuple(()):
            return ReturnPlan("unit", rust_type, shapes.Unit())
        case Named(path, (ok, err)) if path == _RESULT:
            return ReturnPlan("packed", rust_type, types.shape(ok), err=types.shape(err))
    shape = types.shape(rust_type)
    match rust_type:
        case Named() if element := _scalar(rust_type):
            return ReturnPlan("scalar", rust_type, shape, element)
        case Named() if rust_type == _STRING:
            return ReturnPlan("text", rust_type, shape)
        case Named("::std::vec::Vec", (inner,)) if element := _scalar(inner):
            return ReturnPlan("list", rust_type, shape, element)
    return ReturnPlan("packed", rust_type, shape)


def _scalar(rust_type: RustType) -> Scalar | None:
    if isinstance(rust_type, Named) and rust_type.path.startswith("::core::primitive::"):
        return SCALARS.get(rust_type.path.rpartition("::")[2])
    return None


def rust(rust_type: RustType) -> str:
    """The type as generated code writes it, empty for ``()``."""
    return "" if rust_type == Tuple(()) else render(rust_type)
