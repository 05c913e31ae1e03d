"""Parameters that are iterators, and methods that rustc does not let be called."""

# ruff: noqa: E501 - Rust in a string

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from three_ways import WAYS, Ways, three_ways

from pytest_symbiont.bridge.iterables import Iterable, iterable
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.source.parse import functions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = """
pub fn total(xs: impl Iterator<Item = i64>) -> i64 { xs.sum() }
pub fn joined<'a>(xs: impl IntoIterator<Item = &'a str>, sep: &str) -> String { xs.into_iter().collect::<Vec<_>>().join(sep) }
pub fn first<I>(xs: &mut I) -> Option<(u8, String)> where I: Iterator<Item = (u8, String)> { xs.next() }
pub fn boxed(xs: Box<dyn Iterator<Item = Vec<u8>> + '_>) -> usize { xs.count() }
pub fn second(xs: &mut dyn Iterator<Item = f64>) -> Option<f64> { xs.next(); xs.next() }
#[derive(Debug)]
pub struct Bag { items: Vec<i64> }
impl Bag { pub fn add_all(&mut self, more: impl IntoIterator<Item = i64>) -> usize { self.items.extend(more); self.items.len() } }
impl FromIterator<i64> for Bag { fn from_iter<I: IntoIterator<Item = i64>>(xs: I) -> Self { Bag { items: xs.into_iter().collect() } } }
"""


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with three_ways(tmp_path_factory.mktemp("iterables"), SOURCE) as ways:
        yield ways


@pytest.fixture(params=WAYS)
def lib(request: pytest.FixtureRequest, ways: Ways) -> Any:
    return ways[request.param]


def test_any_iterable_is_an_iterator(lib: Any) -> None:
    assert (lib.total(x * x for x in range(4)), lib.total([1, 2]), lib.total({3})) == (14, 3, 3)
    assert (lib.joined(iter("ab"), "-"), lib.joined([], "-")) == ("a-b", "")
    assert (lib.first([(1, "a")]), lib.first(())) == ((1, "a"), None)
    assert (lib.boxed(iter([b"a", b""])), lib.second({1.0: 0, 3.0: 0}.keys())) == (2, 3.0)
    bag = lib.Bag.from_iter(range(2))
    assert (bag.add_all(iter([5])), repr(bag)) == (3, "Bag { items: [0, 1, 5] }")


def test_what_is_wrong_with_an_element_is_told(lib: Any) -> None:
    for given, message in (
        (["a"], "total(): argument 'xs'[0]: expected int, got str 'a'"),
        (5, "total(): argument 'xs': expected a sequence, got int 5"),
    ):
        with pytest.raises(TypeError, match=re.escape(message)):
            lib.total(given)


def test_an_exception_of_the_iterable_comes_out_as_itself(lib: Any) -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        lib.total(numbers())


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        (
            "fn f(x: impl Iterator<Item = Vec<(u8, [i64; 2])>> + Clone)",
            Iterable("Vec<(u8, [i64; 2])>", "{0}.into_iter()", lazy=False),
        ),
        ("fn f<I: std::iter::IntoIterator<Item = u8>, T>(x: I)", Iterable("u8", "{0}.into_iter()")),
        (
            "fn f<T, I>(x: &mut I) where T: Ord, I: ExactSizeIterator<Item = T>",
            Iterable("T", "&mut {0}.into_iter()", lazy=False),
        ),
        ("fn f(x: Iterator2<Item = u8>)", None),
        ("fn f(x: impl Fn(i64) -> i64)", None),
        ("fn f<T: Ord>(x: T)", None),
    ],
)
def test_what_is_an_iterator(declared: str, found: Iterable | None) -> None:
    [function] = functions(f"{declared} {{}}")
    assert iterable(function, function.parameters[0].type) == found


BOUNDED = """
pub struct Stack<T> { items: Vec<T> }
impl<T> Stack<T> { pub fn new() -> Self { Stack { items: vec![] } } pub fn push(&mut self, x: T) { self.items.push(x) } }
impl<T: Copy> Stack<T> { pub fn top(&self) -> Option<T> { self.items.last().copied() } }
pub fn free(x: i64) -> i64 { x }
"""


def test_a_method_that_its_bounds_rule_out_does_no_harm_to_others(tmp_path: Path) -> None:
    path = tmp_path / "lib.rs"
    path.write_text(BOUNDED)
    registry = Registry()
    stack = registry.function(path, "Stack", {"T": "String"}).new()
    stack.push("a")
    assert registry.module(path).free(2) == 2
    with pytest.raises(
        SymbiontError, match=r"Stack::top of Stack<String>: rustc does not take a call of it: \[E0599\]"
    ):
        stack.top()
    stack.push("b")
