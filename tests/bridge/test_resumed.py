"""Results that go on in Rust: lazy iterators and closures."""

# ruff: noqa: E501 - Rust in a string

from __future__ import annotations

import asyncio
import gc
import itertools
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from three_ways import WAYS, Ways, three_ways

from pytest_symbiont import RustError, RustPanic, RustTimeout
from pytest_symbiont.bridge import resumed
from pytest_symbiont.bridge.mapping import vmap
from pytest_symbiont.bridge.measuring import measure
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = """
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
static LIVING: AtomicI64 = AtomicI64::new(0);
struct Alive;
impl Alive { fn new() -> Self { LIVING.fetch_add(1, Relaxed); Alive } }
impl Drop for Alive { fn drop(&mut self) { LIVING.fetch_sub(1, Relaxed); } }
pub fn living() -> i64 { LIVING.load(Relaxed) }
#[derive(Clone, Debug, PartialEq)]
pub struct Point { pub x: i64 }
pub fn naturals(from: i64) -> impl Iterator<Item = i64> { let alive = Alive::new(); (from..).inspect(move |_| { let _ = &alive; }) }
pub fn doubled(xs: &[i64]) -> impl Iterator<Item = i64> + '_ { xs.iter().map(|x| x * 2) }
pub fn words<'a>(text: &'a str) -> Box<dyn Iterator<Item = &'a str> + 'a> { Box::new(text.split(' ')) }
pub fn points(n: i64) -> impl DoubleEndedIterator<Item = Option<Point>> { (0..n).map(|x| (x > 0).then_some(Point { x })) }
pub fn fails(n: i64) -> impl Iterator<Item = i64> { let alive = Alive::new(); (0..).map(move |x| { let _ = &alive;
    assert!(x < n, "no more than {n}"); x }) }
pub fn mapped<I: Iterator<Item = i64>>(xs: I, f: impl Fn(i64) -> i64) -> impl Iterator<Item = i64> { xs.map(f).filter(|x| x % 2 == 0) }
pub struct Bag { items: Vec<Point> }
impl Bag { pub fn new(n: i64) -> Self { Bag { items: (0..n).map(|x| Point { x }).collect() } }
    pub fn above(&self, x: i64) -> impl Iterator<Item = &Point> + '_ { self.items.iter().filter(move |point| point.x > x) }
    pub fn clear(&mut self) { self.items.clear() } }
pub async fn summed(xs: &[i64], f: impl Fn(i64) -> i64) -> Result<i64, String> { let mut sum = 0; for x in xs { sum += f(turn(*x).await); }
    if sum > 100 { Err(format!("{sum}")) } else { Ok(sum) } }
pub async fn asleep() { std::future::pending::<()>().await }
pub async fn sleepless() { loop { turn(1).await; } }
async fn turn(x: i64) -> i64 { let mut once = false; std::future::poll_fn(move |context| { context.waker().wake_by_ref();
    if std::mem::replace(&mut once, true) { std::task::Poll::Ready(x) } else { std::task::Poll::Pending } }).await }
pub fn adder(n: i64) -> impl Fn(i64) -> i64 { move |x| x + n }
pub fn counter() -> Box<dyn FnMut(&str, Point) -> (usize, String)> { let mut n = 0; Box::new(move |text, point| { n += 1; (n, format!("{text}{}", 1 / point.x)) }) }
"""


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with three_ways(tmp_path_factory.mktemp("resumed"), SOURCE) as ways:
        yield ways


@pytest.fixture(params=WAYS)
def lib(request: pytest.FixtureRequest, ways: Ways) -> Any:
    return ways[request.param]


def test_an_iterator_is_lazy(lib: Any) -> None:
    naturals = lib.naturals(5)
    assert list(itertools.islice(naturals, 3)) == [5, 6, 7]
    assert (next(naturals), iter(naturals) is naturals) == (8, True)
    assert repr(naturals) == "<Rust iterator of naturals()>"
    assert list(lib.points(3)) == [None, lib.Point(1), lib.Point(2)]


def test_what_it_borrows_lives_as_long_as_it(lib: Any) -> None:
    xs = [1, 2, 3]
    doubled, words = lib.doubled(xs), lib.words("to be or")
    xs.clear()
    gc.collect()
    assert (list(doubled), list(words), list(doubled)) == ([2, 4, 6], ["to", "be", "or"], [])


def test_a_panic_of_an_adapter_comes_out_of_next_and_ends_it(lib: Any) -> None:
    before = lib.living()
    fails = lib.fails(2)
    assert (next(fails), next(fails), lib.living()) == (0, 1, before + 1)
    with pytest.raises(RustPanic, match="no more than 2") as caught:
        next(fails)
    assert (caught.value.file, caught.value.line) == ("lib.rs", 15)
    assert lib.living() == before
    assert list(fails) == []


