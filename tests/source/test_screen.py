from __future__ import annotations

import pytest

from pytest_symbiont.source.screen import Refused, screen
from pytest_symbiont.source.values import Candidate


def refusal(body: str, *allow: str) -> str:
    try:
        screen(Candidate({"f": body}), allow=frozenset(allow))
    except Refused as refused:
        return refused.reason
    return ""


@pytest.mark.parametrize(
    "body",
    [
        "{ }",
        '{ let s: &\'static str = "unsafe extern static mod"; s.len() }',
        '{ // unsafe\n /* extern "C" é */ r#"include!("x") é"#.len() }',
        "{ let env = 1; let include = env != 2; include }",
        '{ \'é\'; "é"; b"x" }',
        "{ #[derive(Clone, Debug, PartialEq)] struct P; #[inline] fn g() {} #[allow(dead_code)] fn h() {} }",
        "{ #[derive(Default)] enum E { #[default] A } #[rustfmt::skip] fn g() {} #[must_use] fn h() {} }",
        '{ use std::collections::HashMap; vec![1]; format!("{:#?}", 1); r#type }',
        "{ a.module(); static_value + unsafely }",
        "{ m!(" + "[" * 62 + "]" * 62 + ") }",
    ],
)
def test_honest_bodies_pass(body: str) -> None:
    assert refusal(body) == ""


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("{\n    unsafe { 1 }\n}", "line 2 of the body of `f` uses `unsafe`"),
        ("{ vec![unsafe { 1 }] }", "`unsafe`"),
        ("{ r#unsafe }", "`r#unsafe`"),
        ('{ extern "C" { fn q(); } }', "`extern`"),
        ("{ extern crate std as real; }", "`extern`"),
        ("{ static X: u8 = 1; X }", "`static`"),
        ("{ m!(static X: u8 = 1;) }", "`static`"),
        ("{ mod m {} }", "`mod`"),
        ('{ include!("/etc/passwd") }', "`include!`"),
        ('{ include_str ! { "x" } }', "`include_str!`"),
        ('{ std::include_bytes!("x") }', "`include_bytes!`"),
        ('{ use std::{fmt, include_str as text}; text!("x") }', "`include_str!`"),
        ('{ env!("HOME") }', "`env!`"),
        ('{ println!("{}", env!("HOME")) }', "`env!`"),
        ('{ r#env!("HOME") }', "`r#env!`"),
        ('{ option_env!("HOME") }', "`option_env!`"),
        ('{ asm!("nop") }', "`asm!`"),
        ('{ global_asm!("nop") }', "`global_asm!`"),
        ('{ naked_asm!("nop") }', "`naked_asm!`"),
        ("{ macro_rules! m { () => {} } }", "`macro_rules!`"),
        ("{ thread_local! {} }", "`thread_local!`"),
        ("{ concat_bytes!(1) }", "`concat_bytes!`"),
        ("{ #[no_mangle] fn g() {} }", "`#[no_mangle]`"),
        ("{ #[unsafe(no_mangle)] fn g() {} }", "`#[unsafe]`"),
        ("{ #[cfg_attr(all(), no_mangle)] fn g() {} }", "`#[cfg_attr]`"),
        ('{ m!(#[path = "x"] x) }', "`#[path]`"),
        ("{ #[rustfmt::other] fn g() {} }", "`#[rustfmt::other]`"),
        ("{ #[derive(Clone, Serialize)] struct P; }", "derives `Serialize`"),
        ("{ #![allow(x)] }", "inner attribute"),
        ("{ symbiont_codec::pack(&n) }", "`symbiont_codec`"),
        ("{ let é = 1; }", "`é`"),
        ("{ m!(\u2028) }", "not ASCII"),
        ('{ "open }', "string or comment open"),
        ('{ "\u202e" }', "U+202E, which changes the direction of text"),
        ("{ // \u2066\n }", "U+2066"),
        ("{ m!(" + "[" * 63 + "]" * 63 + ") }", "nests brackets more than 64 deep"),
    ],
)
def test_what_is_refused_is_named(body: str, named: str) -> None:
    assert named in refusal(body)


def test_reasons_say_what_to_do() -> None:
    assert refusal("{ unsafe {} }") == (
        "line 1 of the body of `f` uses `unsafe`, which is not allowed here; write it in safe Rust"
    )


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        ("{ static X: u8 = 1; }", "static"),
        ('{ env!("HOME") }', "env!"),
        ("{ #[repr(u8)] enum E { A } }", "#[repr]"),
    ],
)
def test_a_project_can_allow_more(body: str, allowed: str) -> None:
    assert refusal(body)
    assert refusal(body, allowed) == ""


def test_size() -> None:
    assert refusal("{" + " " * (32 * 1024 - 2) + "}") == ""
    assert "32,769 bytes" in refusal("{" + " " * (32 * 1024 - 1) + "}")


def test_every_body_is_screened() -> None:
    with pytest.raises(Refused) as caught:
        screen(Candidate({"f": "{}", "g": "{ unsafe {} }"}))
    assert "body of `g`" in caught.value.reason
    assert str(caught.value) == caught.value.reason
