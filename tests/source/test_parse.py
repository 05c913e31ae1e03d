from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.source.parse import TODO, declaration, find, functions
from pytest_symbiont.source.values import Parameter

FILE = """\
//! Häuser.

use std::fmt;

/// Sort ascending, in place.
///
/// Ties keep their order.
#[inline]
pub fn sort(xs: &mut [i64]) {
    let text = "} fn not_me() {";
    let brace = '}'; // } also not
    fn nested() {}
    xs.sort();
}

/**
 * The larger one.
 */
pub(crate) const fn larger<T: Ord>(mut a: T, (b, _): (T, u8), _: fn(u8) -> u8) -> Option<T>
where
    T: Copy,
{
    None
}

struct House;

impl House {
    fn door(&self) {}
}

mod inner {
    pub fn sort() -> () {}
    pub mod deep {
        pub fn er(x: [u8; 1 << 3]) -> Grid<{ 1 + 1 }> { todo!() }
    }
}

#[cfg(test)]
mod tests {
    fn helper() {}
}
"""


def test_free_functions_are_found_with_their_paths() -> None:
    assert [f.path for f in functions(FILE)] == ["sort", "larger", "inner::sort", "inner::deep::er"]


def test_every_field_of_a_plain_function() -> None:
    sort = functions(FILE)[0]
    assert sort.name == "sort"
    assert sort.signature == "pub fn sort(xs: &mut [i64])"
    assert sort.parameters == (Parameter("xs", "xs", "&mut [i64]"),)
    assert sort.returns == ""
    assert sort.body.startswith("{\n    let text")
    assert sort.body.endswith("xs.sort();\n}")
    assert sort.line == 9
    assert sort.doc == "Sort ascending, in place.\n\nTies keep their order."
    assert sort.public
    assert sort.qualifiers == ()


def test_every_field_of_a_rich_function() -> None:
    larger = find(FILE, "larger", file="house.rs")
    assert larger.doc == "The larger one."
    assert not larger.public
    assert larger.qualifiers == ("const",)
    assert larger.generics == "<T: Ord>"
    assert larger.returns == "Option<T>"
    assert larger.where == "where\n    T: Copy,"
    assert larger.signature.endswith("T: Copy,")
    assert larger.parameters == (
        Parameter("mut a", "a", "T"),
        Parameter("(b, _)", "", "(T, u8)"),
        Parameter("_", "", "fn(u8) -> u8"),
    )


def test_offsets_count_bytes() -> None:
    data = FILE.encode()
    for function in functions(FILE):
        assert data[function.start : function.body_start].decode().rstrip() == function.signature
        assert data[function.body_start : function.body_end].decode() == function.body
        assert data.count(b"\n", 0, function.start) + 1 == function.line


def test_unit_is_no_return_type() -> None:
    assert find(FILE, "inner::sort", file="house.rs").returns == ""


def test_crlf_and_byte_order_mark() -> None:
    text = "\ufeff#!/usr/bin/env x {\r\n/// One.\r\n/// Two.\r\npub fn f() {\r\n    1\r\n}\r\n"
    [function] = functions(text)
    assert (function.doc, function.line) == ("One.\nTwo.", 4)


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("fn a() { @@ let = ; }\nfn b() {}", ["a", "b"]),
        ("fn a() { let x = (; }\nfn b() {}", ["a", "b"]),
        ("fn a() { 1 } }\nfn b() {}", ["a", "b"]),
        ("fn a() { if x {\n}\nfn b() {}\nfn c() {}", ["b", "c"]),
        ('fn a() { "open }\nfn b() {}', ["b"]),
        ("fn a() { /* open }\npub fn b() {}", ["b"]),
        ('fn a() { r#"open" }\n#[inline]\nfn b() { "x" }', ["b"]),
        ("fn a(x: u8 {}\nfn b() {}", ["b"]),
        ("mod m {\n    fn a() { {\n    fn b() {}\n}\nfn c() {}", ["m::b", "c"]),
        ("fn a() {", []),
        ("fn", []),
        ("", []),
    ],
)
def test_broken_bodies_hide_no_other_function(text: str, there: list[str]) -> None:
    assert [f.path for f in functions(text)] == there


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "fn is_sorted() {}\nfn sort() {}",
            "sort.rs: no function 'sotr' (found: is_sorted, sort); did you mean 'sort'?",
        ),
        ("mod inner { fn sotr() {} }", "sort.rs: no function 'sotr' (found: inner::sotr)"),
        ("struct Sotr;", "sort.rs: no function 'sotr' (found none that has a body)"),
        ("fn sotr() {}\nfn sotr() {}", "sort.rs: function 'sotr' is there more than once (lines 1 and 2)"),
        ("\nfn sotr() { {\nfn b() {}", "sort.rs:2: function 'sotr' cannot be read: the body has no end"),
        ("fn sotr(x u8) {}", "sort.rs:1: function 'sotr' cannot be read: the signature does not parse"),
    ],
)
def test_find_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(SymbiontError) as caught:
        find(text, "sotr", file="sort.rs")
    assert str(caught.value).startswith(message)


def test_find_lists_a_dozen_functions_at_most() -> None:
    text = "\n".join(f"fn f{number}() {{}}" for number in range(20))
    with pytest.raises(SymbiontError, match=r"f11 and 8 more\)"):
        find(text, "zzz", file="x.rs")


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("fn gcd(a: u64, b: u64) -> u64", "pub fn gcd(a: u64, b: u64) -> u64"),
        ("  pub fn gcd(a: u64,\n    b: u64) -> u64 ;\n", "pub fn gcd(a: u64, b: u64) -> u64"),
        ("pub(crate) const fn one() -> u8;", "pub const fn one() -> u8"),
        ("fn f<'a>(x: &'a str) -> &'a str", "pub fn f<'a>(x: &'a str) -> &'a str"),
        ("fn f<T>(x: T) where T: Copy", "pub fn f<T>(x: T) where T: Copy"),
    ],
)
def test_declaration(text: str, signature: str) -> None:
    function = declaration(text)
    written = f"{signature} {TODO}"
    assert function.signature == signature
    assert function.public
    assert functions(written) == (function,)


def test_declaration_keeps_its_doc() -> None:
    assert declaration("/// One.\n/// Two.\nfn f()").doc == "One.\nTwo."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gcd",
        "struct Gcd",
        "fn gcd(a: u64) {}",
        "fn gcd(a: u64) { todo!() }",
        "fn a(); fn b()",
        "fn a() {} fn b()",
        "use x; fn a()",
        "let x = 1; fn a()",
        "fn gcd(a u64)",
        "fn gcd(a)",
        "fn gcd(a: u64",
        "fn gcd(&self)",
        "fn gcd(a: u8, ...)",
        "fn gcd() // why",
        "fn gcd(/* why */ a: u8)",
        "#[inline] fn gcd()",
        'fn gcd() -> "',
    ],
)
def test_declaration_refuses_anything_else(text: str) -> None:
    with pytest.raises(SymbiontError, match=r"^cannot declare .*; write it like"):
        declaration(text)


@given(st.text(alphabet="fn a(){}<>[]\"'/*!#\nrmodé;:,-", max_size=80))
def test_any_text_is_read(text: str) -> None:
    data = text.encode()
    for function in functions(text):
        assert data[function.body_start : function.body_end].decode() == function.body
        assert function.body[0] + function.body[-1] == "{}"
