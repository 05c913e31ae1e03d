"""How long a call takes: in this process with and without a C compiler, and in a worker."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from three_ways import WAYS, Ways, three_ways

from pytest_symbiont import Measurement, RustPanic, SymbiontError
from pytest_symbiont.bridge import measuring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCE = """
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub struct Point { pub x: f64, pub y: f64 }

pub fn add(a: i64, b: i64) -> i64 { a + b }
pub fn sort(xs: &mut [f64]) { assert!(xs[0] > xs[1], "sorted before"); xs.sort_by(f64::total_cmp) }
pub fn grow(xs: &mut Vec<i64>) -> usize { assert!(xs.len() == 2); xs.push(7); xs.len() }
pub fn length(text: &str, more: String) -> usize { text.len() + more.len() }
pub fn total(xs: Vec<u32>) -> u32 { xs.iter().sum() }
pub fn words(text: &str) -> Vec<String> { text.split(' ').map(str::to_owned).collect() }
pub fn norm(point: Point) -> f64 { point.x.hypot(point.y) }
pub fn fails(n: i32) -> Result<i32, String> { if n > 0 { Ok(n) } else { Err(format!("{n}")) } }
pub fn nothing() {}
pub fn panics(n: u64) -> u64 { 7 / n }

static CALLS: AtomicU64 = AtomicU64::new(0);
pub fn counts() -> u64 { CALLS.fetch_add(1, Relaxed) }
pub fn does_it_now_and_then(xs: &mut [f64]) {
    if CALLS.fetch_add(1, Relaxed) % 2 == 0 { xs.sort_by(f64::total_cmp) }
}
pub fn loops(times: u64) -> u64 { (0..times).fold(1, |sum, n| std::hint::black_box(sum) ^ n) }
"""


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with three_ways(tmp_path_factory.mktemp("measure"), SOURCE) as ways:
        yield ways


@pytest.fixture(params=WAYS)
def rust(ways: Ways, request: pytest.FixtureRequest) -> Any:
    return ways[request.param]


@pytest.fixture
def measure(ways: Ways) -> Callable[..., Measurement]:
    return lambda function, *args, samples=21, **named: measuring.measure(
        ways.handle(function), args, named, samples
    )


def test_every_kind_of_argument_is_timed_and_none_is_changed(rust: Any, measure: Callable[..., Any]) -> None:
    falling = np.arange(100.0)[::-1].copy()
    grown = [1, 2]
    point = rust.Point(3.0, 4.0)
    for found in [
        measure(rust.add, 1, b=2, samples=3),
        measure(rust.sort, falling, samples=3),
        measure(rust.grow, grown, samples=3),
        measure(rust.length, "ä", "b", samples=3),
        measure(rust.total, [1, 2, 3], samples=3),
        measure(rust.words, "a b c", samples=3),
        measure(rust.norm, point, samples=3),
        measure(rust.fails, 0, samples=3),
        measure(rust.nothing, samples=3),
    ]:
        assert type(found) is Measurement
        assert found.samples == 3
        assert 0 <= found.minimum <= found.median < 1e8
        assert found.spread >= 0
    assert falling[0] == 99
    assert grown == [1, 2]
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.samples = 4


def test_more_work_takes_longer(rust: Any, measure: Callable[..., Any]) -> None:
    assert measure(rust.loops, 100_000, samples=5).minimum > 20 * measure(rust.loops, 100, samples=5).minimum


def test_what_a_call_raises_is_raised(rust: Any, measure: Callable[..., Any]) -> None:
    with pytest.raises(RustPanic, match="divide by zero"):
        measure(rust.panics, 0)
    with pytest.raises(TypeError, match="argument 'a': expected int, got str 'x'"):
        measure(rust.add, "x", 1)
    with pytest.raises(ValueError, match=r"measure\(add\): samples=0 must be a whole number from 1"):
        measure(rust.add, 1, 2, samples=0)


def test_who_does_something_else_later_is_not_timed(rust: Any, measure: Callable[..., Any]) -> None:
    """Caching between calls, and doing the work once: a later call must give what the first one gave."""
    measured: list[tuple[Any, ...]] = [(rust.counts,), (rust.does_it_now_and_then, np.array([2.0, 1.0]))]
    for call in measured:
        with pytest.raises(SymbiontError, match="a later call gave something else than the first one"):
            measure(*call)
