"""Python arguments as words and buffers.

This is the complete conversion, with its messages; the C callable takes the common cases off it.
"""

from __future__ import annotations

import inspect
import struct
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge import inplace
from pytest_symbiont.bridge.custom import python_name
from pytest_symbiont.bridge.inplace import content
from pytest_symbiont.bridge.memory import same_memory, view
from pytest_symbiont.bridge.misfit import Misfit, shown, unlike
from pytest_symbiont.bridge.mut import Mut
from pytest_symbiont.bridge.pack import convert, utf8
from pytest_symbiont.bridge.scalars import pack_list, unpack_list

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.bridge.answers import Answers
    from pytest_symbiont.bridge.codec import Codec
    from pytest_symbiont.bridge.plan import ParameterPlan, Plan
    from pytest_symbiont.bridge.scalars import Scalar

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True

_IMMUTABLE = (int, float, str, bytes, tuple, frozenset, range, slice, timedelta, Enum, type(None))


@dataclass(frozen=True, slots=True)
class Buffer:
    """Memory that Rust reads, or changes if ``back``; ``finish`` brings a change into the Python object."""

    memory: memoryview
    count: int
    back: bool = False
    finish: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Packed(Buffer):
    """All packed arguments of a call. ``values`` are the Python objects, by parameter name, for messages;
    ``answers`` answers what Rust asks meanwhile.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    answers: Answers | None = None


Passed = bytes | Buffer
"""An argument ready to go: the bytes of a scalar, or a buffer."""


def arrange(plan: Plan, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Sequence[Any]:
    """The arguments in order of the parameters, as Python's own call rules have it."""
    if not kwargs and len(args) == len(plan.parameters):
        return args
    try:
        return signature(plan).bind(*args, **kwargs).args
    except TypeError as error:
        raise TypeError(f"{plan.name}() {error}") from None


def signature(plan: Plan) -> inspect.Signature:
    """The Python signature, with Rust types as annotations."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    only = inspect.Parameter.POSITIONAL_ONLY
    names = [python_name(parameter.name) for parameter in plan.parameters]
    named = all(name.isidentifier() for name in names)
    parameters = [
        inspect.Parameter(name if named else f"a{index}", kind if named else only, annotation=parameter.shown)
        for index, (name, parameter) in enumerate(zip(names, plan.parameters, strict=True))
    ]
    return inspect.Signature(parameters)


def encode(plan: Plan, values: Sequence[Any], codec: Codec) -> list[Passed]:
    """Convert all arguments: those in words in their order, and behind them what is packed.

    Raises TypeError or OverflowError naming function, parameter, place inside of it, type and value.
    """
    passed: list[Passed] = []
    packed = bytearray()
    named: dict[str, Any] = {}
    answers = codec.answers()
    for parameter, value in zip(plan.parameters, values, strict=True):
        try:
            if parameter.kind == "packed":
                if parameter.back:
                    codec.refuse_unchangeable(parameter, value)
                codec.pack(parameter, value, packed, answers)
                named[parameter.name] = value
            else:
                # What Rust asks meanwhile may change Python's own memory, which Rust must not see.
                passed.append(_encode(parameter, value, shares=not plan.asks))
        except Misfit as misfit:
            # An array cannot grow while something looks at its memory, and a traceback keeps this frame.
            passed.clear()
            raise misfit.error(plan.name, parameter.name) from None
    if plan.packed:
        passed.append(Packed(memoryview(packed), len(packed), values=named, answers=answers))
    _refuse_aliases(plan, values, passed)
    return passed


def finish(plan: Plan, passed: Sequence[Passed]) -> None:
    """Bring what Rust left in buffers into the Python objects."""
    words = (parameter for parameter in plan.parameters if parameter.kind != "packed")
    for parameter, argument in zip(words, passed, strict=False):
        if isinstance(argument, Buffer) and argument.finish is not None:
            try:
                argument.finish()
            except Misfit as misfit:
                raise misfit.error(plan.name, parameter.name) from None


def _encode(parameter: ParameterPlan, value: Any, *, shares: bool) -> Passed:
    """``shares`` says that Rust may work on the object's own memory."""
    match parameter.kind:
        case "scalar":
            return _bytes(parameter.element, value)
        case "text":
            data = utf8(value)
            return Buffer(memoryview(data), len(data))
        case "cell":
            return _cell(parameter, value)
        case "write":
            return _writable(parameter, value, shares=shares)
        case _:
            found = _same_memory(value, parameter.element) if shares else None
            return found or _copied(parameter.element, value)


def _bytes(scalar: Scalar, value: Any) -> bytes:
    number = convert(scalar, value)
    if scalar.code:
        return struct.pack("<" + scalar.code, number)
    return int(number).to_bytes(scalar.size, "little", signed=scalar.signed)


