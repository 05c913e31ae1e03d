"""What Rust changes behind a `&mut` is changed in Python; what cannot be is refused, and so are aliases."""

# ruff: noqa: E501 - a row of a table stands whole

from __future__ import annotations

import array
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from three_ways import WAYS, Ways, three_ways

from pytest_symbiont import Mut, RustError, RustPanic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCE = """
use std::collections::*;
#[derive(Clone)]
pub struct Point { pub x: i64, pub y: i64 }
pub struct Pair(i64, String);
pub enum Light { On { level: u8 }, Off }
pub fn push(xs: &mut Vec<i64>, y: i64) { xs.push(y); }
pub fn double(xs: &mut Vec<i64>) { for x in xs { *x *= 2; } }
pub fn pop(xs: &mut Vec<u8>) -> Option<u8> { xs.pop() }
pub fn reverse(xs: &mut [i64]) { xs.reverse(); }
pub fn rows(xs: &mut Vec<Vec<f64>>) { for row in xs { for x in row { *x += 1.0; } } }
pub fn rotate(xs: &mut VecDeque<i64>) { xs.rotate_left(1); }
pub fn fill(xs: &mut [i64; 3]) { xs.fill(7); }
pub fn words(xs: &mut [String]) { for x in xs { x.push('!'); } }
pub fn count(m: &mut HashMap<String, i64>, key: &str) { *m.entry(key.to_string()).or_default() += 1; }
pub fn forget(m: &mut BTreeMap<String, i64>, key: &str) -> Option<i64> { m.remove(key) }
pub fn add(s: &mut HashSet<i64>, x: i64) -> bool { s.remove(&0); s.insert(x) }
pub fn shift(p: &mut Point, by: i64) { p.x += by; }
pub fn rename(p: &mut Pair) { p.1.push('!'); p.0 += 1; }
pub fn all(ps: &mut Vec<Point>) { for p in ps.iter_mut() { p.y = 9; } ps.push(Point { x: 0, y: 0 }); }
pub fn dim(l: &mut Light) { *l = match l { Light::On { level: 1 } => Light::Off, Light::On { level } => Light::On { level: *level - 1 }, Light::Off => Light::Off }; }
pub fn text(s: &mut String) { s.push('!'); }
pub fn take(x: &mut Option<i64>) -> Option<i64> { x.take() }
pub fn pair(x: &mut (i64, String)) { x.0 += 1; }
pub fn maybe(x: Option<&mut Vec<i64>>) -> bool { x.map(|x| x.push(1)).is_some() }
pub fn maybe_number(x: Option<&mut i64>) { if let Some(x) = x { *x += 1; } }
pub fn two(a: &mut Vec<i64>, b: &mut Vec<i64>) { a.push(1); b.push(2); }
pub fn read(a: &mut Vec<i64>, b: &Vec<i64>) { a.extend(b); }
pub fn slices(a: &mut [i64], b: &mut Vec<i64>) { a[0] = 1; b[0] = 2; }
pub fn numbers(a: &mut i64, b: &mut i64) { std::mem::swap(a, b); }
pub fn shared(a: &Vec<i64>, b: &Vec<i64>) -> usize { a.len() + b.len() }
pub fn fails(xs: &mut Vec<i64>, at: usize) -> Result<i64, String> { xs.push(5); xs.get(at).copied().ok_or_else(|| format!("no {at}")) }
pub fn panics(xs: &mut Vec<i64>) { xs.push(5); panic!("no"); }
pub fn panics_in_place(xs: &mut [i64]) { xs[0] = 5; panic!("no"); }
"""


@dataclass
class Data:
    x: int
    y: int


@dataclass(frozen=True)
class Frozen:
    x: int
    y: int


class Named(NamedTuple):
    x: int
    y: int


SHARED = [1]
MEMORY = np.arange(4)
BYTES = bytearray(b"abcd")


def twice(value: Any) -> tuple[Any, Any]:
    return value, value


def read_only(array_: Any) -> Any:
    array_.flags.writeable = False
    return array_


