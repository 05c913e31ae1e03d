"""Python arguments as words and buffers.

This is the complete conversion, with its messages; the C callable takes the common cases off it.
"""

from __future__ import annotations

import inspect
import keyword
import struct
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge.mut import Mut

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.bridge.plan import ParameterPlan, Plan
    from pytest_symbiont.bridge.scalars import Scalar

# The struct codes under which a buffer's elements may lie in memory as this type, by family and width.
_FORMATS = {
    ("int", True, 1): "b", ("int", True, 2): "h", ("int", True, 4): "il", ("int", True, 8): "qln",
    ("int", False, 1): "B", ("int", False, 2): "H", ("int", False, 4): "IL", ("int", False, 8): "QLN",
    ("float", False, 4): "f", ("float", False, 8): "d",
}  # fmt: skip
# What a whole list is packed of at once; a bool is no int here, so subclasses do not count.
_PLAIN: dict[str, type] = {"int": int, "float": float}
_SHOWN = 60
# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


@dataclass(frozen=True, slots=True)
class Buffer:
    """Memory that Rust reads, or changes if ``back``; ``finish`` brings a change into the Python object."""

    memory: memoryview
    count: int
    back: bool = False
    finish: Callable[[], None] | None = None


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
    names = [_python_name(parameter.name) for parameter in plan.parameters]
    named = all(name.isidentifier() for name in names)
    parameters = [
        inspect.Parameter(name if named else f"a{index}", kind if named else only, annotation=parameter.shown)
        for index, (name, parameter) in enumerate(zip(names, plan.parameters, strict=True))
    ]
    return inspect.Signature(parameters)


def _python_name(name: str) -> str:
    name = name.removeprefix("r#")
    return f"{name}_" if keyword.iskeyword(name) else name


def encode(plan: Plan, values: Sequence[Any]) -> list[Passed]:
    """Convert all arguments. Raises TypeError or OverflowError naming function, parameter and type."""
    passed = [
        _encode(plan.name, parameter, value) for parameter, value in zip(plan.parameters, values, strict=True)
    ]
    _refuse_aliases(plan, values, passed)
    return passed


def _encode(function: str, parameter: ParameterPlan, value: Any) -> Passed:
    place = f"{function}(): argument '{parameter.name}'"
    match parameter.kind:
        case "scalar":
            return _pack(place, parameter.element, value)
        case "text":
            return _text(place, parameter, value)
        case "cell":
            return _cell(place, parameter, value)
        case "write":
            return _writable(place, parameter, value)
        case "read":
            found = _same_memory(value, parameter.element)
            return found or _copied(place, parameter, value)


def _pack(place: str, scalar: Scalar, value: Any) -> bytes:
    try:
        return scalar.pack(value)
    except TypeError:
        raise TypeError(f"{place} expects {scalar.expected()}, got {_shown(value)}") from None
    except OverflowError:
        raise OverflowError(f"{place} expects {scalar.expected()}, {_shown(value)} is out of range") from None


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a user's repr may do anything; the message must still come
        return type(value).__name__
    text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"{type(value).__name__} {text}"


def _text(place: str, parameter: ParameterPlan, value: Any) -> Buffer:
    if not isinstance(value, str):
        raise TypeError(f"{place} expects {parameter.shown} (a str), got {_shown(value)}")
    try:
        # str's own: what a subclass calls its encoding would reach Rust unchecked.
        data = str.encode(value, "utf-8")
    except UnicodeEncodeError as error:
        raise TypeError(
            f"{place} expects {parameter.shown}: the str has a lone surrogate at index {error.start}, which "
            "UTF-8 has no bytes for"
        ) from None
    return Buffer(memoryview(data), len(data))


def _cell(place: str, parameter: ParameterPlan, value: Any) -> Buffer:
    scalar = parameter.element
    if not isinstance(value, Mut):
        raise TypeError(
            f"{place} is `{parameter.shown}`: pass Mut(value) and read its .value, got {_shown(value)}"
        )
    memory = bytearray(_pack(place, scalar, value.value))

    def finish() -> None:
        value.value = scalar.unpack(bytes(memory))

    return Buffer(memoryview(memory), 1, back=True, finish=finish)


