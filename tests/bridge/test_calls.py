"""Real Rust, every type, called in each of the ways there are: the same results and the same errors."""

# ruff: noqa: E501, ISC004 - a message stands in its row, whole

from __future__ import annotations

import array
import ctypes
import gc
import inspect
import math
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import threading
import traceback
from collections import deque
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from three_ways import WAYS, seen, three_ways

from pytest_symbiont import Mut, RustCrash, RustPanic
from pytest_symbiont.bridge.callable import RustFunction
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.bridge.remote import RemoteRoute
from pytest_symbiont.bridge.scalars import SCALARS
from pytest_symbiont.build.builder import Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SCALAR = """
pub fn same_{t}(x: {t}) -> {t} {{ x }}
pub fn join_{t}(xs: &mut [{t}], more: &[{t}], own: Vec<{t}>) -> Vec<{t}> {{
    xs.reverse();
    xs.iter().chain(more).chain(&own).copied().collect()
}}
pub fn swap_{t}(x: &mut {t}, y: {t}) -> {t} {{ std::mem::replace(x, y) }}
"""
_OTHERS = """
pub fn unit() {}
pub fn borrowed(text: &str) -> String { text.chars().rev().collect() }
pub fn owned(text: String) -> usize { text.len() }
pub fn both(text: &str, n: i64) -> String { format!("{text}{n}") }
pub fn sum(xs: &[i64]) -> i64 { xs.iter().sum() }
pub fn double(xs: &mut [i64]) { for x in xs { *x *= 2; } }
pub fn place(xs: &[f64]) -> usize { xs.as_ptr() as usize }
pub fn place_mut(xs: &mut [f64]) -> usize { xs.as_ptr() as usize }
pub fn place_bytes(xs: &[u8]) -> usize { xs.as_ptr() as usize }
pub fn bump(xs: &mut [u8]) { for x in xs { *x += 1; } }
pub fn copy_into(to: &mut [i64], from: &[i64]) { to.copy_from_slice(from); }
pub fn add_both(a: &[i64], b: &[i64]) -> i64 { a.iter().chain(b).sum() }
pub fn exchange(a: &mut i64, b: &mut i64) { std::mem::swap(a, b); }
pub fn divide(a: i64, b: i64) -> i64 { a / b }
pub fn patterned(_: i64, (mut b): i64) -> i64 { b += 1; b }
pub fn bits(x: f64) -> u64 { x.to_bits() }
pub fn from_bits(bits: u64) -> f64 { f64::from_bits(bits) }
pub fn bits32(x: f32) -> u32 { x.to_bits() }
pub fn last(xs: &[i64]) -> i64 {
    let end = xs.len();
    xs[end]
}
pub fn unwrap_nothing(text: &str) -> u32 {
    text.parse::<u32>().unwrap()
}
pub fn increase(x: u8) -> u8 {
    x + 1
}
pub fn long_message(n: usize) { panic!("{}", "é\\0".repeat(n)) }
pub fn many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: u8, n: u8,
            o: u8, p: u8, q: u8) -> Vec<u8> { vec![a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] }
/// Adds.
///
/// Both of them.
pub fn documented(first: i64, second: i64) -> i64 { first + second }
"""
SOURCE = "".join(_SCALAR.format(t=rust) for rust in SCALARS) + _OTHERS


@dataclass(frozen=True)
class Ways:
    """The same file three times: through the C extension, through Python alone, and in a worker."""

    path: Path
    modules: dict[str, Any]

    def function(self, way: str, name: str) -> Callable[..., Any]:
        if way not in self.modules:
            pytest.skip("no C compiler")
        function: Callable[..., Any] = getattr(self.modules[way], name)
        return function


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    folder = tmp_path_factory.mktemp("calls")
    with three_ways(folder, SOURCE) as opened:
        yield Ways(folder / "lib.rs", opened.modules)


