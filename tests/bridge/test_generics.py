"""Generic functions and types: instances by the arguments of a call, or by what is said."""

# ruff: noqa: E501 - Rust in a string

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from example import rust
from three_ways import WAYS, in_worker

from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from example import NewExample

SOURCE = """
use std::collections::HashMap;
use std::fmt::Display;
pub fn sort<T: Ord>(xs: &mut [T]) { xs.sort() }
pub fn largest<T: PartialOrd + Copy>(xs: &[T]) -> Option<T> {
    xs.iter().copied().reduce(|a, b| if b > a { b } else { a })
}
pub fn swap<A, B>(a: A, b: B) -> (B, A) where A: Clone { (b, a) }
pub fn count<K: std::hash::Hash + Eq + Clone>(xs: &[K]) -> HashMap<K, usize> {
    let mut found = HashMap::new();
    for x in xs { *found.entry(x.clone()).or_insert(0) += 1 }
    found
}
pub fn total<const N: usize>(xs: [i64; N]) -> i64 { xs.iter().sum::<i64>() * N as i64 }
pub fn show(x: impl Display) -> String { format!("<{x}>") }
pub fn zero<T: Default>() -> T { T::default() }
pub struct Stack<T> { items: Vec<T> }
impl<T: Clone> Stack<T> {
    pub fn new() -> Self { Stack { items: vec![] } }
    pub fn push(&mut self, x: T) { self.items.push(x) }
    pub fn pop(&mut self) -> Option<T> { self.items.pop() }
}
impl Stack<i64> { pub fn sum(&self) -> i64 { self.items.iter().sum() } }
impl<T: Display> Display for Stack<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.items.iter().try_for_each(|x| write!(f, "{x};"))
    }
}
pub fn depth<T>(s: &Stack<T>) -> usize { s.items.len() }
#[derive(Clone, Debug, PartialEq)]
pub struct Pair<T> { pub a: T, pub b: T }
impl<T: Clone> Pair<T> { pub fn swapped(&self) -> Pair<T> { Pair { a: self.b.clone(), b: self.a.clone() } } }
pub fn flip<T>(p: Pair<T>) -> Pair<T> { Pair { a: p.b, b: p.a } }
pub struct Grid<const W: usize, const H: usize> { cells: [[u8; W]; H] }
impl<const W: usize, const H: usize> Grid<W, H> {
    pub fn new() -> Self { Grid { cells: [[0; W]; H] } }
    pub fn set(&mut self, x: usize, y: usize, to: u8) { self.cells[y][x] = to }
    pub fn rows(&self) -> [[u8; W]; H] { self.cells }
}
"""


class Opened:
    """The file in one way: its functions, and what is generic in it for given types."""

    def __init__(self, registry: Registry, path: Path) -> None:
        self.module: Any = registry.module(path)
        self._registry = registry
        self._path = path

    def of(self, name: str, **types: str) -> Any:
        return self._registry.function(self._path, name, types)