def _writable(place: str, parameter: ParameterPlan, value: Any) -> Buffer:
    holder = value if isinstance(value, Mut) else None
    content = _content(value)
    scalar = parameter.element
    memory = _view(content)
    if memory is not None and memory.readonly and holder is None:
        raise TypeError(f"{place} is `{parameter.shown}`, but this {type(content).__name__} is read-only")
    found = _same_memory(content, scalar)
    if found is not None and not found.memory.readonly:
        return Buffer(found.memory, found.count, back=True)
    changeable = hasattr(content, "__setitem__") and not isinstance(content, dict)
    if not changeable and (holder is None or isinstance(content, dict)):
        raise TypeError(
            f"{place} is `{parameter.shown}`: pass a list or another mutable sequence (or Mut(value)), "
            f"got {_shown(content)}"
        )
    copied = bytearray(_copied(place, parameter, content).memory)

    def finish() -> None:
        result = unpack_list(bytes(copied), scalar)
        if holder is not None and (not changeable or (memory is not None and memory.readonly)):
            holder.value = (type(content) if type(content) in {tuple, bytes} else list)(result)
            return
        try:
            _refill(content, result)
        except (OverflowError, ValueError) as error:
            raise OverflowError(
                f"{place}: Rust left a value that this {type(content).__name__} cannot hold ({error})"
            ) from None

    return Buffer(memoryview(copied), len(copied) // scalar.size, back=True, finish=finish)


def _content(value: Any) -> Any:
    return value.value if isinstance(value, Mut) else value


def _refill(content: Any, values: Sequence[Any]) -> None:
    """Give a mutable sequence these elements; there are as many as it has."""
    if isinstance(content, array):
        content[:] = array(content.typecode, values)
        return
    try:
        content[:] = values
    except TypeError:  # a memoryview, a deque
        for index, value in enumerate(values):
            content[index] = value


def _view(value: Any) -> memoryview | None:
    try:
        return memoryview(value)
    except (TypeError, ValueError, BufferError):  # numpy has types that no buffer can describe
        return None


def _same_memory(value: Any, scalar: Scalar) -> Buffer | None:
    """The object's own memory, where its elements lie as Rust wants them."""
    view = _view(value)
    if view is None or view.ndim != 1 or not view.c_contiguous or view.itemsize != scalar.size:
        return None
    codes = _FORMATS.get((scalar.family, scalar.signed, scalar.size), "")
    # Only native formats can be cast; the C callable takes others (ctypes says `<l`) as they are.
    code = view.format.removeprefix("@")
    if len(code) != 1 or code not in codes:
        return None
    memory = view.cast("B")
    return Buffer(memory, len(view)) if _address(memory) % scalar.size == 0 else None


def _copied(place: str, parameter: ParameterPlan, value: Any) -> Buffer:
    if isinstance(value, str) or not _is_iterable(value):
        raise TypeError(f"{place} expects {parameter.shown} (a sequence), got {_shown(value)}")
    values = list(value)
    try:
        return Buffer(memoryview(pack_list(values, parameter.element)), len(values))
    except (TypeError, OverflowError) as error:
        for index, element in enumerate(values):
            _pack(f"{place}[{index}]", parameter.element, element)
        kind = TypeError if isinstance(error, TypeError) else OverflowError
        raise kind(
            f"{place} expects {parameter.shown}: an element is another value each time it is asked for it"
        ) from None


def _is_iterable(value: Any) -> bool:
    try:
        iter(value)  # a numpy array without dimensions has the method and refuses all the same
    except TypeError:
        return False
    return True


def pack_list(values: Sequence[Any], scalar: Scalar) -> bytes:
    """The elements' bytes, one behind the other. Raises as `Scalar.convert` does."""
    plain = _PLAIN.get(scalar.family)
    if plain is not None and scalar.code and set(map(type, values)) <= {plain}:
        try:
            return struct.pack(f"<{len(values)}{scalar.code}", *values)
        except struct.error as error:
            raise OverflowError(str(error)) from None
    return b"".join(map(scalar.pack, values))


def unpack_list(data: bytes, scalar: Scalar) -> list[Any]:
    """The elements that lie in ``data``, as plain Python objects."""
    if not scalar.code:
        return [scalar.unpack(data[at : at + scalar.size]) for at in range(0, len(data), scalar.size)]
    if scalar.family == "char":
        return list(data.decode("utf-32-le"))
    return list(struct.unpack(f"<{len(data) // scalar.size}{scalar.code}", data))


def _refuse_aliases(plan: Plan, values: Sequence[Any], passed: Sequence[Passed]) -> None:
    """Two views of one memory, one of them mutable, are undefined behaviour in Rust."""
    buffers = [
        (parameter.name, _content(value), buffer)
        for parameter, value, buffer in zip(plan.parameters, values, passed, strict=True)
        if isinstance(buffer, Buffer)
    ]
    for index, (first, first_value, one) in enumerate(buffers):
        for second, second_value, other in buffers[index + 1 :]:
            if (one.back or other.back) and (first_value is second_value or _overlap(one, other)):
                raise TypeError(
                    f"{plan.name}(): arguments '{first}' and '{second}' share memory and at least one of "
                    "them is changed; Rust does not allow that: pass a copy"
                )


def _overlap(one: Buffer, other: Buffer) -> bool:
    if not one.memory.nbytes or not other.memory.nbytes:
        return False
    start, other_start = _address(one.memory), _address(other.memory)
    return start < other_start + other.memory.nbytes and other_start < start + one.memory.nbytes


def _address(memory: memoryview) -> int:
    from pytest_symbiont.bridge.runtime import address  # noqa: PLC0415 - cffi is imported on use

    return address(memory)
