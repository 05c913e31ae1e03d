"""Python values as the bytes that `native/codec` reads: the complete conversion, with its messages.

One function a shape, put together at declaration; the C packer takes the common cases off it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import operator
import os
import struct
from collections import abc
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import msgpack

from pytest_symbiont.bridge import shapes
from pytest_symbiont.bridge.memory import same_memory
from pytest_symbiont.bridge.misfit import Misfit, beyond, shown, told, unlike
from pytest_symbiont.bridge.shapes import Shape, nullable
from pytest_symbiont.bridge.some import Some
from pytest_symbiont.errors import RustError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_symbiont.bridge.custom import CustomType, CustomTypes
    from pytest_symbiont.bridge.scalars import Scalar

    Packer = Callable[[Any, bytearray], None]

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True

_NIL = 0xC0
_NAMES = {"int": "int", "float": "float", "bool": "bool", "char": "str of one character"}
CODES = {"i8": 1, "u8": 2, "i16": 3, "u16": 4, "i32": 5, "u32": 6, "i64": 7, "u64": 8, "f32": 9, "f64": 10,
         "isize": 7, "usize": 8}  # fmt: skip
"""The extension types under which numbers may lie as in memory (`native/codec/src/scalars.rs`)."""
_WIDE = 16
_PAIR = 2
_SECOND = dt.timedelta(seconds=1)
_ENDS = {
    "Range": (True, True), "RangeInclusive": (True, True), "RangeFrom": (True, False),
    "RangeTo": (False, True), "RangeToInclusive": (False, True), "RangeFull": (False, False),
}  # fmt: skip
ADDRESSES: dict[str, tuple[str, tuple[type, ...]]] = {
    "Ipv4Addr": ("ipaddress.IPv4Address", (ipaddress.IPv4Address,)),
    "Ipv6Addr": ("ipaddress.IPv6Address", (ipaddress.IPv6Address,)),
    "IpAddr": ("an address of ipaddress", (ipaddress.IPv4Address, ipaddress.IPv6Address)),
}
"""What an address is in Python: as messages name it, and its classes."""
INCLUSIVE = frozenset({"RangeInclusive", "RangeToInclusive"})


class Packers:
    """The packers of one file's shapes, each made once."""

    def __init__(self, types: CustomTypes) -> None:
        self._types = types
        self._made: dict[Shape, Packer] = {}

    def __getitem__(self, shape: Shape) -> Packer:
        if shape not in self._made:
            # A type that holds itself asks for its own packer while it is being made.
            self._made[shape] = lambda value, out: self._made[shape](value, out)  # noqa: PLW0108
            self._made[shape] = self._make(shape)
        return self._made[shape]

    def _make(self, shape: Shape) -> Packer:  # noqa: PLR0911, PLR0912, C901 - one for each shape
        match shape:
            case shapes.Number(scalar, zero):
                return _number(scalar, zero=zero)
            case shapes.Text():
                return _text
            case shapes.Unit():
                return _unit
            case shapes.Option(inner):
                return _option(self[inner], nested=nullable(inner))
            case shapes.Sequence(inner):
                return _sequence(self[inner], shape)
            case shapes.Mapping(key, value):
                return _mapping(self[key], self[value])
            case shapes.Set(inner):
                return _set(self[inner])
            case shapes.Tuple(members):
                return _tuple([self[member] for member in members])
            case shapes.Result(ok, err):
                return _result(self[ok], self[err])
            case shapes.Ordering():
                return _ordering
            case shapes.Duration():
                return _duration
            case shapes.Path(rust):
                return _path("str" if shape.text else "a path")
            case shapes.Address(rust):
                return _address(rust)
            case shapes.Range(inner, rust):
                return _range(self[inner], rust, integer=is_integer(inner))
            case shapes.Message() | shapes.Memory() | shapes.Function():
                return _no_message
            case shapes.Custom():
                return self._custom(self._types[shape])

    def _custom(self, custom: CustomType) -> Packer:
        if custom.is_object:
            return _object(custom)
        if custom.plain:
            return _enum(custom)
        if not custom.is_enum:
            return self._struct(custom)
        made = {variant.python: (variant, self._fields(variant.fields)) for variant in custom.variants}
        names = ", ".join(variant.python.__qualname__ for variant in custom.variants)

        def pack(value: Any, out: bytearray) -> None:
            found = made.get(type(value))
            if found is None:
                raise unlike(f"{custom.declaration.name} ({names})", value)
            variant, fields = found
            array_head(len(fields) + 1, out)
            out += msgpack.encode(variant.number)
            _pack_fields(value, fields, out)

        return pack

    def _fields(self, fields: Iterable[Any]) -> list[tuple[str, Packer]]:
        return [(field.python, self[field.shape]) for field in fields]

    def _struct(self, custom: CustomType) -> Packer:
        (variant,) = custom.variants
        fields = self._fields(variant.fields)
        tuple_like = variant.declared.style == "tuple"

        def pack(value: Any, out: bytearray) -> None:
            if type(value) is variant.python:
                array_head(len(fields), out)
                _pack_fields(value, fields, out)
            elif tuple_like and isinstance(value, tuple | list) and len(value) == len(fields):
                array_head(len(fields), out)
                for index, ((_, packer), item) in enumerate(zip(fields, value, strict=True)):
                    _inside(f"[{index}]", packer, item, out)
            else:
                _alike(value, custom, [name for name, _ in fields])
                array_head(len(fields), out)
                _pack_fields(value, fields, out)

        return pack


