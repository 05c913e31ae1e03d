"""Bodies that know nothing are called that."""

from __future__ import annotations

import pytest
from adding import FILES
from example import NewExample, rust

from pytest_symbiont.evolution.trivial import trivial
from pytest_symbiont.source import parse

[F] = parse.functions("fn f(xs: &[i64], n: i64) -> i64 { 0 }")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("{}", "does nothing"),
        ("{\n    0\n}", "is the constant `0`"),
        ("{ return -1; }", "is the constant `-1`"),
        ("{ 1.5e-3 }", "is the constant `1.5e-3`"),
        ("{ Default::default() }", "is the constant `Default::default()`"),
        ("{ Vec::<u8>::new() }", "is the constant `Vec::<u8>::new()`"),
        ('{ "x".to_string() }', 'is the constant `"x".to_string()`'),
        ("{ n }", "hands `n` back"),
        ("{ xs.to_vec() }", "hands `xs` back"),
        ("{ n + 1 }", ""),
        ("{ m }", ""),
        ("{ xs.len() }", ""),
        ("{ let n = 1; n }", ""),
    ],
)
def test_what_a_body_is(body: str, what: str) -> None:
    assert trivial(body, F) == what


def test_a_trivial_winner_is_doubted(example: NewExample) -> None:
    tests = FILES["test_add.py"].replace("add(20, 22) == 42", "add(42, 0) == 42")
    ran = example({**FILES, "test_add.py": tests}).run(
        "--evolve", answers=[rust("pub fn add(a: i64, b: i64) -> i64 { a }")], changed={"add.rs": ...}
    )
    assert "warning: the green body of `add` hands `a` back: do the tests say enough?" in ran.out
