"""What Python may pass for what Rust declares, and what the answer is where it may not: pinned."""

# ruff: noqa: E501, PIE807, PLW0108 - a message stands in its row, whole, and so does what makes a value

from __future__ import annotations

import array
import datetime as dt
import math
import struct
import uuid
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from three_ways import WAYS, Ways, seen, three_ways

from pytest_symbiont import Mut, RustError, Some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCE = """
use std::collections::*;
use std::ops::*;
use std::cmp::Ordering;
use std::time::Duration;
pub struct Point { pub x: f64, pub y: f64 }
pub struct Pair(i64, String);
pub enum Color { Red, Blue }
pub enum Shape { Circle { radius: f64 }, Empty }
pub fn ints(x: Vec<Option<i64>>) -> Vec<Option<i64>> { x }
pub fn floats(x: Vec<Vec<f64>>) -> Vec<Vec<f64>> { x }
pub fn singles(x: Vec<Vec<f32>>) -> Vec<Vec<f32>> { x }
pub fn flags(x: Vec<Vec<bool>>) -> Vec<Vec<bool>> { x }
pub fn bytes(x: Vec<Vec<u8>>) -> Vec<Vec<u8>> { x }
pub fn texts(x: Vec<String>) -> Vec<String> { x }
pub fn chars(x: Vec<Vec<char>>) -> Vec<Vec<char>> { x }
pub fn array(x: [i32; 3]) -> [i32; 3] { x }
pub fn tuple(x: (i64, String)) -> (i64, String) { x }
pub fn map(x: HashMap<String, f64>) -> HashMap<String, f64> { x }
pub fn nested(x: Vec<Option<(String, HashMap<u8, Vec<f64>>)>>) -> Vec<Option<(String, HashMap<u8, Vec<f64>>)>> { x }
pub fn set(x: BTreeSet<i64>) -> BTreeSet<i64> { x }
pub fn points(points: Vec<Point>) -> Vec<Point> { points }
pub fn pair(x: Pair) -> Pair { x }
pub fn color(x: Color) -> Color { x }
pub fn shape(x: Shape) -> Shape { x }
pub fn maybe(x: Option<()>) -> Option<()> { x }
pub fn unit(x: Option<Option<()>>) -> Option<Option<()>> { x }
pub fn wide(x: Option<i128>) -> Option<i128> { x }
pub fn small(x: Option<u8>) -> Option<u8> { x }
pub fn word(x: Option<u64>) -> Option<u64> { x }
pub fn real(x: Option<f64>) -> Option<f64> { x }
pub fn flag(x: Option<bool>) -> Option<bool> { x }
pub fn letter(x: Option<char>) -> Option<char> { x }
pub fn order(x: Ordering) -> Ordering { x }
pub fn time(x: Duration) -> Duration { x }
pub fn range(x: Range<i64>) -> Range<i64> { x }
pub fn upto(x: RangeToInclusive<u8>) -> RangeToInclusive<u8> { x }
pub fn result(x: Vec<Result<i64, String>>) -> Vec<Result<i64, String>> { x }
pub fn none_zero(x: Option<std::num::NonZeroU8>) -> Option<std::num::NonZeroU8> { x }
"""


@dataclass
class DataPoint:
    x: Any
    y: Any


class NamedPoint(NamedTuple):
    x: Any
    y: Any


class NamedPair(NamedTuple):
    first: Any
    second: Any


class LyingInt(int):
    def __index__(self) -> int:
        return 7

    def __int__(self) -> int:
        return 8


class LyingStr(str):
    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        return b"\xff"

    def __len__(self) -> int:
        return 77


class LyingList(list[Any]):
    def __len__(self) -> int:
        return 77


class LyingSet(set[Any]):
    def __len__(self) -> int:
        return 77


class LyingDict(dict[str, Any]):
    def __len__(self) -> int:
        return 77

    def items(self) -> Any:
        return [("lie", 1.0)]


class Level(IntEnum):
    LOW = 1


def read_only(array_: Any) -> Any:
    array_.flags.writeable = False
    return array_


