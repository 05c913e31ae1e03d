"""What of the real std a candidate may not name, however it is written."""

from __future__ import annotations

import pytest

from pytest_symbiont.source import _lex
from pytest_symbiont.source.doors import shut


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('std::fs::read("x")', "std::fs"),
        ('::std::fs::read("x")', "std::fs"),
        ("r#std::r#fs::read(p)", "std::fs"),
        ("use std::fs; 0", "std::fs"),
        ("use std::{collections::HashMap, fs}; 0", "std::fs"),
        ("use std::{fs::{self, File}, fmt}; 0", "std::fs"),
        ("use core::{alloc}; 0", "core::alloc"),
        ("std::process::exit(0)", "std::process"),
        ("std :: thread :: sleep(d)", "std::thread"),
        ("std::time::Instant::now()", "std::time::Instant"),
        ("use std::{time::{Duration, Instant}}; 0", "std::time::Instant"),
        ("use std::time::SystemTime as S; 0", "std::time::SystemTime"),
        ("vec![std::env::args().count()]", "std::env"),
    ],
)
def test_what_reaches_outside_is_refused(text: str, named: str) -> None:
    [(_, cause)] = shut(_lex.code(text.encode()), frozenset())
    assert cause.startswith(f"uses `{named}`, which is not allowed here; the result may depend on")


@pytest.mark.parametrize(
    "text", ["use std as s; 0", "use ::std as s; 0", "use std::*; 0", "use std::{fmt, *}; 0"]
)
def test_what_hides_it_is_refused(text: str) -> None:
    [(_, cause)] = shut(_lex.code(text.encode()), frozenset())
    assert cause.endswith("which is not allowed here; name what it is about")


@pytest.mark.parametrize(
    "text",
    [
        "std::collections::HashMap::<u8, u8>::new().len()",
        "use std::{fmt, collections::{BTreeMap, HashMap}}; 0",
        "use std::collections::*; 0",
        "crate::core::fs(1) + crate::std::fs::x()",
        "fs::read(1); let std = 1; std + x.std",
        "std::time::Duration::from_secs(1).as_secs()",
        '"std::fs" /* std::fs */',
        "std::mem::swap(&mut a, &mut fs)",
    ],
)
def test_what_does_not_is_let_through(text: str) -> None:
    assert list(shut(_lex.code(text.encode()), frozenset())) == []


def test_a_project_opens_what_it_needs() -> None:
    code = _lex.code(b"use std::{io::Read, time::Instant}; 0")
    assert len(list(shut(code, frozenset()))) == 2
    assert list(shut(code, frozenset({"io", "time"}))) == []
