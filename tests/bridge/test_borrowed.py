"""Borrowed values: they live as long as the call, and what is returned is copied out."""

# ruff: noqa: E501 - Rust in a string

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from three_ways import WAYS, Ways, three_ways

from pytest_symbiont import Mut, RustError

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = """
use std::borrow::Cow;
use std::collections::HashMap;
pub fn longest<'a>(a: &'a str, b: &'a str) -> &'a str { if b.len() > a.len() { b } else { a } }
pub fn first<'a, 'b>(a: &'a str, _b: &'b str) -> &'a str { a }
pub fn shorter<'a, 'b: 'a>(a: &'a str, b: &'b str) -> &'a str { if b.len() < a.len() { b } else { a } }
pub fn bounded<'a, 'b>(a: &'a [String], b: &'b str) -> Option<&'a str> where 'b: 'a { a.first().map(String::as_str).or(Some(b)) }
pub fn words(text: &str) -> Vec<&str> { text.split_whitespace().collect() }
pub fn halves(xs: &[i64]) -> (&[i64], &[i64]) { xs.split_at(xs.len() / 2) }
pub fn chunks(xs: &[u8]) -> Vec<&[u8]> { xs.chunks(2).collect() }
pub fn largest(xs: &[i64]) -> Option<&i64> { xs.iter().max() }
pub fn largest_text(xs: &[String]) -> Option<&String> { xs.iter().max() }
pub fn lookup<'m>(map: &'m HashMap<String, Vec<String>>, key: &str) -> Option<&'m Vec<String>> { map.get(key) }
pub fn group<'a>(xs: &[&'a str]) -> HashMap<char, Vec<&'a str>> {
    let mut map: HashMap<char, Vec<&'a str>> = HashMap::new();
    for x in xs { map.entry(x.chars().next().unwrap_or(' ')).or_default().push(x); }
    map
}
pub fn constant() -> &'static str { "always" }
pub fn for_ever(text: &'static str) -> &'static str { text }
pub fn table() -> &'static [(&'static str, u8)] { &[("a", 1), ("b", 2)] }
pub fn maybe(x: Option<&str>) -> Option<&str> { x.map(str::trim) }
pub fn counted(xs: Vec<Option<&str>>) -> usize { xs.into_iter().flatten().count() }
pub fn tidy(text: &str) -> Cow<'_, str> { if text.contains(' ') { text.replace(' ', "").into() } else { text.into() } }
pub fn word<'a>(input: &mut &'a str) -> Option<&'a str> {
    let text = input.trim_start();
    if text.is_empty() { *input = text; return None; }
    let end = text.find(' ').unwrap_or(text.len());
    *input = &text[end..];
    Some(&text[..end])
}
pub fn number(input: &mut &str) -> Result<i64, String> {
    let end = input.find(|c: char| !c.is_ascii_digit()).unwrap_or(input.len());
    let (digits, rest) = input.split_at(end);
    *input = rest;
    digits.parse().map_err(|_| format!("no number before {rest:?}"))
}
pub fn byte(input: &mut &[u8]) -> Option<u8> { let (first, rest) = input.split_first()?; *input = rest; Some(*first) }
pub fn keep<'a>(kept: &'a mut Vec<&'a str>, text: &'a str) -> usize { kept.push(text); kept.len() }
pub fn last<'a>(xs: &'a mut Vec<String>) -> Option<&'a mut String> { let last = xs.last_mut()?; last.push('!'); Some(last) }
pub fn slot(xs: &mut [i64], at: usize) -> &mut i64 { xs[at] += 1; &mut xs[at] }
pub fn deep<'a>(x: &'a Vec<&'a Option<&'a str>>) -> Vec<&'a str> { x.iter().filter_map(|x| **x).collect() }
pub fn error(text: &str) -> Result<&str, &str> { text.strip_prefix("ok ").ok_or(text) }
pub fn boxed(text: &str) -> Result<i64, Box<dyn std::error::Error>> { Ok(text.parse::<i64>()?) }
pub struct Span<'s> { pub text: &'s str, pub at: usize }
pub fn spans(text: &str) -> Vec<Span> { text.split(',').map(|part| Span { text: part, at: part.as_ptr() as usize - text.as_ptr() as usize }).collect() }
pub fn joined(spans: &[Span<'_>]) -> String { spans.iter().map(|span| span.text).collect() }
pub fn widest<'a, 's>(spans: &'a [Span<'s>]) -> Option<&'a Span<'s>> { spans.iter().max_by_key(|span| span.text.len()) }
"""