# (function, arguments, the result's repr, that of the arguments afterwards)
CHANGES: list[tuple[str, Callable[[], tuple[Any, ...]], str, str]] = [
    ("push", lambda: ([1], 2), "None", "([1, 2], 2)"),
    ("push", lambda: (deque([1]), 2), "None", "(deque([1, 2]), 2)"),
    ("push", lambda: (array.array("q", [1]), 2), "None", "(array('q', [1, 2]), 2)"),
    ("push", lambda: (array.array("b", [1]), 2), "None", "(array('b', [1, 2]), 2)"),
    ("push", lambda: (bytearray(b"a"), 98), "None", "(bytearray(b'ab'), 98)"),
    ("push", lambda: (Mut((1,)), 2), "None", "(Mut((1, 2)), 2)"),
    ("push", lambda: (Mut(range(2)), 2), "None", "(Mut([0, 1, 2]), 2)"),
    ("push", lambda: (Mut([1]), 2), "None", "(Mut([1, 2]), 2)"),
    ("double", lambda: (np.arange(3),), "None", "(array([0, 2, 4]),)"),
    ("double", lambda: (np.arange(6)[::2],), "None", "(array([0, 4, 8]),)"),
    ("double", lambda: (np.arange(3, dtype=np.int8),), "None", "(array([0, 2, 4], dtype=int8),)"),
    ("pop", lambda: ([1, 2],), "2", "([1],)"),
    ("pop", lambda: (bytearray(b"ab"),), "98", "(bytearray(b'a'),)"),
    ("pop", lambda: (Mut(b"ab"),), "98", "(Mut(b'a'),)"),
    ("pop", lambda: (Mut((1, 2)),), "2", "(Mut((1,)),)"),
    ("rows", lambda: ([[1], (2,)],), "None", "([[2.0], [3.0]],)"),
    ("rows", lambda: (np.zeros((2, 2)),), "None", "(array([[1., 1.],\n       [1., 1.]]),)"),
    ("rows", lambda: ([np.zeros(2)],), "None", "([[1.0, 1.0]],)"),
    ("rotate", lambda: (deque([1, 2, 3]),), "None", "(deque([2, 3, 1]),)"),
    ("rotate", lambda: (deque([1, 2, 3], maxlen=3),), "None", "(deque([2, 3, 1], maxlen=3),)"),
    ("rotate", lambda: ([1, 2],), "None", "([2, 1],)"),
    ("fill", lambda: ([1, 2, 3],), "None", "([7, 7, 7],)"),
    ("fill", lambda: (np.arange(3),), "None", "(array([7, 7, 7]),)"),
    ("fill", lambda: (deque([1, 2, 3]),), "None", "(deque([7, 7, 7]),)"),
    ("fill", lambda: (Mut((1, 2, 3)),), "None", "(Mut((7, 7, 7)),)"),
    ("words", lambda: (["a", "b"],), "None", "(['a!', 'b!'],)"),
    ("words", lambda: (deque(["a"]),), "None", "(deque(['a!']),)"),
    ("count", lambda: ({"b": 1, "a": 1}, "a"), "None", "({'b': 1, 'a': 2}, 'a')"),
    ("count", lambda: (OrderedDict(b=1, a=1), "b"), "None", "(OrderedDict([('b', 2), ('a', 1)]), 'b')"),
    ("count", lambda: (defaultdict(int), "a"), "None", "(defaultdict(<class 'int'>, {'a': 1}), 'a')"),
    ("count", lambda: (Counter("ab"), "c"), "None", "(Counter({'a': 2, 'b': 2, 'c': 1}), 'c')"),
    ("count", lambda: (ChainMap({"a": 1}), "a"), "None", "(ChainMap({'a': 2}), 'a')"),
    ("count", lambda: (Mut(MappingProxyType({"a": 1})), "a"), "None", "(Mut({'a': 2}), 'a')"),
    ("forget", lambda: ({"b": 1, "a": 2}, "b"), "1", "({'a': 2}, 'b')"),
    ("forget", lambda: ({"b": 1}, "x"), "None", "({'b': 1}, 'x')"),
    ("add", lambda: ({0, 1}, 5), "True", "({1, 5}, 5)"),
    ("add", lambda: (Mut(frozenset({0, 1})), 5), "True", "(Mut(frozenset({1, 5})), 5)"),
    ("shift", lambda: (SimpleNamespace(x=1, y=2, z=3), 5), "None", "(namespace(x=6, y=2, z=3), 5)"),
    ("shift", lambda: (Data(1, 2), 5), "None", "(Data(x=6, y=2), 5)"),
    ("shift", lambda: (Mut(Frozen(1, 2)), 5), "None", "(Mut(Point(x=6, y=2)), 5)"),
    ("shift", lambda: (Mut(Named(1, 2)), 5), "None", "(Mut(Point(x=6, y=2)), 5)"),
    ("rename", lambda: (Mut((1, "a")),), "None", "(Mut((2, 'a!')),)"),
    ("all", lambda: ([Data(1, 2)],), "None", "([Point(x=1, y=9), Point(x=0, y=0)],)"),
    ("text", lambda: (Mut("a"),), "None", "(Mut('a!'),)"),
    ("take", lambda: (Mut(4),), "4", "(Mut(None),)"),
    ("take", lambda: (Mut(None),), "None", "(Mut(None),)"),
    ("pair", lambda: (Mut((1, "a")),), "None", "(Mut((2, 'a')),)"),
    ("pair", lambda: (Mut([1, "a"]),), "None", "(Mut((2, 'a')),)"),
    ("maybe", lambda: (None,), "False", "(None,)"),
    ("maybe", lambda: ([],), "True", "([1],)"),
    ("maybe", lambda: (Mut((1,)),), "True", "(Mut((1, 1)),)"),
    ("maybe_number", lambda: (Mut(1),), "None", "(Mut(2),)"),
    ("maybe_number", lambda: (None,), "None", "(None,)"),
    ("numbers", lambda: (Mut(1), Mut(2)), "None", "(Mut(2), Mut(1))"),
    ("two", lambda: ([1], [2]), "None", "([1, 1], [2, 2])"),
    ("two", lambda: (Mut((1,)), Mut((1,))), "None", "(Mut((1, 1)), Mut((1, 2)))"),
    ("read", lambda: ([1], [2]), "None", "([1, 2], [2])"),
    ("read", lambda: ([1], (3,)), "None", "([1, 3], (3,))"),
    ("slices", lambda: (np.arange(2), np.arange(2)), "None", "(array([1, 1]), array([2, 1]))"),
    ("shared", lambda: twice([1, 2]), "4", "([1, 2], [1, 2])"),
]