def _object(custom: CustomType) -> Packer:
    def pack(value: Any, out: bytearray) -> None:
        if not isinstance(value, custom.python):
            raise unlike(custom.shown, value)
        out += msgpack.encode(custom.send(value))

    return pack


def _alike(value: Any, custom: CustomType, names: list[str]) -> None:
    """Whether an object has the attributes of a struct (a dataclass, a named tuple)."""
    what = custom.declaration.name
    if not names or isinstance(value, type | str | bytes | int | float | list | dict | set | None):
        raise unlike(what, value)
    if missing := [name for name in names if not hasattr(value, name)]:
        raise Misfit(TypeError, f"expected {what}, got {shown(value)} without .{missing[0]}")


def _pack_fields(value: Any, fields: list[tuple[str, Packer]], out: bytearray) -> None:
    for name, packer in fields:
        _inside(f".{name}", packer, getattr(value, name), out)


def _inside(step: str, packer: Packer, value: Any, out: bytearray) -> None:
    try:
        packer(value, out)
    except Misfit as misfit:
        raise misfit.inside(step) from None


def convert(scalar: Scalar, value: Any) -> int | float:
    """The number of this type that a value is. Raises `Misfit`."""
    try:
        return scalar.convert(value)
    except TypeError:
        if scalar.family == "char" and isinstance(value, str) and str.__len__(value) == 1:
            raise Misfit(TypeError, f"a lone surrogate is no char: {shown(value)}") from None
        raise unlike(_NAMES[scalar.family], value) from None
    except OverflowError:
        raise beyond(value, scalar.expected()) from None


def utf8(value: Any) -> bytes:
    """The bytes of a str. Raises `Misfit`."""
    if not isinstance(value, str):
        raise unlike("str", value)
    try:
        # str's own: what a subclass calls its encoding would reach Rust unchecked.
        return str.encode(value, "utf-8")
    except UnicodeEncodeError as error:
        place = f"the str has a lone surrogate at index {error.start}, which UTF-8 has no bytes for"
        raise Misfit(TypeError, place) from None


def array_head(count: int, out: bytearray) -> None:
    """Begin an array of so many elements."""
    _head(count, 0x90, 15, (0xDC, 0xDD), out)


def memory(code: int, data: memoryview | bytes, out: bytearray) -> None:
    """Numbers as they lie in memory."""
    count = len(data)
    if count < 1 << 8:
        out += bytes((0xC7, count))
    else:
        _head(count, 0, -1, (0xC8, 0xC9), out)
    out += bytes((code,))
    out += data


def _head(count: int, small: int, most: int, longer: tuple[int, int], out: bytearray) -> None:
    if count <= most:
        out.append(small | count)
    elif count < 1 << 16:
        out += struct.pack(">BH", longer[0], count)
    elif count < 1 << 32:
        out += struct.pack(">BI", longer[1], count)
    else:
        raise Misfit(OverflowError, f"{count} elements are more than can be carried")


