"""What a type's text means where it stands."""

from __future__ import annotations

import pytest

from pytest_symbiont.bridge.resolve import Resolver, Unsupported
from pytest_symbiont.bridge.rust_type import parse, render
from pytest_symbiont.source.types import declarations

FILE = """
use std::collections::HashMap as Map;
use inner::{Deep, deeper::Deepest as Last};
use std::fmt;
use inner::more::*;
pub struct Point { x: u8 }
pub struct Token<'a>(&'a str);
type Id = u64;
type Pairs<T, U = u8> = Vec<(T, T)>;
type Result<T> = std::result::Result<T, String>;
type Borrowed<'t> = Token<'t>;
const N: usize = 3;
const M: usize = inner::K * (N + 1) - 0x2_usize;
mod inner {
    pub struct Deep;
    pub const K: usize = 1 << 2;
    pub mod deeper { pub struct Deepest; pub struct String; type Up = super::super::Point; }
    pub mod more { pub struct Globbed; }
}
"""
RESOLVER = Resolver(declarations(FILE))


def _resolved(text: str, module: str = "") -> str:
    found = render(RESOLVER.resolve(parse(text), module))
    return found.replace("::core::primitive::", "").replace("::std::", "~")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("u8", "u8"),
        ("std::primitive::u8", "u8"),
        ("&'a mut [str]", "&'a mut [str]"),
        ("Vec<Option<String>>", "~vec::Vec<~option::Option<~string::String>>"),
        ("::std::vec::Vec<u8>", "~vec::Vec<u8>"),
        ("core::cmp::Ordering", "~cmp::Ordering"),
        ("Map<u8, bool>", "~collections::HashMap<u8, bool>"),
        ("Point", "super::Point"),
        ("crate::Point", "super::Point"),
        ("self::Point", "super::Point"),
        ("Token", "super::Token<'_>"),
        ("Token<'a>", "super::Token<'a>"),
        ("Borrowed<'a>", "super::Token<'a>"),
        ("Borrowed", "super::Token<'_>"),
        ("Deep", "super::inner::Deep"),
        ("Last", "super::inner::deeper::Deepest"),
        ("Globbed", "super::inner::more::Globbed"),
        ("inner::deeper::String", "super::inner::deeper::String"),
        ("Id", "u64"),
        ("Result<Id>", "~result::Result<u64, ~string::String>"),
        ("std::result::Result<u8, ()>", "~result::Result<u8, ()>"),
        ("fmt::Result", "~result::Result<(), ~fmt::Error>"),
        ("std::io::Result<u8>", "~result::Result<u8, ~io::Error>"),
        ("[u8; N]", "[u8; 3]"),
        ("[[u8; M]; { 1 + 1 }]", "[[u8; 14]; 2]"),
        ("[u8; N as usize * 2]", "[u8; 6]"),
        ("[u8; 10 / 3 % 2]", "[u8; 1]"),
        ("Box<dyn std::error::Error + Send + Sync>", "~boxed::Box<dyn ~error::Error + Send + Sync>"),
        ("Cow<'a, str>", "~borrow::Cow<'a, str>"),
        ("((u8), (u8,))", "(u8, (u8,))"),
    ],
)
def test_a_type_is_found(text: str, meaning: str) -> None:
    assert _resolved(text) == meaning


def test_a_name_means_what_its_module_says() -> None:
    assert _resolved("String", "inner::deeper") == "super::inner::deeper::String"
    assert _resolved("Up", "inner::deeper") == "super::Point"
    assert _resolved("super::Deep", "inner::deeper") == "super::inner::Deep"
    assert _resolved("String", "inner") == "~string::String"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Unknown", "`Unknown` is no type of this file, nor one of std that is known here"),
        ("std::thread::Result<u8>",
         "`std::thread::Result` is no type of this file, nor one of std that is known here"),
        ("Point<u8>", "`Point` has 0 type parameters"),
        ("Result<u8, u8>", "`Result` has 1 type parameters"),
        ("impl Fn()", "`impl Fn()` is no value that Python could hold"),
        ("Box<dyn Fn()>", "`dyn Fn()` is no value that Python could hold"),
        ("*const u8", "`*const u8` is no value that Python could hold"),
        ("[u8; f()]", "the length `f()` is no plain number"),
        ("[u8; X]", "the length `X` is no plain number"),
        ("[u8; 1 / 0]", "the length `1 / 0` is no plain number"),
        ("[u8; size_of::<u8>()]", "the length `size_of::<u8>()` is no plain number"),
    ],
)  # fmt: skip
def test_what_is_not_found_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(Unsupported) as refused:
        _resolved(text)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("text", "type_"),
    [("use a::B; mod a { pub use super::B; }", "B"), ("use self::A as A;", "A"), ("type A = Vec<A>;", "A")],
)
def test_a_circle_ends(text: str, type_: str) -> None:
    with pytest.raises(Unsupported):
        Resolver(declarations(text)).resolve(parse(type_), "")
