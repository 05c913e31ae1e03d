"""Parameters that are functions, and iterators that come one by one: Rust asks Python during the call."""

# ruff: noqa: E501 - Rust in a string

from __future__ import annotations

import gc
import itertools
import re
import sys
import traceback
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from three_ways import WAYS, Ways, three_ways

from pytest_symbiont import Mut, RustPanic
from pytest_symbiont.bridge.closures import Closure, closure
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.source.parse import functions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCE = """
#[derive(Clone, Debug, PartialEq)]
pub struct Point { pub x: i64, pub y: i64 }
pub fn apply(f: impl Fn(i64) -> i64, x: i64) -> i64 { f(x) + f(x + 1) }
pub fn twice(f: &dyn Fn(&str, usize) -> String) -> String { f("a", 1) + &f("b", 2) }
pub fn each<F>(xs: &mut [i64], f: &mut F) where F: FnMut(&[i64], (u8, bool)) -> Option<Vec<i64>> { if let Some(new) = f(xs, (7, true)) { xs.copy_from_slice(&new) } }
pub fn sum(xs: &[i64], f: impl Fn(i64) -> i64) -> i64 { xs.iter().map(|x| f(*x)).sum() }
pub fn once(f: Box<dyn FnOnce() -> Point>) -> Point { f() }
pub fn visit(points: &[Point], mut f: impl FnMut(&Point)) { points.iter().for_each(|point| f(point)); }
pub fn pick<'a>(xs: &'a [Point], keep: &mut dyn FnMut(Point) -> bool) -> Vec<&'a Point> { xs.iter().filter(|point| keep((*point).clone())).collect() }
pub fn best<T: Clone, K: Ord>(xs: &[T], key: impl Fn(&T) -> K, _like: K) -> Option<T> { xs.iter().max_by_key(|x| key(x)).cloned() }
pub fn count(n: &mut i64, f: impl Fn(i64) -> i64) { for _ in 0..3 { *n += 1; f(*n); } }
pub fn explode(f: impl Fn(i64) -> i64) -> i64 { let y = f(1); assert!(y < 0, "y is {y}"); y }
pub fn first_n(xs: impl Iterator<Item = i64>, n: usize) -> Vec<i64> { xs.take(n).collect() }
pub fn somes(xs: impl IntoIterator<Item = Option<String>>) -> usize { xs.into_iter().flatten().count() }
pub fn firsts<T: Clone, I: Iterator<Item = T>>(xs: I, n: usize) -> Vec<T> { xs.take(n).collect() }
pub fn mixed(xs: &mut dyn Iterator<Item = i64>, f: &dyn Fn(i64) -> i64) -> Option<i64> { xs.map(f).find(|x| x % 7 == 0) }
pub fn plus(x: i64) -> i64 { assert!(x < 100, "too much"); x + 1 }
pub fn elsewhere(f: impl Fn(i64) -> i64 + Sync) -> i64 { std::thread::scope(|scope| scope.spawn(|| f(1)).join().unwrap()) }
pub struct Keeper { f: Box<dyn Fn(i64) -> i64>, n: i64 }
impl Keeper { pub fn new(f: Box<dyn Fn(i64) -> i64>) -> Self { let n = f(1); Keeper { f, n } } pub fn n(&self) -> i64 { self.n } pub fn again(&self, g: impl Fn(i64) -> i64) -> i64 { g(1) + (self.f)(2) } }
"""


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with three_ways(tmp_path_factory.mktemp("closures"), SOURCE) as ways:
        yield ways


@pytest.fixture(params=WAYS)
def lib(request: pytest.FixtureRequest, ways: Ways) -> Any:
    return ways[request.param]


def test_any_callable_is_a_function(lib: Any) -> None:
    assert lib.apply(lambda x: x * 10, 1) == 30
    assert lib.apply(abs, -3) == 5
    assert lib.twice(lambda text, count: text * count) == "abb"
    assert lib.once(lambda: lib.Point(1, 2)) == lib.Point(1, 2)
    seen: list[Any] = []

    def visit(point: Any) -> str:
        seen.append(point)
        return "whatever"

    lib.visit([lib.Point(1, 2), lib.Point(3, 4)], visit)
    assert seen == [lib.Point(1, 2), lib.Point(3, 4)]
    assert lib.pick(seen, lambda point: point.x > 1) == [lib.Point(3, 4)]
    xs = [1, 2]
    lib.each(xs, lambda given, pair: [sum(given), pair[0]] if pair[1] else None)
    assert xs == [3, 7]
    lib.each(xs, lambda _given, _pair: None)
    assert xs == [3, 7]