def _samples(rust: str) -> list[Any]:
    scalar = SCALARS[rust]
    if scalar.family == "int":
        low, high = scalar.bounds
        return [low, high, 0, 1, high // 3, low // 3]
    if scalar.family == "float":
        biggest = float(np.finfo(np.float32 if rust == "f32" else np.float64).max)
        smallest = 2.0**-149 if rust == "f32" else 5e-324
        return [0.0, -0.0, 1.5, math.inf, -math.inf, math.nan, -math.nan, biggest, -biggest, smallest]
    return [True, False] if rust == "bool" else ["a", "\0", "ß", "\ud7ff", "\ue000", "🦀", "\U0010ffff"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rust", SCALARS)
def test_every_scalar_crosses_in_every_place(ways: Ways, way: str, rust: str) -> None:
    same, join, swap = (ways.function(way, f"{name}_{rust}") for name in ("same", "join", "swap"))
    values = _samples(rust)
    for value in values:
        assert seen(same(value)) == seen(value)
        cell = Mut(value)
        assert seen(swap(cell, values[1])) == seen(value)
        assert seen(cell) == seen(Mut(values[1]))
    changed = list(values)
    joined = join(changed, tuple(values), iter(values[:2]))
    assert seen(changed) == seen(values[::-1])
    expected = values[::-1] + values + values[:2]
    assert seen(joined) == seen(bytes(expected) if rust == "u8" else expected)
    assert seen(join([], (), [])) == seen(b"" if rust == "u8" else [])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "rust", [rust for rust, scalar in SCALARS.items() if scalar.family in {"int", "float"}]
)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_any_number_comes_back(ways: Ways, way: str, rust: str, data: st.DataObject) -> None:
    scalar = SCALARS[rust]
    numbers = st.integers(*scalar.bounds) if scalar.family == "int" else st.floats(width=scalar.size * 8)  # type: ignore[arg-type]
    value = data.draw(numbers)
    assert seen(ways.function(way, f"same_{rust}")(value)) == seen(value)


@pytest.mark.parametrize("way", WAYS)
@given(text=st.text(st.characters(codec="utf-8")))
@settings(max_examples=50, deadline=None)
def test_any_text_crosses(ways: Ways, way: str, text: str) -> None:
    assert ways.function(way, "borrowed")(text) == text[::-1]
    assert ways.function(way, "owned")(text) == len(text.encode())


@pytest.mark.parametrize("way", WAYS)
def test_every_bit_of_a_float_crosses(ways: Ways, way: str) -> None:
    bits, from_bits, bits32 = (ways.function(way, name) for name in ("bits", "from_bits", "bits32"))
    for pattern in (0x7FF8000000000000, 0xFFF8000000000001, 0x7FFFFFFFFFFFFFFF, 1, 1 << 63):
        assert bits(from_bits(pattern)) == pattern
    assert bits(-0.0) == 1 << 63
    assert bits32(-0.0) == 1 << 31
    assert bits32(math.nan) & 0x7FC00000 == 0x7FC00000


def _row(value: object) -> str:
    return value if isinstance(value, str) and value.isidentifier() else ""


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError


class Index:
    def __index__(self) -> int:
        return 5


def _aliases() -> tuple[Any, ...]:
    memory = np.arange(4)
    return memory[:3], memory[1:]


def _twice(value: Any) -> tuple[Any, Any]:
    return value, value


def _read_only() -> Any:
    found = np.arange(3)
    found.flags.writeable = False
    return found


def _unaligned() -> Any:
    return np.frombuffer(bytearray(b"\0" + struct.pack("2q", 5, 7)), np.int64, offset=1)


# (function, arguments, what comes back, the arguments afterwards where they change)
RESULTS: list[tuple[str, Callable[[], tuple[Any, ...]], Any, Any]] = [
    ("unit", lambda: (), None, None),
    ("both", lambda: ("é", -1), "é-1", None),
    ("same_u8", lambda: (Index(),), 5, None),
    ("same_i64", lambda: (np.uint8(200),), 200, None),
    ("same_f64", lambda: (3,), 3.0, None),
    ("same_f32", lambda: (0.1,), float(np.float32(0.1)), None),
    ("same_bool", lambda: (np.bool_(True),), True, None),
    ("sum", lambda: ([],), 0, None),
    ("sum", lambda: (np.arange(4),), 6, None),
    ("sum", lambda: (np.arange(4, dtype=np.int32),), 6, None),
    ("sum", lambda: (np.arange(4, dtype=">i8"),), 6, None),
    ("sum", lambda: (np.arange(8)[::2],), 12, None),
    ("sum", lambda: (np.arange(4)[::-1],), 6, None),
    ("sum", lambda: (np.array([], dtype=np.int64),), 0, None),
    ("sum", lambda: (_unaligned(),), 12, None),
    ("sum", lambda: (array.array("q", [1, 2]),), 3, None),
    ("sum", lambda: (array.array("i", [1, 2]),), 3, None),
    ("sum", lambda: (array.array("b"),), 0, None),
    ("sum", lambda: ((ctypes.c_int64 * 2)(3, 4),), 7, None),
    ("sum", lambda: (b"\1\2",), 3, None),
    ("sum", lambda: (memoryview(array.array("q", [1, 2, 3]))[1:],), 5, None),
    ("sum", lambda: ((1, 2),), 3, None),
    ("sum", lambda: (range(4),), 6, None),
    ("sum", lambda: (deque([1, 2]),), 3, None),
    ("sum", lambda: ((x for x in (1, 2)),), 3, None),
    ("sum", lambda: ([np.int8(-1), Index()],), 4, None),
    ("double", lambda: ([1, 2],), None, ([2, 4],)),
    ("double", lambda: (np.arange(3),), None, (np.array([0, 2, 4]),)),
    ("double", lambda: (np.arange(3, dtype=np.int16),), None, (np.array([0, 2, 4], np.int16),)),
    ("double", lambda: (np.arange(6)[::2],), None, (np.array([0, 4, 8]),)),
    ("double", lambda: (_unaligned(),), None, (np.array([10, 14]),)),
    ("double", lambda: (array.array("q", [1]),), None, (array.array("q", [2]),)),
    ("double", lambda: (array.array("B", [1]),), None, (array.array("B", [2]),)),
    ("double", lambda: ((ctypes.c_int64 * 2)(3, 4),), None, ((ctypes.c_int64 * 2)(6, 8),)),
    ("double", lambda: (bytearray(b"\1"),), None, (bytearray(b"\2"),)),
    ("double", lambda: (deque([1, 2]),), None, (deque([2, 4]),)),
    ("double", lambda: (Mut((1, 2)),), None, (Mut((2, 4)),)),
    ("double", lambda: (Mut([1, 2]),), None, (Mut([2, 4]),)),
    ("double", lambda: (Mut(range(2)),), None, (Mut([0, 2]),)),
    ("double", lambda: (Mut(np.arange(2)),), None, (Mut(np.array([0, 2])),)),
    ("bump", lambda: (Mut(b"ab"),), None, (Mut(b"bc"),)),
    ("bump", lambda: (memoryview(bytearray(b"abcd"))[::2],), None, (memoryview(b"bd"),)),
    ("bump", lambda: (bytearray(b"ab"),), None, (bytearray(b"bc"),)),
    ("exchange", lambda: (Mut(1), Mut(2)), None, (Mut(2), Mut(1))),
    ("copy_into", lambda: (np.zeros(2, np.int64), np.arange(2)), None, (np.arange(2), np.arange(2))),
    ("copy_into", lambda: (np.array([], np.int64), np.array([], np.int64)), None, None),
    ("add_both", lambda: _twice([1, 2]), 6, None),
    ("add_both", lambda: _twice(np.arange(3)), 6, None),
    ("patterned", lambda: (1, 2), 3, None),
    ("many", lambda: tuple(range(17)), bytes(range(17)), None),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "arguments", "result", "afterwards"), RESULTS, ids=_row)
