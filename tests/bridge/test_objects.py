"""Types with methods: objects that live in Rust, and values that do not."""

# ruff: noqa: E501 - Rust in a string

from __future__ import annotations

import copy
import gc
import re
import threading
from typing import TYPE_CHECKING, Any

import pytest
from three_ways import WAYS, Ways, three_ways

from pytest_symbiont import RustError, RustPanic
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = """
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

#[derive(Debug, Clone, PartialEq, PartialOrd, Eq, Hash, Default)]
pub struct Stack { items: Vec<i64> }
impl Stack {
    pub fn new() -> Self { Self { items: Vec::new() } }
    pub fn push(&mut self, x: i64) { self.items.push(x) }
    pub fn pop(&mut self) -> Option<i64> { self.items.pop() }
    pub fn len(&self) -> usize { self.items.len() }
    pub fn top(&self) -> Option<&i64> { self.items.last() }
    pub fn with(&mut self, x: i64) -> &mut Self { self.items.push(x); self }
    pub fn into_vec(self) -> Vec<i64> { self.items }
    pub fn absorb(&mut self, other: Stack) { self.items.extend(other.items) }
    pub fn same(&self, other: &Stack) -> bool { self.items == other.items }
    pub fn halves(&self) -> (Stack, Option<Stack>) { (self.clone(), None) }
    pub fn all(stacks: Vec<Stack>) -> Result<Stack, String> {
        if stacks.is_empty() { return Err("none".into()) }
        Ok(Stack { items: stacks.into_iter().flat_map(|s| s.items).collect() })
    }
    pub fn fails(&mut self) { self.items.push(0); panic!("{} items", self.items.len()) }
    fn secret(&self) -> i64 { self.items.iter().sum() }
}
impl fmt::Display for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{:?}", self.items) }
}
impl std::ops::Index<usize> for Stack {
    type Output = i64;
    fn index(&self, i: usize) -> &i64 { &self.items[i] }
}
impl std::ops::IndexMut<usize> for Stack {
    fn index_mut(&mut self, i: usize) -> &mut i64 { &mut self.items[i] }
}
impl<'a> std::ops::Add<&'a Stack> for &'a Stack {
    type Output = Stack;
    fn add(self, other: &Stack) -> Stack { Stack { items: self.items.iter().chain(&other.items).copied().collect() } }
}
impl std::ops::AddAssign<i64> for Stack { fn add_assign(&mut self, x: i64) { self.items.push(x) } }
impl std::ops::Neg for &Stack { type Output = i64; fn neg(self) -> i64 { -self.secret() } }
impl From<Vec<i64>> for Stack { fn from(items: Vec<i64>) -> Self { Stack { items } } }
impl From<&str> for Stack { fn from(text: &str) -> Self { Stack { items: text.bytes().map(i64::from).collect() } } }
impl Iterator for Stack { type Item = i64; fn next(&mut self) -> Option<i64> { self.items.pop() } }
impl std::str::FromStr for Stack {
    type Err = std::num::ParseIntError;
    fn from_str(s: &str) -> Result<Self, Self::Err> { s.split(' ').map(str::parse).collect::<Result<_, _>>().map(|items| Stack { items }) }
}
pub trait Measured { fn size(&self) -> usize; }
impl Measured for Stack { fn size(&self) -> usize { self.items.len() * 8 } }
pub fn depth(s: &Stack) -> usize { s.items.len() }
pub fn made(n: i64) -> Option<Stack> { (n > 0).then(|| Stack { items: (0..n).collect() }) }

/// Borrows what it was made of.
pub struct Words<'a> { text: &'a str, at: usize }
impl<'a> Words<'a> {
    pub fn new(text: &'a str) -> Self { Words { text, at: 0 } }
    pub fn next_word(&mut self) -> Option<&'a str> { self.at += 1; self.text.split(' ').nth(self.at - 1) }
    pub fn add(&mut self, text: &'a str) { self.text = text; self.at = 0; }
}

thread_local! { static DROPS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) } }
pub struct Loud { pub name: String, shared: Rc<i32> }
impl Loud { pub fn new(name: String) -> Loud { Loud { name, shared: Rc::new(1) } } pub fn named(&self) -> &str { &self.name } }
impl Drop for Loud { fn drop(&mut self) { DROPS.with(|d| d.borrow_mut().push(self.name.clone())); if self.name == "bad" { panic!("bad drop") } } }
pub fn drops() -> Vec<String> { DROPS.with(|d| d.borrow().clone()) }

/// Cannot be carried by value.
pub struct Op { run: Box<dyn Fn(i64) -> i64 + Send + Sync>, pub calls: u32 }
impl Op { pub fn plus(n: i64) -> Op { Op { run: Box::new(move |x| x + n), calls: 0 } } pub fn call(&mut self, x: i64) -> i64 { self.calls += 1; (self.run)(x) } }

/// A value, because all of it is public.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point { pub x: f64, pub y: f64 }
impl Point {
    pub fn origin() -> Point { Point { x: 0.0, y: 0.0 } }
    pub fn norm(&self) -> f64 { self.x.hypot(self.y) }
    pub fn shift(&mut self, by: f64) { self.x += by }
}
impl fmt::Display for Point { fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { write!(f, "<{}, {}>", self.x, self.y) } }
impl std::ops::Mul<f64> for Point { type Output = Point; fn mul(self, by: f64) -> Point { Point { x: self.x * by, y: self.y * by } } }
pub enum Light { Red, Green }
impl Light { pub fn next(&self) -> Light { match self { Light::Red => Light::Green, Light::Green => Light::Red } } }
pub struct Solution;
impl Solution {
    pub fn two_sum(nums: Vec<i32>, target: i32) -> Vec<i32> {
        let mut seen = HashMap::new();
        for (i, n) in nums.iter().enumerate() {
            if let Some(j) = seen.get(&(target - n)) { return vec![*j, i as i32]; }
            seen.insert(n, i as i32);
        }
        vec![]
    }
}
"""


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with three_ways(tmp_path_factory.mktemp("objects"), SOURCE) as ways:
        yield ways


