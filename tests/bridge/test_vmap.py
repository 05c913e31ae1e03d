"""A function for each element of arrays: in this process with and without a C compiler, and in a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from three_ways import WAYS, Ways, three_ways

from pytest_symbiont import RustPanic
from pytest_symbiont.bridge import mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCE = """
pub fn surface(x: f64, y: f64) -> f64 { x * x - y }
pub fn divided(a: i32, b: u8) -> i64 { a as i64 / b as i64 }
pub fn chosen(wanted: bool, a: f32, b: f32) -> f32 { if wanted { a } else { b } }
pub fn even(n: usize) -> bool { n % 2 == 0 }
pub fn text(n: u64) -> String { n.to_string() }
pub fn wide(n: u128) -> u128 { n }
pub fn nothing() -> u64 { 1 }
pub fn silent(_n: u64) {}
pub struct Scale;
impl Scale { pub fn twice(x: f64) -> f64 { x * 2.0 } }
"""


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with three_ways(tmp_path_factory.mktemp("vmap"), SOURCE) as ways:
        yield ways


@pytest.fixture(params=WAYS)
def rust(ways: Ways, request: pytest.FixtureRequest) -> Any:
    return ways[request.param]


@pytest.fixture
def vmap(ways: Ways) -> Callable[..., Any]:
    return lambda function, *arrays: mapping.vmap(ways.handle(function), arrays)


def test_each_element_is_called(rust: Any, vmap: Callable[..., Any]) -> None:
    xs = np.linspace(-5, 5, 1000)
    assert np.array_equal(vmap(rust.surface, xs, np.flip(xs)), xs * xs - np.flip(xs))
    assert np.array_equal(vmap(rust.surface, xs, 2), xs * xs - 2)
    assert np.array_equal(vmap(rust.surface, np.float64(3), xs), 9 - xs)
    grid = np.arange(12.0).reshape(3, 4)
    result = vmap(rust.surface, grid, grid.T.copy().T)
    assert result.dtype == np.float64
    assert np.array_equal(result, grid * grid - grid)
    result[0] = 1  # the caller's own
    assert vmap(rust.surface, np.array([]), 1.0).shape == (0,)
    assert np.array_equal(vmap(rust.surface, np.array([3.0]), 1.0), [8.0])


def test_types_are_the_declared_ones(rust: Any, vmap: Callable[..., Any]) -> None:
    result = vmap(rust.divided, np.array([7, -9], np.int32), np.array([2, 4], np.uint8))
    assert (result.dtype, result.tolist()) == (np.dtype("int64"), [3, -2])
    strange = np.array([0, 2, 255], np.uint8).view(np.bool_)
    result = vmap(rust.chosen, strange, np.float32(1), np.array([4, 5, 6], np.float32))
    assert (result.dtype, result.tolist()) == (np.dtype("float32"), [4, 1, 1])
    result = vmap(rust.even, np.arange(3, dtype=np.uint64))
    assert (result.dtype, result.tolist()) == (np.dtype("bool"), [True, False, True])
    packed = np.zeros(3, np.dtype([("x", "u1"), ("n", "u8")]))  # every second piece, and not aligned
    assert vmap(rust.even, packed["n"]).tolist() == [True] * 3


def test_a_function_of_a_type_is_called(rust: Any, vmap: Callable[..., Any]) -> None:
    assert vmap(rust.Scale.twice, np.array([1.0, 2.5])).tolist() == [2.0, 5.0]


def test_a_panic_names_its_element(rust: Any, vmap: Callable[..., Any]) -> None:
    with pytest.raises(RustPanic, match=r"divide by zero \(element 2\) \(lib.rs:3:"):
        vmap(rust.divided, np.array([7, 8, 9], np.int32), np.array([1, 2, 0], np.uint8))


def test_what_does_not_fit_is_said(rust: Any, vmap: Callable[..., Any]) -> None:
    floats = np.array([1.0, 2.0])
    for function, arrays, error, told in [
        (rust.surface, (floats.astype("float32"), 1.0), TypeError,
         r"surface\(\): argument 'x' is `f64`, but the array holds float32: pass x.astype\('float64'\)"),
        (rust.surface, (floats.astype(">f8"), 1.0), TypeError, "holds >f8"),
        (rust.surface, ([1.0], 1.0), TypeError, "a numpy array of float64 or one value"),
        (rust.divided, (floats.astype("int32"), 256), OverflowError, "'b': int 256 is out of"),
        (rust.surface, (floats, np.zeros(3)), ValueError, r"shapes: x \(2,\), y \(3,\)"),
        (rust.surface, (1.0, 2.0), TypeError, "none of the arguments is an array"),
        (rust.surface, (floats,), TypeError, "takes 2 arguments, got 1"),
        (rust.text, (floats,), TypeError, "`text` gives what numpy has no type for"),
        (rust.wide, (floats,), TypeError, "`wide` takes `u128`"),
        (rust.nothing, (), TypeError, "`nothing` takes nothing"),
        (rust.silent, (floats,), TypeError, "`silent` gives what numpy has no type for"),
    ]:  # fmt: skip
        with pytest.raises(error, match=told):
            vmap(function, *arrays)