def test_rust_does_not_see_what_a_callable_does_to_its_arguments(lib: Any) -> None:
    numbers = np.array([1, 2, 3])

    def clear(x: int) -> int:
        numbers[:] = 0
        return x

    assert (lib.sum(numbers, clear), numbers.tolist()) == (6, [0, 0, 0])
    lib.each(numbers, lambda given, _: [len(given), 5, 6])
    assert numbers.tolist() == [3, 5, 6]


def test_iterators_come_one_by_one(lib: Any) -> None:
    numbers = itertools.count(5)
    assert lib.first_n(numbers, 3) == [5, 6, 7]
    assert next(numbers) == 8
    assert lib.first_n(iter([1]), 3) == lib.first_n([1], 3) == [1]
    assert lib.somes(x for x in ("a", None, "b")) == lib.somes(["a", None, "b"]) == 2
    assert lib.mixed(itertools.count(1), lambda x: x * 2) == 14


def test_a_generic_function_is_told_by_the_first_element(tmp_path: Path) -> None:
    (tmp_path / "lib.rs").write_text(SOURCE)
    lib = Registry().module(tmp_path / "lib.rs")
    assert lib.firsts(itertools.cycle("ab"), 3) == ["a", "b", "a"]
    assert lib.best(["a", "ccc", "bb"], len, 0) == "ccc"


def test_what_does_not_fit_names_the_place(lib: Any) -> None:
    calls: tuple[tuple[Callable[[], Any], str], ...] = (
        (lambda: lib.apply(5, 1), "apply(): argument 'f': expected a callable, got int 5"),
        (lambda: lib.apply(str, 1), "apply(): argument 'f'(): expected int, got str '1'"),
        (lambda: lib.once(lambda: 3), "once(): argument 'f'()"),
        (lambda: lib.first_n(iter([1, "b"]), 3), "first_n(): argument 'xs'[1]: expected int, got str 'b'"),
        (lambda: lib.first_n(iter([None]), 3), "first_n(): argument 'xs'[0]: expected int, got None"),
        (lambda: lib.first_n(5, 3), "first_n(): argument 'xs': expected a sequence, got int 5"),
    )
    for call, message in calls:
        with pytest.raises(TypeError, match=re.escape(message)):
            call()
    with pytest.raises(
        OverflowError, match=re.escape("argument 'f'(): int 9223372036854775808 is out of range")
    ):
        lib.apply(lambda _: 2**63, 1)


def test_an_exception_comes_out_as_itself(lib: Any) -> None:
    mine = KeyError("mine")

    def raising(_: int) -> int:
        raise mine

    with pytest.raises(KeyError) as caught:
        lib.apply(raising, 1)
    assert caught.value is mine
    assert (mine.__context__, mine.__cause__) == (None, None)
    assert [frame.name for frame in traceback.extract_tb(mine.__traceback__)][-1] == "raising"

    def numbers() -> Iterator[int]:
        yield 1
        raise mine

    def interrupted(_: int) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyError):
        lib.first_n(numbers(), 3)
    with pytest.raises(KeyboardInterrupt):
        lib.apply(interrupted, 1)
    assert lib.apply(abs, 1) == 3


def test_after_an_exception_nothing_is_called_and_changes_of_values_are_not_brought_back(lib: Any) -> None:
    calls: list[int] = []

    def second(n: int) -> int:
        calls.append(n)
        return n // (2 - len(calls))

    with pytest.raises(ZeroDivisionError):
        lib.count(Mut(0), second)
    assert calls == [1, 2]


def test_a_panic_beside_a_callable_is_a_panic(lib: Any) -> None:
    with pytest.raises(RustPanic, match="y is 5") as caught:
        lib.explode(lambda _: 5)
    assert (caught.value.file, caught.value.line) == ("lib.rs", 13)
    assert lib.explode(lambda _: -5) == -5


def test_a_callable_may_call_rust_and_so_on(lib: Any) -> None:
    assert lib.apply(lib.plus, 1) == 5
    assert lib.apply(lambda x: lib.apply(lib.plus, x), 1) == 12
    with pytest.raises(RustPanic, match="too much"):
        lib.apply(lambda x: lib.apply(lib.plus, x), 98)
    assert lib.plus(1) == 2