def test_arguments_of_many_kinds_are_taken(
    ways: Ways, way: str, name: str, arguments: Callable[[], tuple[Any, ...]], result: Any, afterwards: Any
) -> None:
    given_ = arguments()
    assert seen(ways.function(way, name)(*given_)) == seen(result)
    if afterwards is not None:
        assert [*map(seen, given_)] == [*map(seen, afterwards)]


_SHARED = (
    "copy_into(): arguments 'to' and 'from' share memory and at least one of them is changed; Rust does not "
    "allow that: pass a copy"
)

ERRORS: list[tuple[str, Callable[[], tuple[Any, ...]], type[Exception], str]] = [
    ("same_u8", lambda: (256,), OverflowError,
     "same_u8(): argument 'x': int 256 is out of range for u8 (0..=255)"),
    ("same_u64", lambda: (-1,), OverflowError, "same_u64(): argument 'x': int -1 is out of range for u64"),
    ("same_i128", lambda: (2**127,), OverflowError,
     f"same_i128(): argument 'x': int {2**127} is out of range for i128"),
    ("same_f32", lambda: (1e39,), OverflowError, "same_f32(): argument 'x': float 1e+39 is out of range for f32"),
    ("same_i64", lambda: (True,), TypeError, "same_i64(): argument 'x': expected int, got bool True"),
    ("same_f64", lambda: (False,), TypeError, "same_f64(): argument 'x': expected float, got bool False"),
    ("same_f64", lambda: (np.bool_(1),), TypeError,
     f"same_f64(): argument 'x': expected float, got bool {np.bool_(1)!r}"),
    ("same_i64", lambda: (1.0,), TypeError, "same_i64(): argument 'x': expected int, got float 1.0"),
    ("same_i64", lambda: (None,), TypeError, "same_i64(): argument 'x': expected int, got NoneType None"),
    ("same_bool", lambda: (1,), TypeError, "same_bool(): argument 'x': expected bool, got int 1"),
    ("same_char", lambda: ("ab",), TypeError,
     "same_char(): argument 'x': expected str of one character, got str 'ab'"),
    ("same_char", lambda: ("\udc80",), TypeError,
     "same_char(): argument 'x': a lone surrogate is no char: str '\\udc80'"),
    ("same_u8", lambda: (Unprintable(),), TypeError, "same_u8(): argument 'x': expected int, got Unprintable"),
    ("borrowed", lambda: (b"abc",), TypeError, "borrowed(): argument 'text': expected str, got bytes b'abc'"),
    ("owned", lambda: (1,), TypeError, "owned(): argument 'text': expected str, got int 1"),
    ("borrowed", lambda: ("ab\ud800",), TypeError,
     "borrowed(): argument 'text': the str has a lone surrogate at index 2, which UTF-8 has no bytes for"),
    ("sum", lambda: (1,), TypeError, "sum(): argument 'xs': expected a sequence, got int 1"),
    ("sum", lambda: ("12",), TypeError, "sum(): argument 'xs': expected a sequence, got str '12'"),
    ("sum", lambda: ([1, 2.0],), TypeError, "sum(): argument 'xs'[1]: expected int, got float 2.0"),
    ("sum", lambda: ([1, True],), TypeError, "sum(): argument 'xs'[1]: expected int, got bool True"),
    ("sum", lambda: ([0, 0, 2**63],), OverflowError,
     "sum(): argument 'xs'[2]: int 9223372036854775808 is out of range for i64"),
    ("sum", lambda: (np.array([1.5]),), TypeError,
     f"sum(): argument 'xs'[0]: expected int, got float64 {np.float64(1.5)!r}"),
    ("sum", lambda: (np.array([2**63], np.uint64),), OverflowError,
     f"sum(): argument 'xs'[0]: uint64 {np.uint64(2**63)!r} is out of range for i64"),
    ("sum", lambda: (np.eye(1, dtype=np.int64),), TypeError,
     f"sum(): argument 'xs'[0]: expected int, got ndarray {np.array([1])!r}"),
    ("sum", lambda: (np.array(1),), TypeError,
     "sum(): argument 'xs': expected a sequence, got ndarray array(1)"),
    ("sum", lambda: (np.array([1], "M8[s]"),), TypeError,
     f"sum(): argument 'xs'[0]: expected int, got datetime64 {np.datetime64(1, 's')!r}"),
    ("double", lambda: ((1, 2),), TypeError,
     "double(): argument 'xs' is `&mut [i64]`: pass a list or another mutable sequence (or Mut(value)), "
     "got tuple (1, 2)"),
    ("double", lambda: ({0: 1},), TypeError,
     "double(): argument 'xs' is `&mut [i64]`: pass a list or another mutable sequence (or Mut(value)), "
     "got dict {0: 1}"),
    ("double", lambda: (_read_only(),), TypeError,
     "double(): argument 'xs' is `&mut [i64]`, but this ndarray is read-only"),
    ("bump", lambda: (b"ab",), TypeError, "bump(): argument 'xs' is `&mut [u8]`, but this bytes is read-only"),
    ("double", lambda: (np.array([100], np.int8),), OverflowError,
     "double(): argument 'xs': Rust left a value that this ndarray cannot hold "
     "(Python integer 200 out of bounds for int8)"),
    ("double", lambda: (array.array("b", [100]),), OverflowError,
     "double(): argument 'xs': Rust left a value that this array cannot hold (signed char is greater than maximum)"),
    ("swap_i64", lambda: (1, 2), TypeError,
     "swap_i64(): argument 'x' is `&mut i64`: pass Mut(value) and read its .value, got int 1"),
    ("swap_u8", lambda: (Mut(-1), 2), OverflowError,
     "swap_u8(): argument 'x': int -1 is out of range for u8 (0..=255)"),
    ("copy_into", lambda: _twice([1, 2]), TypeError, _SHARED),
    ("copy_into", lambda: _twice(np.arange(3)), TypeError, _SHARED),
    ("copy_into", _aliases, TypeError, _SHARED),
    ("copy_into", lambda: (Mut(shared := [1]), shared), TypeError, _SHARED),
    ("exchange", lambda: _twice(Mut(1)), TypeError, _SHARED.replace("copy_into", "exchange").replace("'to'", "'a'")
     .replace("'from'", "'b'")),
    ("divide", lambda: (1,), TypeError, "divide() missing a required argument: 'b'"),
    ("divide", lambda: (1, 2, 3), TypeError, "divide() too many positional arguments"),
    ("unit", lambda: (1,), TypeError, "unit() too many positional arguments"),
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "arguments", "kind", "text"), ERRORS, ids=_row)
def test_what_cannot_be_taken_is_an_error_that_names_function_parameter_and_type(
    ways: Ways,
    way: str,
    name: str,
    arguments: Callable[[], tuple[Any, ...]],
    kind: type[Exception],
    text: str,
) -> None:
    with pytest.raises(kind) as raised:
        ways.function(way, name)(*arguments())
    assert (type(raised.value), str(raised.value)) == (kind, text)


