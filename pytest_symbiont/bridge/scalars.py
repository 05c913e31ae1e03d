"""Rust's scalars as Python sees them."""

from __future__ import annotations

import operator
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True

# Up to this many bytes the range of an integer is worth telling.
_SMALL = 2
_SURROGATES = range(0xD800, 0xE000)
# What a whole list is packed of at once; a bool is no int here, so subclasses do not count.
_PLAIN: dict[str, type] = {"int": int, "float": float}

Family = Literal["int", "float", "bool", "char"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """One scalar type: its Rust name, what it is in Python, its width in bytes and its `struct` code.

    128-bit integers have no code of their own.
    """

    rust: str
    family: Family
    size: int
    code: str = ""
    signed: bool = False

    @property
    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest value of an integer type."""
        bits = self.size * 8
        return (-(1 << bits - 1), (1 << bits - 1) - 1) if self.signed else (0, (1 << bits) - 1)

    def expected(self) -> str:
        """The type with its range, for messages: ``u8 (0..=255)``."""
        if self.family == "int" and self.size <= _SMALL:
            low, high = self.bounds
            return f"{self.rust} ({low}..={high})"
        return {"bool": "bool", "char": "char (a str of one character)"}.get(self.rust, self.rust)

    def convert(self, value: Any) -> int | float:
        """A Python value as a number of this type.

        Raises TypeError where it is of another kind (a bool is not an int; an int is taken where Rust has a
        float) and OverflowError where it does not fit.
        """
        if self.family == "int":
            return self._integer(value)
        if self.family == "float":
            return self._float(value)
        if self.family == "bool":
            return self._bool(value)
        return self._char(value)

    def pack(self, value: Any) -> bytes:
        """The bytes of a value, `size` of them."""
        number = self.convert(value)
        if self.code:
            return struct.pack("<" + self.code, number)
        return int(number).to_bytes(self.size, "little", signed=self.signed)

    def unpack(self, data: bytes) -> Any:
        """The value of the first `size` bytes, as a plain Python object."""
        data = data[: self.size]
        if self.family == "int":
            return int.from_bytes(data, "little", signed=self.signed)
        (value,) = struct.unpack("<" + self.code, data)
        if self.family == "bool":
            return bool(value)
        return chr(value) if self.family == "char" else value

    def _integer(self, value: Any) -> int:
        if _is_bool(value):
            raise TypeError
        number = operator.index(value)
        low, high = self.bounds
        if not low <= number <= high:
            raise OverflowError
        return number

    def _float(self, value: Any) -> float:
        if isinstance(value, str | bytes | bytearray) or _is_bool(value):
            raise TypeError
        if not hasattr(value, "__float__") and not hasattr(value, "__index__"):
            raise TypeError
        number = float(value)
        struct.pack("<" + self.code, number)  # a finite value beyond f32 is an OverflowError
        return number

    @staticmethod
    def _bool(value: Any) -> int:
        if _is_bool(value):
            return int(bool(value))
        raise TypeError

    @staticmethod
    def _char(value: Any) -> int:
        # By str's own methods: a subclass may say anything of itself, and Rust trusts a char to be one.
        if not isinstance(value, str) or str.__len__(value) != 1:
            raise TypeError
        number = ord(str.__getitem__(value, 0))
        if number in _SURROGATES:
            raise TypeError
        return number


def _is_bool(value: object) -> bool:
    # By its name, because numpy need not be there; it was `bool_` before numpy 2.
    return isinstance(value, bool) or type(value).__name__ in {"bool_", "bool"}


_ALL = (
    Scalar("i8", "int", 1, "b", signed=True),
    Scalar("i16", "int", 2, "h", signed=True),
    Scalar("i32", "int", 4, "i", signed=True),
    Scalar("i64", "int", 8, "q", signed=True),
    Scalar("i128", "int", 16, signed=True),
    Scalar("isize", "int", 8, "q", signed=True),
    Scalar("u8", "int", 1, "B"),
    Scalar("u16", "int", 2, "H"),
    Scalar("u32", "int", 4, "I"),
    Scalar("u64", "int", 8, "Q"),
    Scalar("u128", "int", 16),
    Scalar("usize", "int", 8, "Q"),
    Scalar("f32", "float", 4, "f"),
    Scalar("f64", "float", 8, "d"),
    Scalar("bool", "bool", 1, "?"),
    Scalar("char", "char", 4, "I"),
)
SCALARS = {scalar.rust: scalar for scalar in _ALL}


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