def _number(scalar: Scalar, *, zero: bool) -> Packer:
    wide = scalar.size == _WIDE

    def pack(value: Any, out: bytearray) -> None:
        number = convert(scalar, value)
        if not zero and not number:
            raise Misfit(OverflowError, f"expected an int that is not 0, got {shown(value)}")
        if scalar.family == "char":
            out += msgpack.encode(chr(int(number)))
        elif wide:
            out += b"\xc4\x10" + int(number).to_bytes(_WIDE, "big", signed=scalar.signed)
        elif scalar.rust == "f32":
            out += struct.pack(">Bf", 0xCA, number)
        elif scalar.family == "bool":
            out.append(0xC3 if number else 0xC2)
        else:
            out += msgpack.encode(number)

    return pack


def _text(value: Any, out: bytearray) -> None:
    data = utf8(value)
    if len(data) < 1 << 5:
        out.append(0xA0 | len(data))
    elif len(data) < 1 << 8:
        out += bytes((0xD9, len(data)))
    else:
        _head(len(data), 0, -1, (0xDA, 0xDB), out)
    out += data


def _unit(value: Any, out: bytearray) -> None:
    if value is not None and not (isinstance(value, tuple) and not value):
        raise unlike("None", value)
    out.append(_NIL)


def _option(inner: Packer, *, nested: bool) -> Packer:
    def pack(value: Any, out: bytearray) -> None:
        if value is None:
            out.append(_NIL)
        elif not nested:
            inner(value.value if isinstance(value, Some) else value, out)
        else:
            out.append(0x91)
            inner(value.value if isinstance(value, Some) else value, out)

    return pack


def _elements(value: Any, expected: str) -> list[Any]:
    """The elements of any iterable, but for text and for what has keys."""
    if isinstance(value, str | abc.Mapping):
        raise unlike(expected, value)
    try:
        return list(value)  # a numpy array without dimensions has `__iter__` and refuses all the same
    except TypeError:
        if isinstance(value, abc.Iterable) and getattr(value, "shape", None) != ():
            raise  # an iterator's own
        raise unlike(expected, value) from None