@pytest.mark.parametrize("way", WAYS)
def test_keyword_arguments_are_those_of_the_signature(ways: Ways, way: str) -> None:
    divide = ways.function(way, "divide")
    assert divide(b=2, a=6) == divide(6, b=2) == divide(*(6, 2)) == 3
    for wrong, said in (
        ({"c": 1}, "divide() missing a required argument: 'b'"),
        ({"b": 1, "c": 1}, "divide() got an unexpected keyword argument 'c'"),
        ({"a": 1}, "divide() multiple values for argument 'a'"),
    ):
        with pytest.raises(TypeError) as raised:
            divide(1, **wrong)
        assert str(raised.value) == said
    # A word that Python keeps for itself is written as PEP 8 has it.
    copied = [0]
    ways.function(way, "copy_into")(copied, from_=[1])
    assert copied == [1]
    # A parameter without a name of its own can be given by position only.
    with pytest.raises(TypeError, match="positional only"):
        ways.function(way, "patterned")(1, a1=2)


@pytest.mark.parametrize("way", WAYS)
def test_a_users_own_error_comes_through(ways: Ways, way: str) -> None:
    class Broken:
        def __index__(self) -> int:
            raise RuntimeError("mine")

    def numbers() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        ways.function(way, "same_i64")(Broken())
    with pytest.raises(ZeroDivisionError, match="mine"):
        ways.function(way, "sum")(numbers())


