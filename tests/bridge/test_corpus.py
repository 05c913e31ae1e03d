"""What published Rust does that nobody thinks of first."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from three_ways import in_worker

from pytest_symbiont import Mut, Some
from pytest_symbiont.bridge.custom import CustomTypes
from pytest_symbiont.bridge.plan import plan
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.errors import RustError, RustPanic, SymbiontError
from pytest_symbiont.source.parse import functions

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = """
use std::collections::{HashMap, HashSet};
use std::borrow::Cow;
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
pub const N: usize = { 2 };
pub fn longest(x: [u8; u8::MAX as usize + 1]) -> usize { x.len() }
pub fn bits(x: [u8; (usize::BITS / 8) as usize]) -> usize { x.len() }
pub fn braced(x: [u8; N]) -> [u8; std::i8::MAX as usize - 125] { x }
pub enum Expr<'a> { Name(&'a str), Sum(Box<Self>, Box<Self>), Not { of: Option<Box<Self>> } }
pub fn names(e: &Expr) -> usize {
    match e {
        Expr::Name(_) => 1,
        Expr::Sum(a, b) => names(a) + names(b),
        Expr::Not { of } => of.as_ref().map_or(0, |e| names(e)),
    }
}
pub fn doubled(e: Expr<'_>) -> Expr<'_> { Expr::Not { of: Some(Box::new(e)) } }
#[cfg(test)]
pub fn helper() {}
#[cfg(all(unix, feature = "fancy"))]
pub fn fancy() {}
#[cfg(not(any(feature = "std", not(feature = "fancy"))))]
pub fn both() {}
#[cfg(nightly)]
pub fn nightly() {}
#[cfg(any(debug_assertions, not(debug_assertions)))]
pub fn perhaps() {}
#[cfg(any(target_arch = "msp430", target_os = "android", target_pointer_width = "16"))]
pub fn elsewhere() {}
#[cfg(not(feature = "std"))]
pub fn bare() -> i32 { 1 }
#[cfg(feature = "std")]
pub fn bare() -> i32 { 2 }
pub struct Sparse { pub a: i32, #[cfg(feature = "fancy")] pub b: i32, #[cfg(not(test))] pub c: i32 }
pub struct Thin(pub i32, #[cfg(test)] pub i32, #[cfg(not(test))] /* kept */ pub u8);
pub enum Kind { #[cfg(feature = "fancy")] Fancy(u8), Plain { #[cfg(doc)] doc: u8, x: u8 } }
pub fn sparse(s: Sparse, t: Thin, k: Kind) -> i32 {
    let Kind::Plain { x } = k;
    s.a + s.c + t.0 + i32::from(t.1) + i32::from(x)
}
pub fn give_up(x: &Expr<'_>) -> ! { panic!("{} names", names(x)) }
pub fn never(x: u8) -> ! { panic!("never {x}") }
pub type Res<T = i32, E = Vec<T>> = std::result::Result<T, E>;
pub fn short(x: i32) -> Res { if x > 0 { Ok(x) } else { Err(vec![x]) } }
pub fn half(x: &str) -> Res<String> { Err(vec![x.into()]) }
pub fn full(x: i32) -> Res<(), i32> { Err(x) }
pub fn joined(p: &Path, more: &[PathBuf]) -> PathBuf {
    more.iter().fold(p.to_path_buf(), |p, m| p.join(m))
}
pub fn stem(p: &Path) -> Option<&std::ffi::OsStr> { p.file_stem() }
pub fn grown(p: &mut PathBuf, x: Option<&Path>) -> bool { x.map(|x| p.push(x)).is_some() }
pub fn by_path(x: HashMap<PathBuf, OsString>) -> Vec<(PathBuf, OsString)> { x.into_iter().collect() }
pub fn lent<'a>(x: Cow<'a, Path>, y: &std::sync::Arc<std::ffi::OsStr>) -> Cow<'a, Path> {
    x.join(&**y).into()
}
pub fn boxed(x: Box<Path>) -> std::rc::Rc<Path> { x.into() }
pub fn next(x: Ipv4Addr) -> Ipv4Addr { (u32::from(x) + 1).into() }
pub fn both_kinds(x: &[IpAddr]) -> Vec<IpAddr> { x.iter().rev().copied().collect() }
pub fn sixth(x: std::net::Ipv6Addr) -> std::net::Ipv6Addr { x }
#[derive(Default)]
pub struct Fnv(u64);
impl std::hash::Hasher for Fnv {
    fn finish(&self) -> u64 { self.0 }
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes { self.0 = (self.0 ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3) }
    }
}
pub type Fast<V> = HashMap<String, V, std::hash::BuildHasherDefault<Fnv>>;
pub fn fast(mut x: Fast<u8>, y: HashSet<i32, std::hash::RandomState>) -> Fast<u8> {
    x.insert("len".into(), y.len() as u8);
    x
}
pub fn infallible(x: u8) -> Result<u8, std::convert::Infallible> { Ok(x) }
pub struct Typed { id: u32, kind: std::marker::PhantomData<String> }
pub fn typed(x: Typed, y: Option<std::marker::PhantomData<u8>>) -> Typed {
    Typed { id: x.id + y.is_some() as u32, ..x }
}
pub struct Item { pub name: &'static str, pub price: u32 }
pub struct Token<'a> { text: &'a str, kind: &'static str }
pub enum Fault { Plain(&'static str), Lent(Cow<'static, str>), Raw(&'static [u8]) }
pub type Words = [&'static str];
pub fn best(items: &[Item]) -> Option<&'static str> { items.iter().max_by_key(|i| i.price).map(|i| i.name) }
pub fn stocked(items: &mut Vec<Item>, name: &str) {
    items.push(Item { name: "new", price: name.len() as u32 })
}
pub fn fault(x: Option<Fault>) -> Result<(), Fault> { Err(x.unwrap_or(Fault::Plain("none"))) }
pub fn text<'a>(x: &Token<'a>, y: &'a [&'static str]) -> Vec<&'a str> { vec![x.text, x.kind, y[0]] }
pub fn words(x: &Words, y: Token<'static>) -> Vec<&'static str> { vec![x[0], y.text] }
use inner::*;
use again::*;
mod inner {
    pub use super::*;
    pub struct Deep(pub i32);
    pub fn deep(x: Deep, y: HashMap<i32, f64>) -> i32 { x.0 }
}
mod again {
    pub use super::*;
    pub mod more {
        use super::super::HashMap as Map;
        pub fn map(x: Map<u8, super::Deep>) {}
    }
}
pub fn through(x: Deep, y: again::Deep, z: self::inner::Deep) -> i32 { x.0 + y.0 + z.0 }
mod outer {
    mod hidden {
        pub fn f() {}
        pub struct Far;
    }
    pub use hidden::Far;
    pub fn far() -> Far { Far }
    pub mod seen {
        pub(in crate) fn near(x: i32) -> i32 { x + 1 }
        pub(super) fn above() {}
        pub(in crate::outer) fn beside() {}
        pub(self) fn own() {}
        pub struct Near(pub(crate) i32);
    }
    pub(super) fn down(x: seen::Near) -> i32 { x.0 }
    pub fn up(x: i32) -> i32 { x }
    fn none() {}
}
"""


@pytest.fixture(scope="module", params=["here", "worker"])
def rust(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The functions of `SOURCE`, in this process and in a worker."""
    path: Path = tmp_path_factory.mktemp("corpus") / "corpus.rs"
    path.write_text(SOURCE)
    registry = Registry()
    if request.param == "here":
        yield registry.module(path)
        return
    registry.workbench.extension = None
    module = registry.module(path)
    with in_worker(registry):
        yield module


def _refused(text: str, name: str) -> str:
    (function,) = (function for function in functions(text) if function.path == name)
    with pytest.raises(SymbiontError) as refused:
        plan(function, "corpus.rs", CustomTypes(text, "corpus"))
    return str(refused.value)


def test_the_length_of_an_array_may_be_a_limit_or_stand_in_braces(rust: Any) -> None:
    assert rust.longest(bytes(256)) == 256
    assert rust.bits(bytes(8)) == 8
    assert rust.braced(b"ab") == b"ab"


def test_a_type_may_call_itself_self(rust: Any) -> None:
    name = rust.Expr.Name("a")
    whole = rust.Expr.Sum(name, rust.Expr.Not(of=name))
    assert rust.names(whole) == 2
    assert rust.doubled(whole) == rust.Expr.Not(of=whole)


def test_what_is_not_compiled_is_not_there(rust: Any) -> None:
    assert not {"helper", "fancy", "both", "nightly", "elsewhere"} & set(dir(rust))
    assert rust.perhaps() is None
    assert rust.bare() == 1
    sparse, thin = rust.Sparse(a=1, c=2), rust.Thin(3, 4)
    assert rust.sparse(sparse, thin, rust.Kind.Plain(x=5)) == 15


def test_what_a_module_shows_the_file_is_called(rust: Any) -> None:
    assert getattr(rust, "outer::up")(1) == 1
    file = rust._file
    for name in ("outer::seen::near", "outer::down"):
        assert plan(file.function(name), "corpus.rs", file.types).path == name


def test_how_a_map_hashes_makes_no_difference(rust: Any) -> None:
    assert rust.fast({"a": 1}, {1, 2}) == {"a": 1, "len": 2}


def test_what_has_no_value_of_its_own(rust: Any) -> None:
    assert rust.infallible(1) == 1
    assert rust.typed(rust.Typed(id=1, kind=None), None) == rust.Typed(id=1, kind=None)
    assert rust.typed(rust.Typed(id=1, kind=None), Some(None)).id == 2


def test_types_may_borrow_for_ever(rust: Any) -> None:
    items = [rust.Item("a", 1), rust.Item("b", 2)]
    assert rust.best(items) == "b"
    assert (rust.stocked(items, "abc"), items[2:]) == (None, [rust.Item("new", 3)])
    for fault in (rust.Fault.Plain("a"), rust.Fault.Lent("b"), rust.Fault.Raw(b"c")):
        with pytest.raises(RustError) as failed:
            rust.fault(fault)
        assert failed.value.value == fault
    token = rust.Token(text="t", kind="k")
    assert rust.text(token, ["w"]) == ["t", "k", "w"]
    assert rust.words(["w"], token) == ["w", "t"]


def test_globs_that_lead_to_each_other(rust: Any) -> None:
    deep = rust.inner.Deep(2)
    assert rust.through(deep, deep, deep) == 6
    assert rust.inner.deep(deep, {1: 2.5}) == 2
    assert rust.again.more.map({1: deep}) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("use crate::model::Thing; pub fn f(x: Thing) {}", "Thing"),
        ("use super::Duration; pub fn f(x: Duration) {}", "Duration"),
        ("use crate::Thing; pub fn f(x: Thing) {}", "Thing"),
        ("pub fn f(x: crate::range::Range<i32>) {}", "crate::range::Range"),
    ],
)
def test_a_type_of_another_file_is_said_to_be_one(text: str, name: str) -> None:
    assert _refused(text, "f").endswith(f"`{name}` is declared in another file: move it into this one")


def test_a_use_line_may_begin_with_the_name_that_it_brings() -> None:
    refused = _refused("use time::macros::time; pub fn f(x: time) {}", "f")
    assert "`time` is no type of this file" in refused


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("outer::hidden::f", "make `outer::hidden` `pub(crate)`"),
        ("outer::far", "make `outer::hidden` `pub(crate)`"),
        ("outer::seen::above", "make it `pub(crate)`"),
        ("outer::seen::beside", "make it `pub(crate)`"),
        ("outer::seen::own", "make it `pub(crate)`"),
        ("outer::none", "make it `pub(crate)`"),
    ],
)
def test_what_a_module_keeps_to_itself_is_refused_and_breaks_no_build(name: str, mend: str) -> None:
    assert _refused(SOURCE, name).endswith(f"cannot be named by the whole file: {mend}")


def test_a_function_that_never_returns_panics(rust: Any) -> None:
    with pytest.raises(RustPanic, match="never 3"):
        rust.never(3)
    with pytest.raises(RustPanic, match="1 names"):
        rust.give_up(rust.Expr.Name("a"))


def test_an_alias_may_leave_parameters_out(rust: Any) -> None:
    assert rust.short(1) == 1
    for call, argument, value in ((rust.short, 0, [0]), (rust.half, "a", ["a"]), (rust.full, 1, 1)):
        with pytest.raises(RustError) as failed:
            call(argument)
        assert failed.value.value == value


def test_paths(rust: Any) -> None:
    assert rust.joined(Path("a"), ["b", PurePosixPath("c")]) == Path("a/b/c")
    assert rust.joined("a" * 300, []) == Path("a" * 300)
    assert (rust.stem("a/b.rs"), rust.stem("/"), rust.stem("\udcff.x")) == ("b", None, "\udcff")
    path = Mut(Path("a"))
    assert (rust.grown(path, "é"), path) == (True, Mut(Path("a/é")))
    assert rust.by_path({Path("a"): "b"}) == [(Path("a"), "b")]
    assert rust.boxed("a") == Path("a")
    assert rust.lent("a", "b") == Path("a/b")
    for call, argument, message in (
        (rust.stem, b"a", "argument 'p': expected a path, got bytes b'a'"),
        (rust.by_path, {"a": 1}, "argument 'x'['a']: expected str, got int 1"),
        (rust.stem, "\ud800", "argument 'p': index 0 of str"),
    ):
        with pytest.raises(TypeError, match=re.escape(message)):
            call(argument)


def test_addresses(rust: Any) -> None:
    first, second = ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")
    assert rust.next(first) == ipaddress.ip_address("127.0.0.2")
    assert rust.both_kinds([first, second]) == [second, first]
    assert rust.sixth(second) == second
    with pytest.raises(TypeError, match=re.escape("expected ipaddress.IPv4Address, got IPv6Address")):
        rust.next(second)
    with pytest.raises(TypeError, match="has no scope"):
        rust.sixth(ipaddress.ip_address("fe80::1%2"))