def test_what_rust_keeps_cannot_be_called_later(lib: Any) -> None:
    keeper = lib.Keeper.new(lambda x: x + 1)
    assert keeper.n() == 2
    with pytest.raises(RuntimeError, match="Rust kept a callable or an iterator of an earlier call"):
        keeper.again(abs)


def test_another_thread_of_rust_cannot_call(ways: Ways, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RustPanic):
        ways["python"].elsewhere(abs)
    assert "only by the thread of the call that it was given to" in capfd.readouterr().err


def test_nothing_leaks(lib: Any) -> None:
    class Small:
        def __call__(self, x: int) -> int:
            if x > 1:
                raise ValueError(x)
            return x

    def numbers(error: bool) -> Iterator[int]:
        yield 1
        if error:
            raise ValueError

    lib.apply(abs, 1)
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    function = Small()
    dead = weakref.ref(function)
    for _ in range(3):
        try:
            lib.apply(function, 1)
        except ValueError as error:
            assert error.args == (2,)  # noqa: PT017 - pytest.raises would hold the traceback
        assert lib.apply(function, 0) == 1
    count = sys.getrefcount(function)
    assert count == 2  # without a collection of garbage
    generator = numbers(error=True)
    with pytest.raises(ValueError):  # noqa: PT011 - it is ours
        lib.first_n(generator, 3)
    ended = weakref.ref(generator)
    del function, generator
    gc.collect()
    assert (dead(), ended()) == (None, None)
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


def test_measure_takes_no_callable(ways: Ways) -> None:
    lib = ways["python"]
    registry = ways.registries["python"]
    handle = registry.handle(lib.apply)
    assert handle is not None
    from pytest_symbiont.bridge.mapping import vmap as vmapped  # noqa: PLC0415 - numpy is imported on use
    from pytest_symbiont.bridge.measuring import measure as measured  # noqa: PLC0415 - as above

    with pytest.raises(TypeError, match="it calls a Python callable"):
        measured(handle, [abs, 1], {}, 1)
    with pytest.raises(TypeError, match="impl Fn"):
        vmapped(handle, [abs, [1]])
    iterating = registry.handle(lib.first_n)
    assert iterating is not None
    assert measured(iterating, [iter([1, 2]), 5], {}, 1).samples == 1


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ("fn f(g: fn(i64) -> i64)", "`fn(i64) -> i64`"),
        ("fn f(g: impl Fn(&mut Vec<u8>))", "a function that changes its argument"),
        ("fn f(g: impl for<'a> Fn(&'a str) -> &'a str)", "a function that returns what is borrowed"),
        ("fn f(g: Option<Box<dyn Fn(i64)>>)", "is no value that Python could hold"),
        ("fn f(g: impl Fn(&dyn Fn()))", "is no value that Python could hold"),
        ("fn f(g: *const u8)", "is no value that Python could hold"),
        ("unsafe fn f(x: u8)", "is `unsafe`: only plain safe functions"),
        ('extern "C" fn f(x: u8)', "is `extern"),
    ],
)
def test_what_cannot_be_called_back_is_refused_at_the_declaration(
    tmp_path: Path, declared: str, reason: str
) -> None:
    (tmp_path / "lib.rs").write_text(f"pub {declared} {{ todo!() }}")
    with pytest.raises(SymbiontError, match=re.escape(reason)):
        Registry().function(tmp_path / "lib.rs", "f")


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ("fn f(g: impl Fn())", Closure((), "", "{0}")),
        ("fn f(g: &'a (dyn Fn(u8, (i8, &str)) -> Vec<(u8, u8)> + 'a))", Closure(("u8", "(i8, &str)"), "Vec<(u8, u8)>", "&{0}")),
        ("fn f<F: Send + std::ops::FnMut(T) -> bool, T: Ord>(g: &mut F)", Closure(("T",), "bool", "&mut {0}")),
        ("fn f<T, F>(g: F) where T: Ord, F: for<'a> FnOnce(&'a [T], T) -> (T, T), T: Clone", Closure(("&'a [T]", "T"), "(T, T)", "{0}")),
        ("fn f(g: Box<dyn Fn(i64) -> () + Send>)", Closure(("i64",), "", "::std::boxed::Box::new({0})")),
        ("fn f(g: impl Iterator<Item = u8>)", None),
        ("fn f<T: Ord>(g: T)", None),
    ],
)  # fmt: skip
def test_what_is_a_function(declared: str, found: Closure | None) -> None:
    [function] = functions(f"{declared} {{}}")
    assert closure(function, function.parameters[0].type) == found