def _cell(parameter: ParameterPlan, value: Any) -> Buffer:
    scalar = parameter.element
    if not isinstance(value, Mut):
        said = f"is `{parameter.shown}`: pass Mut(value) and read its .value, got {shown(value)}"
        raise Misfit(TypeError, said)
    memory = bytearray(_bytes(scalar, value.value))

    def finish() -> None:
        value.value = scalar.unpack(bytes(memory))

    return Buffer(memoryview(memory), 1, back=True, finish=finish)


def _writable(parameter: ParameterPlan, value: Any, *, shares: bool) -> Buffer:
    holder = value if isinstance(value, Mut) else None
    inside = content(value)
    scalar = parameter.element
    memory = view(inside)
    if memory is not None and memory.readonly and holder is None:
        raise Misfit(TypeError, f"is `{parameter.shown}`, but this {type(inside).__name__} is read-only")
    found = _same_memory(inside, scalar) if shares else None
    if found is not None and not found.memory.readonly:
        return Buffer(found.memory, found.count, back=True)
    changeable = hasattr(inside, "__setitem__") and not isinstance(inside, dict)
    if not changeable and (holder is None or isinstance(inside, dict)):
        raise Misfit(
            TypeError,
            f"is `{parameter.shown}`: pass a list or another mutable sequence (or Mut(value)), "
            f"got {shown(inside)}",
        )
    copied = bytearray(_copied(scalar, inside).memory)

    def finish() -> None:
        result = unpack_list(bytes(copied), scalar)
        if holder is not None and (not changeable or (memory is not None and memory.readonly)):
            holder.value = (type(inside) if type(inside) in {tuple, bytes} else list)(result)
        else:
            inplace.refill(inside, result)

    return Buffer(memoryview(copied), len(copied) // scalar.size, back=True, finish=finish)


def _same_memory(value: Any, scalar: Scalar) -> Buffer | None:
    """The object's own memory, where its elements lie as Rust wants them."""
    memory = same_memory(value, scalar)
    if memory is None or _address(memory) % scalar.size:
        return None
    return Buffer(memory, len(memory) // scalar.size)


def _copied(scalar: Scalar, value: Any) -> Buffer:
    if isinstance(value, str | dict) or not _is_iterable(value):
        raise unlike("a sequence", value)
    values = list(value)
    try:
        return Buffer(memoryview(pack_list(values, scalar)), len(values))
    except (TypeError, OverflowError) as error:
        for index, element in enumerate(values):
            try:
                _bytes(scalar, element)
            except Misfit as misfit:
                raise misfit.inside(f"[{index}]") from None
        kind = TypeError if isinstance(error, TypeError) else OverflowError
        raise Misfit(kind, "an element is another value each time it is asked for it") from None


def _is_iterable(value: Any) -> bool:
    try:
        iter(value)  # a numpy array without dimensions has the method and refuses all the same
    except TypeError:
        return False
    return True


def _refuse_aliases(plan: Plan, values: Sequence[Any], passed: Sequence[Passed]) -> None:
    """Two views of one memory, one of them mutable, are undefined behaviour in Rust.

    Packed arguments are copies, so one object in two places would be harmless to Rust; but of two changes
    one would be lost.
    """
    buffers = iter(passed)
    places = [
        (parameter, value, _own_memory(value) if parameter.kind == "packed" else next(buffers))
        for parameter, value in zip(plan.parameters, values, strict=True)
    ]
    for index, (first, first_value, one) in enumerate(places):
        for second, second_value, other in places[index + 1 :]:
            if not (_changes(first) or _changes(second)):
                continue
            if _one_object(first_value, second_value) or _overlap(one, other):
                raise TypeError(
                    f"{plan.name}(): arguments '{first.name}' and '{second.name}' share memory and at least "
                    "one of them is changed; Rust does not allow that: pass a copy"
                )


def _changes(parameter: ParameterPlan) -> bool:
    return parameter.back or parameter.kind in {"write", "cell"}


def _one_object(first: Any, second: Any) -> bool:
    """Whether the two are one object that can change: small numbers and texts are shared by everybody.

    One `Mut` is one place, whatever it holds; two that hold one list are as well.
    """
    if first is second and isinstance(first, Mut):
        return True
    first, second = content(first), content(second)
    return first is second and not isinstance(first, _IMMUTABLE)


def _own_memory(value: Any) -> Buffer | None:
    """The memory of a packed argument that has one, where it lies in one piece."""
    memory = view(content(value))
    if memory is None or not memory.c_contiguous or not memory.nbytes:
        return None
    try:
        return Buffer(memory.cast("B"), memory.nbytes)
    except (TypeError, ValueError):  # of a format that is not native
        return None


def _overlap(one: Passed | None, other: Passed | None) -> bool:
    if not isinstance(one, Buffer) or not isinstance(other, Buffer):
        return False
    if not one.memory.nbytes or not other.memory.nbytes:
        return False
    start, other_start = _address(one.memory), _address(other.memory)
    return start < other_start + other.memory.nbytes and other_start < start + one.memory.nbytes


def _address(memory: memoryview) -> int:
    from pytest_symbiont.bridge.runtime import address  # noqa: PLC0415 - cffi is imported on use

    return address(memory)