PANICS: list[tuple[str, tuple[Any, ...], str, str]] = [
    ("last", ([1, 2],), "index out of bounds: the len is 2 but the index is 2", "    xs[end]"),
    ("unwrap_nothing", ("x",), "called `Result::unwrap()` on an `Err` value: ParseIntError { kind: InvalidDigit }",
     "    text.parse::<u32>().unwrap()"),
    ("increase", (255,), "attempt to add with overflow", "    x + 1"),
    ("divide", (1, 0), "attempt to divide by zero",
     "pub fn divide(a: i64, b: i64) -> i64 { a / b }"),
    ("divide", (-(2**63), -1), "attempt to divide with overflow",
     "pub fn divide(a: i64, b: i64) -> i64 { a / b }"),
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "arguments", "message", "code"), PANICS, ids=_row)
def test_a_panic_says_what_and_where_and_shows_the_rust_line(
    ways: Ways, way: str, name: str, arguments: tuple[Any, ...], message: str, code: str
) -> None:
    with pytest.raises(RustPanic) as raised:
        ways.function(way, name)(*arguments)
    panic = raised.value
    lines = SOURCE.splitlines()
    line = lines.index(code) + 1
    assert (panic.message, panic.file, panic.line) == (message, "lib.rs", line)
    assert lines[panic.line - 1][panic.column - 1 :].strip()
    assert str(panic) == f"{message} (lib.rs:{line}:{panic.column})"
    *_, last = traceback.extract_tb(panic.__traceback__)
    assert (last.filename, last.lineno, last.name, last.line) == (str(ways.path), line, name, code.strip())