# (function, argument, the result's repr)
RESULTS: list[tuple[str, Callable[[], Any], str]] = [
    ("floats", lambda: [[1, 2.5], []], "[[1.0, 2.5], []]"),
    ("floats", lambda: [], "[]"),
    ("floats", lambda: (), "[]"),
    ("floats", lambda: [()], "[[]]"),
    ("floats", lambda: [[np.float32(0.5), np.int8(3)]], "[[0.5, 3.0]]"),
    ("floats", lambda: np.arange(4.0).reshape(2, 2), "[[0.0, 1.0], [2.0, 3.0]]"),
    ("floats", lambda: np.arange(4).reshape(2, 2), "[[0.0, 1.0], [2.0, 3.0]]"),
    ("floats", lambda: np.arange(4.0).reshape(2, 2)[:, ::-1], "[[1.0, 0.0], [3.0, 2.0]]"),
    ("floats", lambda: np.arange(4.0).reshape(2, 2).T, "[[0.0, 2.0], [1.0, 3.0]]"),
    ("floats", lambda: [np.arange(4.0)[::2], np.arange(2, dtype=np.float32)], "[[0.0, 2.0], [0.0, 1.0]]"),
    ("floats", lambda: [np.array([], dtype=np.int8)], "[[]]"),
    ("floats", lambda: read_only(np.ones((1, 2))), "[[1.0, 1.0]]"),
    ("floats", lambda: [[np.array(1.0)]], "[[1.0]]"),
    (
        "floats",
        lambda: [array.array("d", [1.0]), array.array("f", [0.5]), array.array("i", [2])],
        "[[1.0], [0.5], [2.0]]",
    ),
    ("floats", lambda: [memoryview(array.array("d", [1.0, 2.0]))[1:]], "[[2.0]]"),
    ("floats", lambda: [b"ab"], "[[97.0, 98.0]]"),
    ("floats", lambda: [range(2), deque([1.5])], "[[0.0, 1.0], [1.5]]"),
    ("floats", lambda: ([x] for x in (1.0, 2.0)), "[[1.0], [2.0]]"),
    ("floats", lambda: [{1.0: 2}.keys(), {1: 2.0}.values()], "[[1.0], [2.0]]"),
    ("floats", lambda: [{1.0}], "[[1.0]]"),
    ("floats", lambda: [frozenset({1.0})], "[[1.0]]"),
    ("floats", lambda: [[Decimal("0.5"), Fraction(1, 4)]], "[[0.5, 0.25]]"),
    ("floats", lambda: [[2**53 + 1]], "[[9007199254740992.0]]"),
    ("floats", lambda: [[math.nan, math.inf, -math.inf, -0.0]], "[[nan, inf, -inf, -0.0]]"),
    ("singles", lambda: [[0.1, math.inf]], "[[0.10000000149011612, inf]]"),
    ("singles", lambda: [np.array([0.1, 1.0])], "[[0.10000000149011612, 1.0]]"),
    ("flags", lambda: [[True, np.bool_(False)]], "[[True, False]]"),
    ("flags", lambda: [np.array([True])], "[[True]]"),
    ("ints", lambda: [1, None, Level.LOW], "[1, None, 1]"),
    ("ints", lambda: [np.int8(-1), np.uint64(5)], "[-1, 5]"),
    ("ints", lambda: np.arange(2), "[0, 1]"),
    ("ints", lambda: [-(2**63), 2**63 - 1], "[-9223372036854775808, 9223372036854775807]"),
    ("ints", lambda: [LyingInt(5)], "[5]"),
    ("ints", lambda: LyingList([1]), "[1]"),
    ("ints", lambda: [Some(1)], "[1]"),
    ("ints", lambda: {1}, "[1]"),
    ("ints", lambda: {1: 2}.values(), "[2]"),
    ("ints", lambda: iter([1, None]), "[1, None]"),
    (
        "bytes",
        lambda: [
            b"ab",
            bytearray(b"c"),
            memoryview(b"d"),
            [1, 2],
            (3,),
            b"",
            np.array([4], np.uint8),
        ],
        "[b'ab', b'c', b'd', b'\\x01\\x02', b'\\x03', b'', b'\\x04']",
    ),
    ("bytes", lambda: [np.array([1, 2])], "[b'\\x01\\x02']"),
    ("bytes", lambda: [memoryview(b"abcd")[::2]], "[b'ac']"),
    ("texts", lambda: ["a", LyingStr("b"), np.str_("c")], "['a', 'b', 'c']"),
    ("chars", lambda: [list("ab")], "[['a', 'b']]"),
    ("array", lambda: [1, 2, 3], "[1, 2, 3]"),
    ("array", lambda: (1, 2, 3), "[1, 2, 3]"),
    ("array", lambda: np.arange(3), "[0, 1, 2]"),
    ("array", lambda: np.arange(3, dtype=np.int32), "[0, 1, 2]"),
    ("array", lambda: range(3), "[0, 1, 2]"),
    ("array", lambda: iter([1, 2, 3]), "[1, 2, 3]"),
    ("tuple", lambda: (1, "a"), "(1, 'a')"),
    ("tuple", lambda: [1, "a"], "(1, 'a')"),
    ("tuple", lambda: NamedPair(1, "a"), "(1, 'a')"),
    ("map", lambda: {"a": 1, "b": 2.5}, "{'a': 1.0, 'b': 2.5}"),
    ("map", lambda: OrderedDict(b=1.0), "{'b': 1.0}"),
    ("map", lambda: defaultdict(float, a=1.0), "{'a': 1.0}"),
    ("map", lambda: MappingProxyType({"a": 1.0}), "{'a': 1.0}"),
    ("map", lambda: ChainMap({"a": 1.0}, {"b": 2.0}), "{'a': 1.0, 'b': 2.0}"),
    ("map", lambda: Counter("aab"), "{'a': 2.0, 'b': 1.0}"),
    ("map", lambda: LyingDict(a=1.0), "{'a': 1.0}"),
    ("nested", lambda: [None, ("a", {1: [1, 2.5]})], "[None, ('a', {1: [1.0, 2.5]})]"),
    ("nested", lambda: [["a", {}]], "[('a', {})]"),
    ("set", lambda: {1, 2}, "{1, 2}"),
    ("set", lambda: frozenset({2}), "{2}"),
    ("set", lambda: {1: 2}.keys(), "{1}"),
    ("set", lambda: LyingSet({1, 2}), "{1, 2}"),
    (
        "points",
        lambda: [DataPoint(1, 2.0), NamedPoint(3.0, 4), SimpleNamespace(x=5, y=6)],
        "[Point(x=1.0, y=2.0), Point(x=3.0, y=4.0), Point(x=5.0, y=6.0)]",
    ),
    (
        "points",
        lambda: np.zeros(1, dtype=[("x", float), ("y", float)]).view(np.recarray),
        "[Point(x=0.0, y=0.0)]",
    ),
    ("pair", lambda: (1, "a"), "Pair(1, 'a')"),
    ("pair", lambda: [1, "a"], "Pair(1, 'a')"),
    ("pair", lambda: NamedPair(1, "a"), "Pair(1, 'a')"),
    ("maybe", lambda: None, "None"),
    ("maybe", lambda: Some(None), "Some(None)"),
    ("maybe", lambda: (), "Some(None)"),
    ("unit", lambda: None, "None"),
    ("unit", lambda: Some(None), "Some(None)"),
    ("unit", lambda: Some(Some(None)), "Some(Some(None))"),
    ("unit", lambda: Some(()), "Some(Some(None))"),
    ("wide", lambda: 2**127 - 1, "170141183460469231731687303715884105727"),
    ("wide", lambda: -(2**127), "-170141183460469231731687303715884105728"),
    ("small", lambda: np.int64(255), "255"),
    ("word", lambda: 2**64 - 1, "18446744073709551615"),
    ("real", lambda: 3, "3.0"),
    ("real", lambda: np.longdouble(1.5), "1.5"),
    ("flag", lambda: np.True_, "True"),
    ("letter", lambda: "é", "'é'"),
    ("order", lambda: 1, "1"),
    ("order", lambda: -1, "-1"),
    ("time", lambda: dt.timedelta(seconds=1.5), "datetime.timedelta(seconds=1, microseconds=500000)"),
    (
        "time",
        lambda: dt.timedelta.max,
        "datetime.timedelta(days=999999999, seconds=86399, microseconds=999999)",
    ),
    ("range", lambda: range(3), "range(0, 3)"),
    ("range", lambda: slice(1, 2), "range(1, 2)"),
    ("upto", lambda: slice(None, 256), "slice(None, 256, None)"),
    ("result", lambda: [1, RustError("no"), RustError("")], "[1, RustError('no'), RustError('')]"),
    ("none_zero", lambda: None, "None"),
    ("none_zero", lambda: 255, "255"),
]