def test_rust_drops_it_when_python_does(lib: Any) -> None:
    before = lib.living()
    alive = [lib.naturals(0), lib.naturals(1)]
    assert [next(each) for each in alive] == [0, 1]
    assert lib.living() == before + 2
    alive.clear()
    # In a worker what was dropped goes with the next call that may have objects.
    list(lib.points(0))
    assert lib.living() == before


def test_callables_and_iterators_stay_as_long_as_it(lib: Any) -> None:
    evens = lib.mapped(itertools.count(1), lambda x: x * 3)
    assert list(itertools.islice(evens, 3)) == [6, 12, 18]
    once = lib.mapped(iter([2, 0, 4]), lambda x: 8 // x)
    assert next(once) == 4
    with pytest.raises(ZeroDivisionError):
        next(once)
    assert list(once) == []


def test_an_object_is_borrowed_while_its_iterator_lives(lib: Any) -> None:
    bag = lib.Bag.new(4)
    above = bag.above(1)
    assert next(above) == lib.Point(2)
    with pytest.raises(RuntimeError, match=r"in use .* or by what borrows from it, such as an iterator"):
        bag.clear()
    assert list(above) == [lib.Point(3)]
    del above
    bag.clear()
    assert list(bag.above(1)) == []


def test_vmap_and_measure_take_nothing_that_goes_on(ways: Ways) -> None:
    handle = ways.handle(ways["python"].naturals)
    with pytest.raises(TypeError, match="goes on"):
        vmap(handle, [np.arange(3)])
    with pytest.raises(TypeError, match="an object that stays in Rust"):
        measure(handle, [1], {}, 1)


def test_a_closure_is_callable(lib: Any) -> None:
    add = lib.adder(5)
    assert (add(1), add(2), repr(add)) == (6, 7, "<Rust closure of adder()>")
    count = lib.counter()
    assert (count("a", lib.Point(1)), count("b", lib.Point(-1))) == ((1, "a1"), (2, "b-1"))
    with pytest.raises(RustPanic, match="attempt to divide by zero"):
        count("c", lib.Point(0))
    assert count("d", lib.Point(1)) == (4, "d1")
    for args, message in (
        (("a",), "the closure of counter() takes 2 arguments, got 1"),
        ((1, lib.Point(1)), "the closure of counter()(): argument '0': expected str, got int 1"),
    ):
        with pytest.raises(TypeError, match=re.escape(message)):
            count(*args)


def test_an_async_function_is_awaited(lib: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def several() -> list[int]:
        found: list[int] = await asyncio.gather(lib.summed([1, 2], abs), lib.summed([], abs))
        return found

    assert asyncio.run(several()) == [3, 0]
    with pytest.raises(RustError) as failed:
        asyncio.run(lib.summed([1], lambda x: x + 100))
    assert failed.value.value == "101"
    with pytest.raises(ZeroDivisionError):
        asyncio.run(lib.summed([0], lambda x: 1 // x))
    with pytest.raises(RustPanic, match="attempt to add with overflow"):
        asyncio.run(lib.summed([1, 2], lambda _: 2**63 - 1))
    with pytest.raises(RuntimeError, match=r"asleep.*nothing has woken it"):
        asyncio.run(lib.asleep())
    monkeypatch.setattr(resumed, "_MOST_POLLS", 9)
    with pytest.raises(RustTimeout, match="pending after 9 polls"):
        asyncio.run(lib.sleepless())


def test_it_goes_on_with_the_build_that_it_is_from(tmp_path: Path) -> None:
    path = tmp_path / "lib.rs"
    path.write_text(SOURCE)
    registry = Registry()
    lib = registry.module(path)
    naturals, add = lib.naturals(5), lib.adder(1)
    assert (next(naturals), add(1)) == (5, 2)
    [file] = registry.files.values()
    file.promote(file.add(SOURCE.replace("(from..)", "(from + 100..)").replace("x + n", "x - n")))
    assert (next(naturals), add(1)) == (6, 2)
    assert (next(lib.naturals(5)), lib.adder(1)(1)) == (105, 0)


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ("fn f(xs: &mut Vec<i64>) -> impl Iterator<Item = i64> + '_", "a `&mut` argument"),
        ("fn f() -> impl FnOnce() -> i64", "a closure that can be called only once"),
    ],
)
def test_what_cannot_go_on_is_refused_at_the_declaration(tmp_path: Path, declared: str, reason: str) -> None:
    (tmp_path / "lib.rs").write_text(f"pub {declared} {{ todo!() }}")
    with pytest.raises(SymbiontError, match=re.escape(reason)):
        Registry().function(tmp_path / "lib.rs", "f")