@pytest.fixture(params=WAYS)
def lib(request: pytest.FixtureRequest, ways: Ways) -> Any:
    return ways[request.param]


def test_an_object_keeps_its_state(lib: Any) -> None:
    s = lib.Stack.new()
    s.push(1)
    s.push(2)
    assert (len(s), s.top(), lib.depth(s)) == (2, 2, 2)
    assert s.with_(3).with_(4) is s
    assert [s.pop() for _ in range(5)] == [4, 3, 2, 1, None]
    assert (lib.made(0), lib.made(2).len()) == (None, 2)


def test_traits_show_as_python_says_it(lib: Any) -> None:
    s = lib.Stack.from_([1, 2])
    assert (str(s), repr(s), s[1], -s) == ("[1, 2]", "Stack { items: [1, 2] }", 2, -3)
    s[1] = 5
    s += 6
    assert str(s) == "[1, 5, 6]"
    twin = copy.copy(s)
    assert twin == s
    assert hash(twin) == hash(s)
    assert (twin is s, twin != s, copy.deepcopy(s) == s, s == "other", s < twin, s <= twin) == (
        *(False, False, True, False, False, True),
    )
    assert s.same(twin)
    assert str(s + twin) == "[1, 5, 6, 1, 5, 6]"
    assert str(lib.Stack.from_("ab")) == "[97, 98]"
    assert str(lib.Stack.from_str("7 8")) == "[7, 8]"
    with pytest.raises(RustError, match="invalid digit"):
        lib.Stack.from_str("7 x")
    assert list(s) == [6, 5, 1]
    assert (str(lib.Stack.default()), twin.size()) == ("[]", 24)
    with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for \+"):
        s + 1


def test_objects_in_other_values(lib: Any) -> None:
    one, other = lib.Stack.from_([1]).halves()
    assert (str(one), other) == ("[1]", None)
    assert str(lib.Stack.all([lib.Stack.from_([1]), lib.Stack.from_([2])])) == "[1, 2]"
    with pytest.raises(RustError, match="none"):
        lib.Stack.all([])


def test_what_was_moved_is_gone(lib: Any) -> None:
    s, t = lib.Stack.from_([1]), lib.Stack.from_([2])
    s.absorb(t)
    with pytest.raises(SymbiontError, match="this Stack was moved into Rust by `absorb`; clone it before"):
        t.len()
    assert s.into_vec() == [1, 2]
    with pytest.raises(SymbiontError, match="moved into Rust by `into_vec`"):
        str(s)