# (function, argument, error, its message behind the function's name and "argument ")
ERRORS: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    ("floats", lambda: [[True]], TypeError, "'x'[0][0]: expected float, got bool True"),
    ("floats", lambda: [[1, True]], TypeError, "'x'[0][1]: expected float, got bool True"),
    ("floats", lambda: [[np.bool_(True)]], TypeError, "'x'[0][0]: expected float, got bool np.True_"),
    ("floats", lambda: np.float64(1.0), TypeError, "'x': expected a sequence, got float64 np.float64(1.0)"),
    ("floats", lambda: np.array(1.0), TypeError, "'x': expected a sequence, got ndarray array(1.)"),
    ("floats", lambda: [np.array(1.0)], TypeError, "'x'[0]: expected a sequence, got ndarray array(1.)"),
    ("floats", lambda: np.arange(2.0), TypeError, "'x'[0]: expected a sequence, got float64 np.float64(0.0)"),
    ("floats", lambda: [np.array(["a"])], TypeError, "'x'[0][0]: expected float, got str_ np.str_('a')"),
    ("floats", lambda: [{1.0: 2}], TypeError, "'x'[0]: expected a sequence, got dict {1.0: 2}"),
    ("floats", lambda: ["12"], TypeError, "'x'[0]: expected a sequence, got str '12'"),
    ("floats", lambda: "12", TypeError, "'x': expected a sequence, got str '12'"),
    ("floats", lambda: None, TypeError, "'x': expected a sequence, got NoneType None"),
    ("floats", lambda: 1, TypeError, "'x': expected a sequence, got int 1"),
    ("floats", lambda: [None], TypeError, "'x'[0]: expected a sequence, got NoneType None"),
    ("floats", lambda: [[None]], TypeError, "'x'[0][0]: expected float, got NoneType None"),
    ("floats", lambda: [["1"]], TypeError, "'x'[0][0]: expected float, got str '1'"),
    ("floats", lambda: [[1j]], TypeError, "'x'[0][0]: expected float, got complex 1j"),
    (
        "floats",
        lambda: [[2**1024]],
        OverflowError,
        "'x'[0][0]: int 179769313486231590772930519078902473361797697894230657273430… is out of range for f64",
    ),
    ("singles", lambda: [[1e39]], OverflowError, "'x'[0][0]: float 1e+39 is out of range for f32"),
    (
        "singles",
        lambda: [np.array([1e39])],
        OverflowError,
        "'x'[0][0]: float64 np.float64(1e+39) is out of range for f32",
    ),
    ("flags", lambda: [[1]], TypeError, "'x'[0][0]: expected bool, got int 1"),
    ("ints", lambda: [True], TypeError, "'x'[0]: expected int, got bool True"),
    ("ints", lambda: [1, 2.5], TypeError, "'x'[1]: expected int, got float 2.5"),
    ("ints", lambda: [1.0], TypeError, "'x'[0]: expected int, got float 1.0"),
    (
        "ints",
        lambda: [np.uint64(2**63)],
        OverflowError,
        "'x'[0]: uint64 np.uint64(9223372036854775808) is out of range for i64",
    ),
    ("ints", lambda: [np.float64(1)], TypeError, "'x'[0]: expected int, got float64 np.float64(1.0)"),
    ("ints", lambda: [2**63], OverflowError, "'x'[0]: int 9223372036854775808 is out of range for i64"),
    ("ints", lambda: [Decimal(1)], TypeError, "'x'[0]: expected int, got Decimal Decimal('1')"),
    (
        "ints",
        lambda: [dt.date(2020, 1, 1)],
        TypeError,
        "'x'[0]: expected int, got date datetime.date(2020, 1, 1)",
    ),
    (
        "ints",
        lambda: [uuid.UUID(int=1)],
        TypeError,
        "'x'[0]: expected int, got UUID UUID('00000000-0000-0000-0000-000000000001')",
    ),
    ("ints", lambda: {1: 2}, TypeError, "'x': expected a sequence, got dict {1: 2}"),
    ("ints", lambda: Mut([1]), TypeError, "'x': expected a sequence, got Mut Mut([1])"),
    (
        "bytes",
        lambda: [np.array([300])],
        OverflowError,
        "'x'[0][0]: int64 np.int64(300) is out of range for u8 (0..=255)",
    ),
    ("bytes", lambda: [[256]], OverflowError, "'x'[0][0]: int 256 is out of range for u8 (0..=255)"),
    ("bytes", lambda: ["ab"], TypeError, "'x'[0]: expected bytes or a sequence of int, got str 'ab'"),
    ("bytes", lambda: b"ab", TypeError, "'x'[0]: expected bytes or a sequence of int, got int 97"),
    ("texts", lambda: "ab", TypeError, "'x': expected a sequence, got str 'ab'"),
    ("texts", lambda: [b"a"], TypeError, "'x'[0]: expected str, got bytes b'a'"),
    (
        "texts",
        lambda: ["\ud800"],
        TypeError,
        "'x'[0]: the str has a lone surrogate at index 0, which UTF-8 has no bytes for",
    ),
    (
        "texts",
        lambda: ["a\udfffb"],
        TypeError,
        "'x'[0]: the str has a lone surrogate at index 1, which UTF-8 has no bytes for",
    ),
    ("texts", lambda: [None], TypeError, "'x'[0]: expected str, got NoneType None"),
    ("chars", lambda: ["ab"], TypeError, "'x'[0]: expected a sequence, got str 'ab'"),
    ("chars", lambda: [["ab"]], TypeError, "'x'[0][0]: expected str of one character, got str 'ab'"),
    ("chars", lambda: [["\ud800"]], TypeError, "'x'[0][0]: a lone surrogate is no char: str '\\ud800'"),
    ("chars", lambda: [[""]], TypeError, "'x'[0][0]: expected str of one character, got str ''"),
    ("array", lambda: [1, 2], TypeError, "'x': expected 3 elements, got 2: list [1, 2]"),
    (
        "array",
        lambda: np.arange(4, dtype=np.int32),
        TypeError,
        "'x': expected 3 elements, got 4: ndarray array([0, 1, 2, 3], dtype=int32)",
    ),
    ("array", lambda: {1, 2, 3}, TypeError, "'x': expected a sequence of 3, got set {1, 2, 3}"),
    ("tuple", lambda: (1,), TypeError, "'x': expected a tuple of 2, got tuple (1,)"),
    ("tuple", lambda: (1, "a", 2), TypeError, "'x': expected a tuple of 2, got tuple (1, 'a', 2)"),
    ("tuple", lambda: {1}, TypeError, "'x': expected a tuple of 2, got set {1}"),
    ("tuple", lambda: "1a", TypeError, "'x': expected a tuple of 2, got str '1a'"),
    ("tuple", lambda: np.array([1, 2]), TypeError, "'x'[1]: expected str, got int64 np.int64(2)"),
    ("tuple", lambda: (1, 2), TypeError, "'x'[1]: expected str, got int 2"),
    ("map", lambda: {1: 2.0}, TypeError, "'x' key 1: expected str, got int 1"),
    ("map", lambda: {"a": "b"}, TypeError, "'x'['a']: expected float, got str 'b'"),
    ("map", lambda: [("a", 1.0)], TypeError, "'x': expected a dict, got list [('a', 1.0)]"),
    ("map", lambda: {"a"}, TypeError, "'x': expected a dict, got set {'a'}"),
    (
        "map",
        lambda: {"a": 1.0}.items(),
        TypeError,
        "'x': expected a dict, got dict_items dict_items([('a', 1.0)])",
    ),
    ("map", lambda: None, TypeError, "'x': expected a dict, got NoneType None"),
    (
        "nested",
        lambda: [("a", {300: []})],
        OverflowError,
        "'x'[0][1] key 300: int 300 is out of range for u8 (0..=255)",
    ),
    ("nested", lambda: [("a", {1: ["b"]})], TypeError, "'x'[0][1][1][0]: expected float, got str 'b'"),
    ("nested", lambda: [("a",)], TypeError, "'x'[0]: expected a tuple of 2, got tuple ('a',)"),
    ("nested", lambda: [("a", [1])], TypeError, "'x'[0][1]: expected a dict, got list [1]"),
    ("set", lambda: [1], TypeError, "'x': expected a set, got list [1]"),
    ("set", lambda: {True}, TypeError, "'x' element True: expected int, got bool True"),
    ("set", lambda: {"a"}, TypeError, "'x' element 'a': expected int, got str 'a'"),
    (
        "points",
        lambda: [DataPoint(1, 2), DataPoint("a", 2)],
        TypeError,
        "'points'[1].x: expected float, got str 'a'",
    ),
    (
        "points",
        lambda: [SimpleNamespace(x=1)],
        TypeError,
        "'points'[0]: expected Point, got SimpleNamespace namespace(x=1) without .y",
    ),
    (
        "points",
        lambda: [{"x": 1.0, "y": 2.0}],
        TypeError,
        "'points'[0]: expected Point, got dict {'x': 1.0, 'y': 2.0}",
    ),
    (
        "points",
        lambda: [(1.0, 2.0)],
        TypeError,
        "'points'[0]: expected Point, got tuple (1.0, 2.0) without .x",
    ),
    ("points", lambda: [1], TypeError, "'points'[0]: expected Point, got int 1"),
    ("points", lambda: [None], TypeError, "'points'[0]: expected Point, got NoneType None"),
    (
        "points",
        lambda: np.zeros(1, dtype=[("x", float), ("y", float)]),
        TypeError,
        "'points'[0]: expected Point, got void np.void((0.0, 0.0), dtype=[('x', '<f8'), ('y', '<f8')]) without .x",
    ),
    ("pair", lambda: (1,), TypeError, "'x': expected Pair, got tuple (1,) without ._0"),
    ("pair", lambda: (1, 2), TypeError, "'x'[1]: expected str, got int 2"),
    ("pair", lambda: "1a", TypeError, "'x': expected Pair, got str '1a'"),
    ("color", lambda: 0, TypeError, "'x': expected Color, got int 0"),
    ("color", lambda: "Red", TypeError, "'x': expected Color, got str 'Red'"),
    ("color", lambda: Level.LOW, TypeError, "'x': expected Color, got Level <Level.LOW: 1>"),
    ("shape", lambda: 1.0, TypeError, "'x': expected Shape (Shape.Circle, Shape.Empty), got float 1.0"),
    (
        "shape",
        lambda: SimpleNamespace(radius=1.0),
        TypeError,
        "'x': expected Shape (Shape.Circle, Shape.Empty), got SimpleNamespace namespace(radius=1.0)",
    ),
    ("shape", lambda: None, TypeError, "'x': expected Shape (Shape.Circle, Shape.Empty), got NoneType None"),
    ("maybe", lambda: False, TypeError, "'x': expected None, got bool False"),
    (
        "wide",
        lambda: 2**127,
        OverflowError,
        "'x': int 170141183460469231731687303715884105728 is out of range for i128",
    ),
    ("wide", lambda: True, TypeError, "'x': expected int, got bool True"),
    ("small", lambda: -1, OverflowError, "'x': int -1 is out of range for u8 (0..=255)"),
    ("small", lambda: 256, OverflowError, "'x': int 256 is out of range for u8 (0..=255)"),
    ("word", lambda: -1, OverflowError, "'x': int -1 is out of range for u64"),
    ("real", lambda: True, TypeError, "'x': expected float, got bool True"),
    ("real", lambda: "a", TypeError, "'x': expected float, got str 'a'"),
    ("flag", lambda: 1, TypeError, "'x': expected bool, got int 1"),
    ("letter", lambda: "e\u0301", TypeError, "'x': expected str of one character, got str 'é'"),
    ("letter", lambda: "", TypeError, "'x': expected str of one character, got str ''"),
    ("letter", lambda: 97, TypeError, "'x': expected str of one character, got int 97"),
    ("order", lambda: 2, OverflowError, "'x': expected -1, 0 or 1, got int 2"),
    ("order", lambda: True, TypeError, "'x': expected -1, 0 or 1, got bool True"),
    ("order", lambda: 1.0, TypeError, "'x': expected -1, 0 or 1, got float 1.0"),
    (
        "time",
        lambda: dt.timedelta(seconds=-1),
        OverflowError,
        "'x': a Duration is never negative: timedelta datetime.timedelta(days=-1, seconds=86399)",
    ),
    ("time", lambda: 1.5, TypeError, "'x': expected datetime.timedelta, got float 1.5"),
    ("time", lambda: dt.time(1), TypeError, "'x': expected datetime.timedelta, got time datetime.time(1, 0)"),
    (
        "range",
        lambda: range(0, 4, 2),
        TypeError,
        "'x': expected a range without a step, got range range(0, 4, 2)",
    ),
    (
        "range",
        lambda: slice(1, None),
        TypeError,
        "'x': expected a range with a start and a stop, got slice slice(1, None, None)",
    ),
    ("range", lambda: (1, 2), TypeError, "'x': expected a range, got tuple (1, 2)"),
    (
        "range",
        lambda: range(2**63),
        OverflowError,
        "'x'.stop: int 9223372036854775808 is out of range for i64",
    ),
    (
        "range",
        lambda: slice(1, 2, []),
        TypeError,
        "'x': expected a range without a step, got slice slice(1, 2, [])",
    ),
    ("upto", lambda: slice(None, 0), OverflowError, "'x'.stop: int -1 is out of range for u8 (0..=255)"),
    ("upto", lambda: slice(None, "b"), TypeError, "'x'.stop: expected int, got str 'b'"),
    ("upto", lambda: slice(None, True), TypeError, "'x'.stop: expected int, got bool True"),
    (
        "upto",
        lambda: slice(None, np.uint8(0)),
        OverflowError,
        "'x'.stop: int -1 is out of range for u8 (0..=255)",
    ),
    ("result", lambda: [RustError(1)], TypeError, "'x'[0].value: expected str, got int 1"),
    (
        "result",
        lambda: [ValueError("no")],
        TypeError,
        "'x'[0]: expected int, got ValueError ValueError('no')",
    ),
    (
        "result",
        lambda: [RustError],
        TypeError,
        "'x'[0]: expected int, got type <class 'pytest_symbiont.RustError'>",
    ),
    ("none_zero", lambda: 0, OverflowError, "'x': expected an int that is not 0, got int 0"),
]


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with three_ways(tmp_path_factory.mktemp("conversions"), SOURCE) as opened:
        yield opened


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "argument", "result"), RESULTS)
def test_what_is_alike_is_taken(
    ways: Ways, way: str, name: str, argument: Callable[[], Any], result: str
) -> None:
    assert repr(getattr(ways[way], name)(argument())) == result


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "argument", "kind", "said"), ERRORS)
def test_what_is_not_is_an_error_that_names_the_place(
    ways: Ways, way: str, name: str, argument: Callable[[], Any], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind) as caught:
        getattr(ways[way], name)(argument())
    assert type(caught.value) is kind
    assert str(caught.value) == f"{name}(): argument {said}"


