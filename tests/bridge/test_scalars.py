"""Scalars between Python and the bytes that Rust sees."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_symbiont.bridge.scalars import SCALARS, Scalar, pack_list, unpack_list

INTEGERS = [scalar for scalar in SCALARS.values() if scalar.family == "int"]
CHARS = st.characters(codec="utf-8")


def _values(scalar: Scalar) -> st.SearchStrategy[Any]:
    if scalar.family == "int":
        low, high = scalar.bounds
        return st.sampled_from(
            [low, low + 1, -1 if scalar.signed else 0, 0, 1, high - 1, high]
        ) | st.integers(low, high)
    if scalar.family == "float":
        return st.floats(width=32 if scalar.size == 4 else 64, allow_nan=False)
    return st.booleans() if scalar.family == "bool" else CHARS


def _name(scalar: Scalar) -> str:
    return scalar.rust


@pytest.mark.parametrize("scalar", SCALARS.values(), ids=_name)
@given(data=st.data())
def test_a_value_comes_back_from_its_bytes(scalar: Scalar, data: st.DataObject) -> None:
    value = data.draw(_values(scalar))
    packed = scalar.pack(value)
    assert len(packed) == scalar.size
    back = scalar.unpack(packed)
    assert (back, type(back)) == (value, type(value))
    # 0.0 == -0.0, but not in Rust's eyes.
    assert math.copysign(1, back) == math.copysign(1, value) if scalar.family == "float" else True


@pytest.mark.parametrize("scalar", SCALARS.values(), ids=_name)
@given(data=st.data())
def test_a_list_comes_back_from_its_bytes(scalar: Scalar, data: st.DataObject) -> None:
    values = data.draw(st.lists(_values(scalar), max_size=20))
    packed = pack_list(values, scalar)
    assert packed == b"".join(map(scalar.pack, values))
    back = unpack_list(packed, scalar)
    assert (back, [*map(type, back)]) == (values, [*map(type, values)])


@pytest.mark.parametrize("scalar", INTEGERS, ids=_name)
def test_the_bounds_are_those_of_rust(scalar: Scalar) -> None:
    bits = {"isize": 64, "usize": 64}.get(scalar.rust) or int(scalar.rust[1:])
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if scalar.rust[0] == "i" else (0, 2**bits - 1)
    assert scalar.bounds == (low, high)
    assert scalar.unpack(scalar.pack(low)) == low
    assert scalar.unpack(scalar.pack(high)) == high
    for outside in (low - 1, high + 1, -(10**50), 10**50):
        with pytest.raises(OverflowError):
            scalar.pack(outside)
        with pytest.raises(OverflowError):
            pack_list([0, outside], scalar)


@given(bits=st.integers(0, 2**64 - 1))
def test_f64_keeps_every_bit_also_of_nan(bits: int) -> None:
    data = bits.to_bytes(8, "little")
    assert SCALARS["f64"].pack(SCALARS["f64"].unpack(data)) == data


@pytest.mark.parametrize("bits", [0x7FC00000, 0xFFC00000, 0x7FC12345, 0xFFFFFFFF])
def test_f32_keeps_the_sign_and_payload_of_a_quiet_nan(bits: int) -> None:
    data = bits.to_bytes(4, "little")
    assert SCALARS["f32"].pack(SCALARS["f32"].unpack(data)) == data


def test_f32_rounds_to_nearest_and_refuses_what_is_beyond() -> None:
    f32 = SCALARS["f32"]
    assert f32.unpack(f32.pack(0.1)) == struct.unpack("<f", struct.pack("<f", 0.1))[0] != 0.1
    assert f32.unpack(f32.pack(1e-60)) == 0.0
    assert f32.unpack(f32.pack(math.inf)) == math.inf
    for beyond in (1e39, -1e39, 10**400):
        with pytest.raises(OverflowError):
            f32.pack(beyond)


class Indexed:
    def __index__(self) -> int:
        return 7


class Floating:
    def __float__(self) -> float:
        return 0.5


@pytest.mark.parametrize(
    ("rust", "value", "expected"),
    [
        ("u8", Indexed(), 7),
        ("i128", np.int64(-3), -3),
        ("u64", np.uint8(200), 200),
        ("f64", 3, 3.0),
        ("f64", Floating(), 0.5),
        ("f64", Indexed(), 7.0),
        ("f32", np.float64(0.5), 0.5),
        ("bool", np.bool_(True), True),
        ("char", "ß", "ß"),
        ("char", "\0", "\0"),
        ("char", "\U0010ffff", "\U0010ffff"),
    ],
)
def test_what_python_itself_takes_for_such_a_number_is_taken(
    rust: str, value: object, expected: object
) -> None:
    scalar = SCALARS[rust]
    assert scalar.unpack(scalar.pack(value)) == expected


@pytest.mark.parametrize(
    ("rust", "value"),
    [
        *(
            (rust, wrong)
            for rust in ("u8", "i64", "u128")
            for wrong in (True, np.bool_(True), 1.0, "1", None)
        ),
        *(("f64", wrong) for wrong in (True, np.bool_(True), "1.0", b"1.0", None, 1j)),
        *(("bool", wrong) for wrong in (0, 1, "", None, 1.0)),
        *(("char", wrong) for wrong in ("", "ab", "\ud800", "\udfff", b"a", 97, None)),
    ],
)
def test_another_kind_of_value_is_a_type_error(rust: str, value: object) -> None:
    with pytest.raises(TypeError):
        SCALARS[rust].pack(value)
    with pytest.raises(TypeError):
        pack_list([value], SCALARS[rust])


@pytest.mark.parametrize(
    ("rust", "expected"),
    [
        ("u8", "u8 (0..=255)"),
        ("i16", "i16 (-32768..=32767)"),
        ("i32", "i32"),
        ("f64", "f64"),
        ("bool", "bool"),
        ("char", "char (a str of one character)"),
    ],
)
def test_messages_tell_the_range_where_one_can_remember_it(rust: str, expected: str) -> None:
    assert SCALARS[rust].expected() == expected


class Liar(str):
    """A str that says of itself what it likes."""

    __slots__ = ()

    def __len__(self) -> int:
        return 1

    def __lt__(self, other: str) -> bool:
        return False

    __le__ = __gt__ = __ge__ = __lt__


class NoIndex:
    def __init__(self, answer: object) -> None:
        self.answer = answer

    def __index__(self) -> Any:
        return self.answer


@pytest.mark.parametrize(
    ("rust", "value"),
    [
        ("char", Liar("\ud800")),
        ("char", Liar("ab")),
        ("u8", NoIndex("5")),
        ("u8", NoIndex(1.9)),
        ("i128", NoIndex(b"5")),
    ],
)
def test_what_lies_about_itself_is_a_type_error(rust: str, value: object) -> None:
    with pytest.raises(TypeError):
        SCALARS[rust].pack(value)