@pytest.fixture(scope="module", params=WAYS)
def lib(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    path: Path = tmp_path_factory.mktemp("generics") / "lib.rs"
    path.write_text(SOURCE)
    registry = Registry()
    if request.param == "extension" and registry.workbench.extension is None:
        pytest.skip("no C compiler")
    if request.param != "extension":
        registry.workbench.extension = None
    opened = Opened(registry, path)
    if request.param != "worker":
        yield opened
        return
    for name, types in (("Stack", {"T": "String"}), ("Pair", {"T": "i64"}), ("Grid", {"W": "2", "H": "1"})):
        opened.of(name, **types)
    with in_worker(registry):
        yield opened


def test_the_arguments_say_which_types_are_meant(lib: Opened) -> None:
    module = lib.module
    for given, sorted_ in (
        ([3, 1, 2], [1, 2, 3]),
        (["b", "a"], ["a", "b"]),
        ([[2], [1, 5], []], [[], [1, 5], [2]]),  # of nested lists, those that are empty say nothing
        ([(2, "a"), (1, "b")], [(1, "b"), (2, "a")]),
    ):
        module.sort(given)
        assert given == sorted_
    for xs in (np.array([3, 1], dtype=np.int16), array("B", [3, 1])):
        module.sort(xs)
        assert list(xs) == [1, 3]
    assert (module.largest((True, False)), module.largest([1, 2.5])) == (True, 2.5)
    assert (module.swap("a", [1]), module.swap(b=1.5, a=2)) == (([1], "a"), (1.5, 2))
    assert module.count(["a", "b", "a"]) == {"a": 2, "b": 1}
    assert (module.total([1, 2, 3]), module.total([4])) == (18, 4)
    assert (module.show(3), module.show("x")) == ("<3>", "<x>")


def test_what_they_do_not_say(lib: Opened) -> None:
    module = lib.module
    fresh = [1]
    module.sort(fresh)
    module.sort([])  # is of the type that the last one was
    calls: list[tuple[Any, str]] = [
        (module.zero, 'what `T` is cannot be told from the arguments; say it: evolvable("lib.rs::zero", T="i64")'),
        (lambda: module.sort(["a", 1]), "sort(): `T` is `String` by what came before, but 'xs[1]' is `i64`"),
        (lambda: module.sort([1, True]), "sort(): `T` is `i64` by what came before, but 'xs[1]' is `bool`"),
        (lambda: module.count([None]), "count(): 'xs[0]' is None, which no type of Rust is plainly like"),
        (lambda: module.sort([1.5]), "sort() does not take T = f64: [E0277]: the trait bound `f64: Ord` is not satisfied"),
        (module.sort, "sort() takes 1 arguments (xs)"),
    ]  # fmt: skip
    for call, message in calls:
        with pytest.raises(TypeError, match=re.escape(message)):
            call()
    module.sort(fresh)  # an instance that rustc refused does no harm


def test_types_may_be_said(lib: Opened) -> None:
    assert lib.of("zero", T="Vec<i32>")() == []
    with pytest.raises(OverflowError, match="out of range for u8"):
        lib.of("largest", T="u8")([256])
    for types, message in (
        ({"U": "u8"}, "lib.rs::sort: its type parameters are to be given as T="),
        ({"T": "Foo"}, "lib.rs::sort: `Foo` is no type of this file"),
    ):
        with pytest.raises(SymbiontError, match=re.escape(message)):
            lib.of("sort", **types)


def test_generic_types(lib: Opened) -> None:
    with pytest.raises(
        SymbiontError,
        match=re.escape('lib.rs::Stack is generic: say of what, evolvable("lib.rs::Stack", T="i64")'),
    ):
        lib.module.Stack  # noqa: B018 - it is asked for
    words = lib.of("Stack", T="String")
    stack = words.new()
    stack.push("a")
    stack.push("b")
    assert (str(stack), stack.pop(), lib.module.depth(stack), hasattr(words, "sum")) == (
        "a;b;",
        "b",
        1,
        False,
    )
    pair = lib.of("Pair", T="i64")(1, 2)
    assert pair.swapped() == lib.module.flip(pair) == type(pair)(2, 1)
    grid = lib.of("Grid", W="2", H="1").new()
    grid.set(1, 0, 7)
    assert grid.rows() == [b"\x00\x07"]


def test_instances_of_one_body_evolve_together(example: NewExample) -> None:
    largest = example(
        {
            "largest.rs": "pub fn largest<T: PartialOrd + Copy>(xs: &[T]) -> Option<T> {\n    todo!()\n}\n",
            "test_largest.py": """
                import pytest
                from pytest_symbiont import evolvable

                largest = evolvable("largest.rs::largest")
                of_bytes = evolvable("largest.rs::largest", T="u8")

                @pytest.mark.evolve
                def test_ints_and_floats():
                    assert largest([1, 3, 2]) == 3
                    assert largest([0.5, 0.25]) == 0.5
                    assert of_bytes(b"") is None
            """,
        }
    )
    body = "pub fn largest<T: PartialOrd + Copy>(xs: &[T]) -> Option<T> { %s }"
    ran = largest.run(
        "--evolve",
        answers=[
            rust(body % "xs.first().copied()"),
            rust(body % "xs.iter().copied().reduce(|a, b| if b > a { b } else { a })"),
        ],
        outcomes={"passed": 1},
        changed={"largest.rs": ...},
    )
    assert "`pub fn largest<T: PartialOrd + Copy>(xs: &[T]) -> Option<T>`" in ran.last_message(0)
    assert "must return 3, not 1" in ran.last_message(1)
    largest.run(outcomes={"passed": 1})