@pytest.mark.parametrize("way", WAYS)
def test_a_long_panic_message_comes_whole(ways: Ways, way: str) -> None:
    with pytest.raises(RustPanic) as raised:
        ways.function(way, "long_message")(30_000)
    assert raised.value.message == "é\0" * 30_000


@pytest.mark.parametrize("way", WAYS)
def test_after_a_panic_calls_go_on_and_changes_made_before_it_stay(ways: Ways, way: str) -> None:
    numbers = [1, 2**62]
    with pytest.raises(RustPanic, match="overflow"):
        ways.function(way, "double")(numbers)
    assert numbers == [2, 2**62]
    assert ways.function(way, "sum")([1, 2]) == 3


@pytest.mark.parametrize("way", ["extension", "python"])
def test_matching_buffers_are_not_copied(ways: Ways, way: str) -> None:
    place, place_mut, place_bytes = (
        ways.function(way, name) for name in ("place", "place_mut", "place_bytes")
    )
    floats = np.arange(8.0)
    assert place(floats) == place_mut(floats) == floats.ctypes.data
    assert place(floats[3:]) == floats.ctypes.data + 24
    assert place(memoryview(floats.data)[2:4]) == floats.ctypes.data + 16
    in_array = array.array("d", [1, 2])
    assert place(in_array) == place_mut(in_array) == in_array.buffer_info()[0]
    in_ctypes = (ctypes.c_double * 2)()
    assert place(in_ctypes) == ctypes.addressof(in_ctypes)
    data = b"some bytes"
    assert place_bytes(data) == np.frombuffer(data, np.uint8).ctypes.data
    changed = bytearray(4)
    assert place_bytes(changed) == np.frombuffer(changed, np.uint8).ctypes.data
    # And what does not match is: other width, gaps, a list.
    assert place(np.arange(4, dtype=np.float32)) != place(floats)
    assert place(floats[::2]) != floats.ctypes.data