def _sequence(inner: Packer, shape: shapes.Sequence) -> Packer:
    scalar = shape.inner.scalar if isinstance(shape.inner, shapes.Number) and shape.inner.zero else None
    code = CODES.get(scalar.rust) if scalar else None
    expected = "bytes or a sequence of int" if shape.bytes else "a sequence"

    def check(count: int, value: Any) -> None:
        if shape.length is not None and count != shape.length:
            raise Misfit(TypeError, f"expected {shape.length} elements, got {count}: {shown(value)}")

    def pack(value: Any, out: bytearray) -> None:
        if scalar is not None and code is not None:
            found = same_memory(value, scalar)
            if found is not None:
                check(len(found) // scalar.size, value)
                memory(code, found, out)
                return
        if shape.length is not None and isinstance(value, abc.Set):
            raise unlike(f"a sequence of {shape.length}", value)
        values = _elements(value, expected)
        check(len(values), value)
        array_head(len(values), out)
        for index, element in enumerate(values):
            try:
                inner(element, out)
            except Misfit as misfit:
                raise misfit.inside(f"[{index}]") from None

    return pack


def _mapping(key: Packer, item: Packer) -> Packer:
    def pack(value: Any, out: bytearray) -> None:
        if isinstance(value, dict):
            entries = list(dict.items(value))
        elif isinstance(value, abc.Mapping):
            entries = list(value.items())
        elif isinstance(value, tuple) and all(type(each) is tuple and len(each) == _PAIR for each in value):
            entries = list(value)  # as a map is returned where it must be hashed
        else:
            raise unlike("a dict", value)
        _head(len(entries), 0x80, 15, (0xDE, 0xDF), out)
        for name, element in entries:
            try:
                key(name, out)
            except Misfit as misfit:
                raise misfit.inside(f" key {told(name)}") from None
            _inside(f"[{told(name)}]", item, element, out)

    return pack


def _set(inner: Packer) -> Packer:
    def pack(value: Any, out: bytearray) -> None:
        if not isinstance(value, abc.Set):
            raise unlike("a set", value)
        values = list(value)  # a subclass may say anything of its length
        array_head(len(values), out)
        for element in values:
            try:
                inner(element, out)
            except Misfit as misfit:
                raise misfit.inside(f" element {told(element)}") from None

    return pack


def _tuple(members: list[Packer]) -> Packer:
    expected = f"a tuple of {len(members)}"

    def pack(value: Any, out: bytearray) -> None:
        if isinstance(value, str | bytes | bytearray | abc.Mapping | abc.Set):
            raise unlike(expected, value)
        if not isinstance(value, abc.Sequence) and not hasattr(value, "__array__"):
            raise unlike(expected, value)
        # One more than there may be: an endless sequence needs not be gone through.
        values = list(islice(_elements(value, expected), len(members) + 1))
        if len(values) != len(members):
            raise unlike(expected, value)
        array_head(len(values), out)
        for index, (packer, element) in enumerate(zip(members, values, strict=True)):
            _inside(f"[{index}]", packer, element, out)

    return pack


def _result(ok: Packer, err: Packer) -> Packer:
    def pack(value: Any, out: bytearray) -> None:
        failed = isinstance(value, RustError)
        out += b"\x92\xc2" if failed else b"\x92\xc3"
        if failed:
            _inside(".value", err, value.value, out)
        else:
            ok(value, out)

    return pack


def _ordering(value: Any, out: bytearray) -> None:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise unlike("-1, 0 or 1", value)
    number = value.__index__()
    if number not in {-1, 0, 1}:
        raise Misfit(OverflowError, f"expected -1, 0 or 1, got {shown(value)}")
    out += msgpack.encode(number)


def _duration(value: Any, out: bytearray) -> None:
    if not isinstance(value, dt.timedelta):
        raise unlike("datetime.timedelta", value)
    if value < dt.timedelta():
        raise Misfit(OverflowError, f"a Duration is never negative: {shown(value)}")
    seconds, rest = divmod(value, _SECOND)
    array_head(2, out)
    out += msgpack.encode(seconds) + msgpack.encode(rest.microseconds * 1000)


def _path(expected: str) -> Packer:
    def pack(value: Any, out: bytearray) -> None:
        if not isinstance(value, str | os.PathLike):
            raise unlike(expected, value)
        try:
            data = os.fsencode(value)
        except UnicodeEncodeError as error:
            raise Misfit(TypeError, f"index {error.start} of {shown(value)} is no byte of a path") from None
        if len(data) < 1 << 8:
            out += bytes((0xC4, len(data)))
        else:
            _head(len(data), 0, -1, (0xC5, 0xC6), out)
        out += data

    return pack


def _address(rust: str) -> Packer:
    names, kinds = ADDRESSES[rust]

    def pack(value: Any, out: bytearray) -> None:
        if not isinstance(value, kinds):
            raise unlike(names, value)
        if getattr(value, "scope_id", None) is not None:
            raise Misfit(TypeError, f"an {rust} has no scope: {shown(value)}")
        _text(str(value), out)

    return pack


def is_integer(shape: Shape) -> bool:
    """Whether Python's own `range` can have such ends."""
    return isinstance(shape, shapes.Number) and shape.scalar.family == "int"


def _before(stop: Any) -> Any:
    """The last of a range that ends before ``stop``; what is no int stays itself and is refused as such."""
    if isinstance(stop, bool) or not hasattr(stop, "__index__"):
        return stop
    return operator.index(stop) - 1


def _range(inner: Packer, rust: str, *, integer: bool) -> Packer:
    starts, stops = _ENDS[rust]
    pythonic = starts and stops and integer
    expected = "a range" if pythonic else "a slice"

    def pack(value: Any, out: bytearray) -> None:
        if not isinstance(value, slice) and not (isinstance(value, range) and starts and stops):
            raise unlike(expected, value)
        start, stop, step = value.start, value.stop, value.step
        if step is not None and step != 1:
            raise Misfit(TypeError, f"expected {expected} without a step, got {shown(value)}")
        if (start is not None) != starts or (stop is not None) != stops:
            have = " and ".join(["a start"] * starts + ["a stop"] * stops) or "neither start nor stop"
            raise Misfit(TypeError, f"expected {expected} with {have}, got {shown(value)}")
        array_head(starts + stops, out)
        if starts:
            _inside(".start", inner, start, out)
        if stops:
            _inside(".stop", inner, _before(stop) if rust in INCLUSIVE and integer else stop, out)

    return pack


def _enum(custom: CustomType) -> Packer:
    name = custom.declaration.name

    def pack(value: Any, out: bytearray) -> None:
        if not isinstance(value, custom.python):
            raise unlike(name, value)
        out += msgpack.encode(value.value)

    return pack


def _no_message(value: Any, out: bytearray) -> None:  # noqa: ARG001 - refused at declaration
    raise unlike("nothing that Python could pass", value)