def test_one_object_is_not_changed_and_moved_in_one_call(lib: Any) -> None:
    s = lib.Stack.from_([1])
    with pytest.raises(RuntimeError, match=r"absorb\(\): this Stack is in use"):
        s.absorb(s)
    assert str(s) == "[1]"


def test_a_panic_leaves_the_object_usable(lib: Any) -> None:
    s = lib.Stack.new()
    with pytest.raises(RustPanic, match="1 items"):
        s.fails()
    assert s.pop() == 0
    with pytest.raises(RustPanic, match="index out of bounds"):
        s[3]


def test_arguments_are_checked_before_rust_is_entered(lib: Any) -> None:
    s = lib.Stack.new()
    with pytest.raises(TypeError, match=re.escape("push(): argument 'x': expected int, got str 'a'")):
        s.push("a")
    with pytest.raises(TypeError, match=re.escape("depth(): argument 's': expected Stack, got list []")):
        lib.depth([])
    with pytest.raises(TypeError, match="Stack is made by Rust: call one of its functions"):
        lib.Stack()
    with pytest.raises(TypeError, match="missing a required argument: 'x'"):
        s.push()


def test_an_object_keeps_what_it_borrows(lib: Any) -> None:
    words = lib.Words.new(" ".join("abc"))
    gc.collect()
    assert [words.next_word() for _ in range(4)] == ["a", "b", "c", None]
    words.add("d e")
    assert words.next_word() == "d"


def test_an_object_is_dropped_when_python_drops_it(lib: Any) -> None:
    before = len(lib.drops())
    one = lib.Loud.new("one")
    assert one.named() == "one"
    del one
    gc.collect()
    lib.Loud.new("two").named()
    assert lib.drops()[before:][0] == "one"


def test_what_is_not_send_stays_with_its_thread(ways: Ways) -> None:
    lib = ways["python"]
    loud = lib.Loud.new("mine")
    told: list[BaseException] = []

    def use() -> None:
        try:
            loud.named()
        except RuntimeError as error:
            told.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert "this Loud is not Send: only the thread that made it can use it" in str(told[0])


def test_what_cannot_be_carried_is_an_object_all_the_same(lib: Any) -> None:
    op = lib.Op.plus(2)
    assert (op.call(1), op.call(2)) == (3, 4)


def test_values_have_methods_too(lib: Any) -> None:
    p = lib.Point(3.0, 4.0)
    assert p.norm() == 5.0
    p.shift(1.0)
    assert (p, str(p), p * 2.0) == (lib.Point(4.0, 4.0), "<4, 4>", lib.Point(8.0, 8.0))
    assert lib.Point.origin() == lib.Point(0.0, 0.0)
    assert lib.Light.Red.next() is lib.Light.Green


def test_leetcode(lib: Any) -> None:
    assert lib.Solution.two_sum([2, 7, 11], 9) == [0, 1]


COUNTER = """
use std::fmt;
pub struct Counter { n: i64, names: Vec<String> }
impl Counter {
    pub fn new() -> Self { Counter { n: 0, names: vec!["a".into()] } }
    pub fn push(&mut self, x: i64) { self.n += x }
    pub fn shown(&self, f: &Other) -> i64 { self.n }
}
impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "first {} {:?}", self.n, self.names) }
}
pub struct Other { f: Box<dyn Fn()> }
impl Other { pub fn new() -> Other { Other { f: Box::new(|| ()) } } pub fn ok(&self) -> bool { true } }
"""


def test_after_two_swaps_an_object_shows_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "counter.rs"
    path.write_text(COUNTER)
    registry = Registry()
    lib = registry.module(path)
    file = registry.files[path.resolve()]
    counter, other = lib.Counter.new(), lib.Other.new()
    counter.push(1)
    assert str(counter) == 'first 1 ["a"]'
    for number, (word, by) in enumerate([("second", 10), ("third", 100)], 1):
        text = COUNTER.replace("first", word).replace("self.n += x", f"self.n += x * {by}")
        file.promote(file.add(text))
        counter.push(1)
        assert str(counter) == f'{word} {1 + sum([10, 100][:number])} ["a"]'
    with pytest.raises(
        SymbiontError,
        match=r"this Other was made in revision 0 and cannot be carried to revision 2: .*`dyn Fn\(\)`.*make a new one",
    ):
        other.ok()
    assert lib.Other.new().ok()