# (function, arguments, error, its message behind the function's name)
ERRORS: list[tuple[str, Callable[[], tuple[Any, ...]], type[Exception], str]] = [
    (
        "push",
        lambda: (array.array("b", [1]), 200),
        OverflowError,
        "argument 'xs': Rust left a value that this array cannot hold (signed char is greater than maximum)",
    ),
    (
        "push",
        lambda: (bytearray(b"a"), 300),
        OverflowError,
        "argument 'xs': Rust left a value that this bytearray cannot hold (byte must be in range(0, 256))",
    ),
    (
        "push",
        lambda: (np.arange(2), 5),
        OverflowError,
        "argument 'xs': Rust left a value that this ndarray cannot hold (3 elements for the 2 that it has)",
    ),
    (
        "push",
        lambda: (Mut(np.arange(2)), 5),
        OverflowError,
        "argument 'xs': Rust left a value that this ndarray cannot hold (3 elements for the 2 that it has)",
    ),
    (
        "push",
        lambda: ((1,), 2),
        TypeError,
        "argument 'xs' is `&mut Vec<i64>`: pass a list or Mut(value), got tuple (1,)",
    ),
    (
        "push",
        lambda: (range(2), 2),
        TypeError,
        "argument 'xs' is `&mut Vec<i64>`: pass a list or Mut(value), got range range(0, 2)",
    ),
    (
        "push",
        lambda: (b"a", 1),
        TypeError,
        "argument 'xs' is `&mut Vec<i64>`: pass a list or Mut(value), got bytes b'a'",
    ),
    (
        "push",
        lambda: ({1}, 2),
        TypeError,
        "argument 'xs' is `&mut Vec<i64>`: pass a list or Mut(value), got set {1}",
    ),
    (
        "push",
        lambda: ({1: 2}, 2),
        TypeError,
        "argument 'xs' is `&mut Vec<i64>`: pass a list or Mut(value), got dict {1: 2}",
    ),
    (
        "push",
        lambda: (None, 2),
        TypeError,
        "argument 'xs' is `&mut Vec<i64>`: pass a list or Mut(value), got NoneType None",
    ),
    (
        "double",
        lambda: (np.arange(3, dtype=float),),
        TypeError,
        "argument 'xs'[0]: expected int, got float64 np.float64(0.0)",
    ),
    (
        "double",
        lambda: (read_only(np.arange(3)),),
        TypeError,
        "argument 'xs' is `&mut Vec<i64>`, but this ndarray is read-only",
    ),
    (
        "double",
        lambda: (memoryview(b"ab"),),
        TypeError,
        "argument 'xs' is `&mut Vec<i64>`, but this memoryview is read-only",
    ),
    (
        "pop",
        lambda: (b"ab",),
        TypeError,
        "argument 'xs' is `&mut Vec<u8>`: pass a list or Mut(value), got bytes b'ab'",
    ),
    (
        "rows",
        lambda: (((1,),),),
        TypeError,
        "argument 'xs' is `&mut Vec<Vec<f64>>`: pass a list or Mut(value), got tuple ((1,),)",
    ),
    (
        "count",
        lambda: (MappingProxyType({"a": 1}), "a"),
        TypeError,
        "argument 'm' is `&mut HashMap<String, i64>`: pass a dict or Mut(value), got mappingproxy mappingproxy({'a': 1})",
    ),
    (
        "count",
        lambda: ([("a", 1)], "a"),
        TypeError,
        "argument 'm' is `&mut HashMap<String, i64>`: pass a dict or Mut(value), got list [('a', 1)]",
    ),
    (
        "add",
        lambda: (frozenset({0}), 5),
        TypeError,
        "argument 's' is `&mut HashSet<i64>`: pass a set or Mut(value), got frozenset frozenset({0})",
    ),
    (
        "add",
        lambda: ({1: 2}.keys(), 5),
        TypeError,
        "argument 's' is `&mut HashSet<i64>`: pass a set or Mut(value), got dict_keys dict_keys([1])",
    ),
    (
        "add",
        lambda: ([1], 5),
        TypeError,
        "argument 's' is `&mut HashSet<i64>`: pass a set or Mut(value), got list [1]",
    ),
    (
        "shift",
        lambda: (Frozen(1, 2), 5),
        TypeError,
        "argument 'p' is `&mut Point`: pass Mut(value) and read its .value, got Frozen Frozen(x=1, y=2)",
    ),
    (
        "shift",
        lambda: (Named(1, 2), 5),
        TypeError,
        "argument 'p' is `&mut Point`: pass Mut(value) and read its .value, got Named Named(x=1, y=2)",
    ),
    (
        "shift",
        lambda: ((1, 2), 5),
        TypeError,
        "argument 'p' is `&mut Point`: pass Mut(value) and read its .value, got tuple (1, 2)",
    ),
    (
        "rename",
        lambda: ([1, "a"],),
        TypeError,
        "argument 'p' is `&mut Pair`: pass Mut(value) and read its .value, got list [1, 'a']",
    ),
    (
        "rename",
        lambda: ((1, "a"),),
        TypeError,
        "argument 'p' is `&mut Pair`: pass Mut(value) and read its .value, got tuple (1, 'a')",
    ),
    (
        "text",
        lambda: ("a",),
        TypeError,
        "argument 's' is `&mut String`: pass Mut(value) and read its .value, got str 'a'",
    ),
    ("text", lambda: (Mut(1),), TypeError, "argument 's': expected str, got int 1"),
    (
        "take",
        lambda: (4,),
        TypeError,
        "argument 'x' is `&mut Option<i64>`: pass Mut(value) and read its .value, got int 4",
    ),
    (
        "take",
        lambda: (None,),
        TypeError,
        "argument 'x' is `&mut Option<i64>`: pass Mut(value) and read its .value, got NoneType None",
    ),
    (
        "pair",
        lambda: ([1, "a"],),
        TypeError,
        "argument 'x' is `&mut (i64, String)`: pass Mut(value) and read its .value, got list [1, 'a']",
    ),
    (
        "maybe",
        lambda: ((1,),),
        TypeError,
        "argument 'x' is `Option<&mut Vec<i64>>`: pass a list or Mut(value), got tuple (1,)",
    ),
    (
        "maybe_number",
        lambda: (1,),
        TypeError,
        "argument 'x' is `Option<&mut i64>`: pass Mut(value) and read its .value, got int 1",
    ),
    (
        "numbers",
        lambda: twice(Mut(1)),
        TypeError,
        "arguments 'a' and 'b' share memory and at least one of them is changed; Rust does not allow that: pass a copy",
    ),
    (
        "two",
        lambda: twice([1]),
        TypeError,
        "arguments 'a' and 'b' share memory and at least one of them is changed; Rust does not allow that: pass a copy",
    ),
    (
        "two",
        lambda: twice(np.arange(3)),
        TypeError,
        "arguments 'a' and 'b' share memory and at least one of them is changed; Rust does not allow that: pass a copy",
    ),
    (
        "two",
        lambda: twice(Mut((1,))),
        TypeError,
        "arguments 'a' and 'b' share memory and at least one of them is changed; Rust does not allow that: pass a copy",
    ),
    (
        "two",
        lambda: (Mut(SHARED), Mut(SHARED)),
        TypeError,
        "arguments 'a' and 'b' share memory and at least one of them is changed; Rust does not allow that: pass a copy",
    ),
    (
        "two",
        lambda: (SHARED, Mut(SHARED)),
        TypeError,
        "arguments 'a' and 'b' share memory and at least one of them is changed; Rust does not allow that: pass a copy",
    ),
    (
        "two",
        lambda: (MEMORY[:3], MEMORY[1:]),
        TypeError,
        "arguments 'a' and 'b' share memory and at least one of them is changed; Rust does not allow that: pass a copy",
    ),
    (
        "two",
        lambda: (memoryview(BYTES)[:2], memoryview(BYTES)[1:]),
        TypeError,
        "arguments 'a' and 'b' share memory and at least one of them is changed; Rust does not allow that: pass a copy",
    ),
    (
        "read",
        lambda: twice([1]),
        TypeError,
        "arguments 'a' and 'b' share memory and at least one of them is changed; Rust does not allow that: pass a copy",
    ),
    (
        "slices",
        lambda: twice([1]),
        TypeError,
        "arguments 'a' and 'b' share memory and at least one of them is changed; Rust does not allow that: pass a copy",
    ),
    (
        "slices",
        lambda: (MEMORY[:3], MEMORY[1:]),
        TypeError,
        "arguments 'a' and 'b' share memory and at least one of them is changed; Rust does not allow that: pass a copy",
    ),
]


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with three_ways(tmp_path_factory.mktemp("mutable"), SOURCE) as opened:
        yield opened


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "arguments", "result", "afterwards"), CHANGES)
def test_changes_come_back(
    ways: Ways,
    way: str,
    name: str,
    arguments: Callable[[], tuple[Any, ...]],
    result: str,
    afterwards: str,
) -> None:
    passed = arguments()
    assert repr(getattr(ways[way], name)(*passed)) == result
    assert repr(passed) == afterwards


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "arguments", "kind", "said"), ERRORS)
def test_what_cannot_change_is_refused(
    ways: Ways,
    way: str,
    name: str,
    arguments: Callable[[], tuple[Any, ...]],
    kind: type[Exception],
    said: str,
) -> None:
    with pytest.raises(kind) as caught:
        getattr(ways[way], name)(*arguments())
    assert type(caught.value) is kind
    assert str(caught.value) == f"{name}(): {said}"


