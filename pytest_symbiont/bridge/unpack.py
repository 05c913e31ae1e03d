"""Results: the bytes that `native/codec` writes, as plain Python objects, by msgspec's typed decoders.

msgspec checks every byte against the type, so what a worker sends is a value of the declared type or an
error. What msgspec has no type for is a *hook type*: a class of ours that says how such a value is made.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Union

import msgspec
from msgspec import Meta, msgpack

from pytest_symbiont.bridge import shapes
from pytest_symbiont.bridge.pack import ADDRESSES, CODES, INCLUSIVE, is_integer
from pytest_symbiont.bridge.scalars import unpack_list
from pytest_symbiont.bridge.shapes import BYTE, Shape, nullable
from pytest_symbiont.bridge.some import Some
from pytest_symbiont.errors import RustError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_symbiont.bridge.custom import CustomTypes
    from pytest_symbiont.bridge.scalars import Scalar

_WIDE = 16
_NANOSECONDS_PER_MICROSECOND = 1000


class _Anything(type):
    """Says of every object that it is an instance: what a hook makes is of some other type."""

    def __instancecheck__(cls, _: object) -> bool:
        return True


def _hook_type(name: str, lift: Callable[[Any], Any]) -> Any:
    """A type for msgspec whose values ``lift`` makes of what was decoded without a type."""
    return _Anything(name, (), {"lift": staticmethod(lift)})


def _dec_hook(hook_type: Any, decoded: Any) -> Any:
    return hook_type.lift(decoded)


def _convert(decoded: Any, python: Any) -> Any:
    return msgspec.convert(decoded, python, dec_hook=_dec_hook)


class Unpackers:
    """The types of one file's shapes for msgspec, each made once."""

    def __init__(self, types: CustomTypes) -> None:
        self._types = types
        self._made: dict[tuple[Shape, bool], Any] = {}
        self._filled: set[Shape] = set()

    def decoder(self, *several: Shape) -> Callable[[bytes], Any]:
        """A function from bytes to a value; to a tuple of values where there are several shapes.

        It raises `msgspec.MsgspecError`, UnicodeDecodeError or RecursionError where the bytes are none.
        """
        types = [self._type(shape) for shape in several]
        whole = types[0] if len(types) == 1 else tuple[tuple(types)]  # type: ignore[misc]
        return msgpack.Decoder(whole, dec_hook=_dec_hook).decode

    def _type(self, shape: Shape, *, key: bool = False) -> Any:
        """``key`` asks for values that can be hashed."""
        if (shape, key) not in self._made:
            self._made[shape, key] = self._make(shape, key)
        return self._made[shape, key]

    def _make(self, shape: Shape, key: bool) -> Any:  # noqa: PLR0911, PLR0912, C901 - one for each shape
        match shape:
            case shapes.Number(scalar, zero):
                return _number(scalar) if zero else _non_zero(_number(scalar))
            case shapes.Text() | shapes.Message():
                return str
            case shapes.Unit():
                return None
            case shapes.Option(inner) if nullable(inner):
                return self._maybe(self._type(inner, key=key))
            case shapes.Option(inner):
                return Union[self._type(inner, key=key), None]  # noqa: UP007 - of types known at run time
            case shapes.Sequence():
                return self._sequence(shape, key)
            case shapes.Mapping():
                return self._mapping(shape, key)
            case shapes.Set(inner):
                element = self._type(inner, key=True)
                return frozenset[element] if key else set[element]  # type: ignore[valid-type]
            case shapes.Tuple(members):
                return tuple[tuple(self._type(member, key=key) for member in members)]  # type: ignore[misc]
            case shapes.Result(ok, err):
                return _result(self._type(ok, key=key), self._type(err, key=key))
            case shapes.Ordering():
                return Annotated[int, Meta(ge=-1, le=1)]
            case shapes.Duration():
                return _hook_type("Duration", _duration)
            case shapes.Path():
                return _hook_type("Path", _system_text if shape.text else _path)
            case shapes.Address(rust):
                return _hook_type(rust, lambda decoded: _address(decoded, ADDRESSES[rust][1]))
            case shapes.Range():
                return self._range(shape)
            case shapes.Memory(sequence):
                return _memory(sequence)
            case shapes.Custom():
                return self._custom(shape)

    def _maybe(self, inner: Any) -> Any:
        some = _hook_type("Some", lambda decoded: Some(_convert(decoded, tuple[inner])[0]))
        return some | None

    def _sequence(self, shape: shapes.Sequence, key: bool) -> Any:
        exactly = Meta(min_length=shape.length, max_length=shape.length)
        if shape.bytes:
            plain: Any = bytes
        else:
            element = self._type(shape.inner, key=key)
            plain = tuple[element, ...] if key else list[element]  # type: ignore[valid-type]
        return plain if shape.length is None else Annotated[plain, exactly]

    def _mapping(self, shape: shapes.Mapping, key: bool) -> Any:
        plain: Any = dict.__class_getitem__(
            (self._type(shape.key, key=True), self._type(shape.value, key=key))
        )
        if not key:
            return plain
        return _hook_type("FrozenDict", lambda decoded: tuple(_convert(decoded, plain).items()))

    def _range(self, shape: shapes.Range) -> Any:
        end = self._type(shape.inner)
        integer = is_integer(shape.inner)

        def lift(decoded: Any) -> range | slice:
            values = [_convert(value, end) for value in _convert(decoded, list)]
            if shape.rust in INCLUSIVE and integer:
                values[-1] += 1
            match shape.rust, values:
                case (("Range" | "RangeInclusive"), [start, stop]):
                    return range(start, stop) if integer else slice(start, stop)
                case "RangeFrom", [start]:
                    return slice(start, None)
                case (("RangeTo" | "RangeToInclusive"), [stop]):
                    return slice(None, stop)
                case "RangeFull", []:
                    return slice(None)
            raise msgspec.ValidationError("a range has other ends")

        return _hook_type("Range", lift)

    def _custom(self, shape: shapes.Custom) -> Any:
        custom = self._types[shape]
        if custom.is_object:
            return _hook_type(custom.declaration.name, custom.receive)
        if custom.plain:
            return custom.python
        if shape not in self._filled:
            self._filled.add(shape)
            # msgspec looks at annotations when the first decoder is made; until now they said Any.
            for variant in custom.variants:
                for field in variant.fields:
                    variant.python.__annotations__[field.python] = self._type(field.shape)
        return Union[tuple(variant.python for variant in custom.variants)]  # noqa: UP007