@pytest.mark.parametrize("way", WAYS)
def test_an_iterators_own_error_is_its_own(ways: Ways, way: str) -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise TypeError("mine")

    with pytest.raises(TypeError, match=r"^mine$"):
        ways[way].ints(broken())


@pytest.mark.parametrize("way", WAYS)
def test_a_list_that_holds_itself_is_an_error(ways: Ways, way: str) -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(TypeError, match=r"argument 'x'\[0\]\[0\]: expected float, got list \[\[\.\.\.\]\]"):
        ways[way].floats(endless)


@pytest.mark.parametrize("way", WAYS)
def test_a_list_that_grows_while_it_is_read_is_read_as_it_was(ways: Ways, way: str) -> None:
    class Grows:
        def __index__(self) -> int:
            values.append(2)
            return 1

    values: list[Any] = [Grows(), 5]
    assert ways[way].ints(values) == [1, 5]
    assert len(values) == 3


@pytest.mark.parametrize("way", WAYS)
def test_every_bit_of_a_nan_comes_back(ways: Ways, way: str) -> None:
    odd = [struct.unpack("d", struct.pack("Q", bits))[0] for bits in (0x7FF8000000000001, 0xFFF800000000BEEF)]
    assert seen(ways[way].floats([odd])) == seen([odd])
    assert seen(ways[way].real(odd[0])) == seen(odd[0])