@pytest.mark.parametrize("way", WAYS)
def test_a_refused_call_changes_nothing(ways: Ways, way: str) -> None:
    first = [1]
    with pytest.raises(TypeError):
        ways[way].two(first, (2,))
    assert first == [1]


@pytest.mark.parametrize("way", WAYS)
def test_memory_is_changed_behind_its_view(ways: Ways, way: str) -> None:
    memory = bytearray(b"ab")
    with memoryview(memory) as view:
        ways[way].double(view)
    assert memory == bytes([194, 196])


@pytest.mark.parametrize("way", WAYS)
def test_the_outer_list_stays_and_its_rows_are_new(ways: Ways, way: str) -> None:
    row = [1.0]
    grid = [row, row]
    ways[way].rows(grid)
    assert grid == [[2.0], [2.0]]
    assert row == [1.0]


@pytest.mark.parametrize("way", WAYS)
def test_a_struct_object_is_changed_in_place(ways: Ways, way: str) -> None:
    point = ways[way].Point(1, 2)
    ways[way].shift(point, 4)
    assert point == ways[way].Point(5, 2)


@pytest.mark.parametrize("way", WAYS)
def test_an_enum_becomes_another_variant_in_a_mut(ways: Ways, way: str) -> None:
    lib = ways[way]
    light = Mut(lib.Light.On(level=2))
    lib.dim(light)
    assert light.value == lib.Light.On(level=1)
    lib.dim(light)
    assert light.value == lib.Light.Off
    with pytest.raises(TypeError, match=r"is `&mut Light`: pass Mut\(value\) and read its \.value, got Off"):
        lib.dim(lib.Light.Off)


@pytest.mark.parametrize("way", WAYS)
def test_an_err_brings_changes_back_first(ways: Ways, way: str) -> None:
    values = [1]
    with pytest.raises(RustError, match=r"^no 9$"):
        ways[way].fails(values, 9)
    assert values == [1, 5]
    assert ways[way].fails(values, 2) == 5
    assert values == [1, 5, 5]


@pytest.mark.parametrize("way", WAYS)
def test_a_panic_leaves_copies_untouched(ways: Ways, way: str) -> None:
    values = [1]
    with pytest.raises(RustPanic, match=r"^no"):
        ways[way].panics(values)
    assert values == [1]


@pytest.mark.parametrize("way", WAYS)
def test_a_panic_leaves_a_slice_as_far_as_it_came(ways: Ways, way: str) -> None:
    values = [1]
    with pytest.raises(RustPanic, match=r"^no"):
        ways[way].panics_in_place(values)
    assert values == [5]