def _number(scalar: Scalar) -> Any:
    if scalar.family == "float":
        return float
    if scalar.family == "bool":
        return bool
    if scalar.family == "char":
        return Annotated[str, Meta(min_length=1, max_length=1)]
    if scalar.size == _WIDE:
        return _hook_type(scalar.rust, lambda decoded: _wide(decoded, signed=scalar.signed))
    low, high = scalar.bounds
    if high < 1 << 63:
        return Annotated[int, Meta(ge=low, le=high)]
    return Annotated[int, Meta(ge=0)]


def _non_zero(number: Any) -> Any:
    def lift(decoded: Any) -> int:
        value: int = _convert(decoded, number)
        if not value:
            raise msgspec.ValidationError("zero where none may be")
        return value

    return _hook_type("NonZero", lift)


def _memory(sequence: shapes.Sequence) -> Any:
    scalar = sequence.inner.scalar if isinstance(sequence.inner, shapes.Number) else BYTE.scalar

    def lift(decoded: Any) -> Any:
        if not isinstance(decoded, msgpack.Ext) or decoded.code != CODES[scalar.rust]:
            raise msgspec.ValidationError("no numbers in memory")
        data = bytes(decoded.data)
        return data if sequence.bytes else unpack_list(data, scalar)

    return _hook_type("Memory", lift)


def _wide(decoded: Any, *, signed: bool) -> int:
    if isinstance(decoded, bytes) and len(decoded) == _WIDE:
        return int.from_bytes(decoded, "big", signed=signed)
    raise msgspec.ValidationError("no 16 bytes")


def _result(ok: Any, err: Any) -> Any:
    def lift(decoded: Any) -> Any:
        good, value = _convert(decoded, tuple[bool, Any])
        return _convert(value, ok) if good else RustError(_convert(value, err))

    return _hook_type("Result", lift)


def _duration(decoded: Any) -> dt.timedelta:
    """Python counts microseconds: what is finer is cut off."""
    seconds, nanoseconds = _convert(decoded, tuple[int, Annotated[int, Meta(ge=0, lt=10**9)]])
    try:
        return dt.timedelta(seconds=seconds, microseconds=nanoseconds // _NANOSECONDS_PER_MICROSECOND)
    except OverflowError:
        raise OverflowError(f"a Duration of {seconds} s is more than a timedelta can hold") from None


def _system_text(decoded: Any) -> str:
    return os.fsdecode(_convert(decoded, bytes))


def _path(decoded: Any) -> Path:
    return Path(_system_text(decoded))


def _address(decoded: Any, kinds: tuple[type, ...]) -> Any:
    try:
        address = ipaddress.ip_address(_convert(decoded, str))
    except ValueError:
        raise msgspec.ValidationError("no address") from None
    if not isinstance(address, kinds):
        raise msgspec.ValidationError("an address of another kind")
    return address