RESULTS: list[tuple[str, tuple[Any, ...], Any]] = [
    ("longest", ("ab", "c"), "ab"),
    ("longest", ("", "é🦀"), "é🦀"),
    ("first", ("a", "b"), "a"),
    ("shorter", ("ab", "c"), "c"),
    ("bounded", (["x"], "y"), "x"),
    ("bounded", ([], "y"), "y"),
    ("words", (" a  bc ",), ["a", "bc"]),
    ("halves", ([1, 2, 3],), ([1], [2, 3])),
    ("chunks", (b"abc",), [b"ab", b"c"]),
    ("largest", ([1, 3, 2],), 3),
    ("largest", ([],), None),
    ("largest_text", (["a", "b"],), "b"),
    ("lookup", ({"a": ["b"]}, "a"), ["b"]),
    ("lookup", ({}, "a"), None),
    ("group", (["ab", "b", "ac"],), {"a": ["ab", "ac"], "b": ["b"]}),
    ("constant", (), "always"),
    ("for_ever", ("x",), "x"),
    ("table", (), [("a", 1), ("b", 2)]),
    ("maybe", (" a ",), "a"),
    ("maybe", (None,), None),
    ("counted", ([None, "a"],), 1),
    ("tidy", ("a b",), "ab"),
    ("tidy", ("ab",), "ab"),
    ("deep", (["a", None, "b"],), ["a", "b"]),
    ("error", ("ok x",), "x"),
    ("boxed", ("12",), 12),
]


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    with three_ways(tmp_path_factory.mktemp("borrowed"), SOURCE) as opened:
        yield opened


@pytest.fixture(params=WAYS)
def lib(ways: Ways, request: pytest.FixtureRequest) -> Any:
    return ways[request.param]


@pytest.mark.parametrize(("name", "arguments", "result"), RESULTS)
def test_what_is_borrowed_is_copied_out(lib: Any, name: str, arguments: tuple[Any, ...], result: Any) -> None:
    back = getattr(lib, name)(*arguments)
    assert back == result
    assert type(back) is type(result)


def test_a_cursor_moves_over_a_text(lib: Any) -> None:
    cursor = Mut("a bc ")
    assert [lib.word(cursor), lib.word(cursor), lib.word(cursor)] == ["a", "bc", None]
    assert cursor == Mut("")


def test_a_cursor_over_bytes_moves_as_well(lib: Any) -> None:
    cursor = Mut(b"ab")
    assert [lib.byte(cursor), lib.byte(cursor), lib.byte(cursor)] == [97, 98, None]
    assert cursor == Mut(b"")


def test_a_cursor_stands_where_an_err_left_it(lib: Any) -> None:
    cursor = Mut("12x")
    assert lib.number(cursor) == 12
    with pytest.raises(RustError, match=r'^no number before "x"$'):
        lib.number(cursor)
    assert cursor == Mut("x")


def test_what_is_kept_in_a_borrowed_list_comes_back(lib: Any) -> None:
    kept = ["a"]
    assert lib.keep(kept, "b") == 2
    assert kept == ["a", "b"]


def test_a_mutable_borrow_is_returned_as_its_value(lib: Any) -> None:
    texts, numbers = ["a", "b"], [1, 2]
    assert lib.last(texts) == "b!"
    assert texts == ["a", "b!"]
    assert lib.last([]) is None
    assert lib.slot(numbers, 1) == 3
    assert numbers == [1, 3]


def test_a_borrowed_err_is_copied_out(lib: Any) -> None:
    with pytest.raises(RustError) as caught:
        lib.error("no")
    assert caught.value.value == "no"
    with pytest.raises(RustError, match=r"^invalid digit found in string$"):
        lib.boxed("x")


def test_a_lifetime_may_be_left_out_of_a_path(lib: Any) -> None:
    spans = lib.spans("a,bcd")
    assert spans == [lib.Span("a", 0), lib.Span("bcd", 2)]
    assert lib.joined(spans) == "abcd"
    assert lib.widest(spans) == lib.Span("bcd", 2)