@pytest.mark.parametrize("way", WAYS)
def test_a_change_isseen_through_every_view_of_the_memory(ways: Ways, way: str) -> None:
    memory = bytearray(b"abcd")
    view, whole = memoryview(memory)[1:3], np.frombuffer(memory, np.uint8)
    ways.function(way, "bump")(view)
    assert memory == b"acdd"
    assert whole.tolist() == list(memory) == [97, 99, 100, 100]


@pytest.mark.parametrize("way", ["extension", "python"])
def test_a_call_leaves_no_reference_behind(ways: Ways, way: str) -> None:
    total = ways.function(way, "sum")
    numbers = array.array("q", range(10))
    for argument in (numbers, memoryview(numbers), list(numbers)):
        total(argument)
    with pytest.raises(TypeError):
        ways.function(way, "copy_into")(numbers, numbers)
    gc.collect()
    numbers.append(1)  # refused while anybody holds its buffer
    assert total(numbers) == 46


@pytest.mark.parametrize("way", WAYS)
def test_a_function_introduces_itself(ways: Ways, way: str) -> None:
    function = ways.function(way, "documented")
    assert repr(function) == "<Rust function lib.rs::documented>"
    assert str(inspect.signature(function)) == "(first: 'i64', second: 'i64')"
    assert function.__doc__ is None or "Both of them." in function.__doc__ or way != "extension"
    assert not hasattr(function, "revisions")
    assert isinstance(function, RustFunction) is (way != "extension")


@pytest.mark.parametrize("way", WAYS)
def test_threads_may_call_at_the_same_time(ways: Ways, way: str) -> None:
    total = ways.function(way, "sum")
    results: list[list[int]] = [[] for _ in range(4)]

    def call(number: int) -> None:
        for length in range(50):
            results[number].append(total([number] * length))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[number * length for length in range(50)] for number in range(4)]


def test_panics_of_threads_do_not_mix(ways: Ways) -> None:
    for way in ways.modules:
        increase, nothing = ways.function(way, "increase"), ways.function(way, "unwrap_nothing")
        wrong: list[BaseException] = []

        def call(function: Callable[[Any], Any], argument: Any, said: str, wrong: list[Any] = wrong) -> None:
            for _ in range(100):
                try:
                    with pytest.raises(RustPanic, match=said):
                        function(argument)
                except BaseException as error:  # noqa: BLE001 - told to the test's own thread
                    wrong.append(error)

        threads = [
            threading.Thread(target=call, args=(increase, 255, "overflow")),
            threading.Thread(target=call, args=(nothing, "x", "InvalidDigit")),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


@pytest.mark.parametrize("way", WAYS)
def test_a_str_of_another_encoding_does_not_reach_rust(ways: Ways, way: str) -> None:
    class Odd(str):
        __slots__ = ()

        def encode(self, *_: object) -> bytes:
            return b"\xff\xfe"

    assert ways.function(way, "borrowed")(Odd("äb")) == "bä"


@pytest.mark.parametrize("way", WAYS)
def test_a_number_that_changes_its_mind_is_an_error_with_its_place(ways: Ways, way: str) -> None:
    class Fickle:
        asked = 0

        def __index__(self) -> Any:
            self.asked += 1
            return "5" if self.asked == 1 else 5  # noqa: PLE0305 - that is the point

    with pytest.raises(TypeError, match=r"sum\(\): argument 'xs': an element is another value"):
        ways.function(way, "sum")([1, Fickle()])


_LOOP = "pub fn after(n: u64) -> u64 { while std::hint::black_box(n) == 0 {} n + 1 }\n"


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[tuple[Any, RemoteRoute]]:
    """A function that loops where it is given 0 and adds one otherwise, with its route to a worker."""
    path = tmp_path / "loop.rs"
    path.write_text(_LOOP)
    registry = Registry()
    registry.workbench.extension = None
    module = registry.module(path)
    route = RemoteRoute(
        registry.workbench.builder.native.worker,
        lambda handle, profile: handle.file.build(handle.revision, profile),
        Profile.DISK,
        timeout=30_000_000,  # beyond what poll takes
        output=lambda _: None,
    )
    with closing(route):
        for handle in registry.files[path.resolve()].handles.values():
            handle.route = route
        yield module.after, route


def test_an_alarm_in_a_call_leaves_no_reply_for_the_next_one(remote: tuple[Any, RemoteRoute]) -> None:
    class Alarm(BaseException):
        pass

    def ring(*_: object) -> None:
        raise Alarm

    after, _ = remote
    assert after(1) == 2
    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(Alarm):
            after(0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert after(2) == 3


def test_a_worker_outlives_the_thread_that_started_it(remote: tuple[Any, RemoteRoute]) -> None:
    after, _ = remote
    before = _children(os.getpid(), "worker")
    thread = threading.Thread(target=after, args=(1,))
    thread.start()
    thread.join()
    started = _children(os.getpid(), "worker")
    assert len(started - before) == 1
    assert after(2) == 3
    assert _children(os.getpid(), "worker") == started


_ENDLESS = """
import sys
from pathlib import Path
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.bridge.remote import RemoteRoute
from pytest_symbiont.build.builder import Profile
registry, path = Registry(), Path(sys.argv[1])
module = registry.module(path)
route = RemoteRoute(
    registry.workbench.builder.native.worker,
    lambda handle, profile: handle.file.build(handle.revision, profile),
    Profile.DISK,
    timeout=600,
    output=lambda _: None,
)
for handle in registry.files[path.resolve()].handles.values():
    handle.route = route
print(module.after(1), flush=True)
module.after(0)
"""


def test_a_worker_in_an_endless_call_ends_with_a_pytest_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "loop.rs"
    path.write_text(_LOOP)
    with subprocess.Popen(
        [sys.executable, "-c", _ENDLESS, str(path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as python:
        assert python.stdout is not None
        assert python.stdout.readline() == b"2\n"
        (worker,) = _children(python.pid, "worker")
        watched = os.pidfd_open(worker)
        python.kill()
    try:
        ended, _, _ = select.select([watched], [], [], 30)
        if not ended:
            signal.pidfd_send_signal(watched, signal.SIGKILL)
        assert ended
    finally:
        os.close(watched)


def _children(parent: int, name: str) -> set[int]:
    """The processes of that name, by number, which that process has started."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            head, _, tail = stat.read_text().rpartition(")")
            if head.endswith(f"({name}") and tail.split()[1] == str(parent):
                found.add(int(stat.parent.name))
    return found


def test_a_worker_that_dies_before_it_has_loaded_is_told_at_the_call(tmp_path: Path) -> None:
    (tmp_path / "lib.rs").write_text("pub fn double(n: i64) -> i64 {\n    n * 2\n}\n")
    registry = Registry()
    double = registry.function(tmp_path / "lib.rs", "double")
    handle = registry.handle(double)
    assert handle is not None
    dies = Path(shutil.which("false") or "/bin/false")
    route = RemoteRoute(
        dies, lambda known, profile: known.file.build(known.revision, profile), Profile.DISK,
        timeout=30, output=lambda _: None,
    )  # fmt: skip
    with closing(route), handle.through(route, handle.revision):
        route.prepare()
        with pytest.raises(RustCrash, match="ended with status 1"):
            double(1)
