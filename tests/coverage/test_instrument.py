"""Counters in a Rust text: where they stand, and that nothing else changes."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.source.instrument import instrument

if TYPE_CHECKING:
    from example import NewExample

MODULE = "crate::__symbiont_lines::reach"


def lines(text: str) -> list[int]:
    counting = instrument(dedent(text).strip())
    assert counting is not None
    return sorted(set(counting.lines))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fn f() {}", []),
        ("fn f() -> u8 { 1 }", [1]),
        ("fn f() {\n    let x = 1;\n\n    // no\n    drop(x)\n}", [2, 5]),
        ("fn f() {\n    #[allow(unused)]\n    let x = 1;\n}", [3]),
        ("fn f() {\n  match x {\n  0 => 1,\n  _ => {\n  2\n  }\n  }\n}", [2, 3, 5]),
        ("fn f() {\n    ok(\n        1,\n    );\n}", [2]),
        ("fn f() {\n    run(|x| x + 1);\n    run(|x|\n        x + 1);\n}", [2, 3, 4]),
        ("fn f() {\n    const N: u8 = {\n        1\n    };\n    let a = [0; {\n        2\n    }];\n}", [5]),
        ("const fn f() -> u8 {\n    1\n}", []),
        ("#[cfg(test)]\nmod t {\n    fn f() {\n        g()\n    }\n}", []),
        ("mod m {\n  fn f() {\n    g()\n  }\n}\nimpl A {\n  fn g(&self) {\n    h()\n  }\n}", [3, 8]),
        ("fn f() {\n    fn g() {\n        h()\n    }\n    g()\n}", [3, 5]),
        ("fn f() {\n    #[cfg(no)]\n    g();\n    h();\n}", [4]),
        ("macro_rules! m {\n    () => {{\n        f()\n    }};\n}\nfn g() {\n    m!()\n}", [7]),
    ],
)  # fmt: skip
def test_lines(text: str, expected: list[int]) -> None:
    assert lines(text) == expected


def test_what_does_not_parse_has_no_counters() -> None:
    assert instrument("fn f( {") is None


def test_without_the_counters_the_text_is_as_it_was() -> None:
    text = "pub fn f(x: u8) -> u8 {\n    if x > 1 { return 2 } // é\n    x + 1\n}\n"
    counting = instrument(text)
    assert counting is not None
    changed = counting.text
    for number in range(len(counting.lines)):
        changed = changed.replace(f"{MODULE}({number});", "")
    assert changed.startswith(text)


PANICS = """
pub fn first(values: &[i64]) -> i64 {
    let n = values.len();
    match n {
        0 => panic!("none"),
        1 => if values[0] > 0 { 1 } else { values[n] },
        _ => values.iter().map(|value|
            if *value > 1 { value.checked_mul(4).expect("too large") } else { 0 } + 1).sum(),
    }
}
"""
ASKS = """
import pytest
from pytest_symbiont import evolvable, RustPanic

first = evolvable("first.rs::first")

@pytest.mark.parametrize(("values", "expected"), [
    ([], 4), ([1], 1), ([-1], 5), ([1, 2], 10), ([2**62, 1], 7),
])
def test_lines_of_panics(values, expected):
    try:
        got = first(values)
    except RustPanic as panic:
        got = panic.line
    assert got == expected
"""


def test_panics_keep_their_lines(example: NewExample) -> None:
    pytest.importorskip("pytest_cov")
    suite = example({"first.rs": PANICS, "test_first.py": ASKS})
    suite.run(outcomes={"passed": 5})
    suite.run("--cov=.", outcomes={"passed": 5}, changed={".coverage": ...}, subprocess=True)


REFUSING = """
#[deny(unused_parens)]
pub fn one(x: Option<u8>) -> u8 {
    x.map(|x|
        x + 1).unwrap_or(1)
}
"""
ASKS_ONE = """
from pytest_symbiont import evolvable

one = evolvable("one.rs::one")

def test_one():
    assert one(3) == 4
"""


def test_what_rustc_refuses_with_counters_runs_without(example: NewExample) -> None:
    """`deny` in a file is for its author, who did not write the counters."""
    pytest.importorskip("pytest_cov")
    suite = example({"one.rs": REFUSING, "test_one.py": ASKS_ONE})
    ran = suite.run("--cov=.", outcomes={"passed": 1}, changed={".coverage": ...}, subprocess=True)
    assert "test_one.py " in ran.out
    assert "one.rs " not in ran.out


def test_errors_are_those_of_the_text_itself(example: NewExample) -> None:
    pytest.importorskip("pytest_cov")
    suite = example({"one.rs": "pub fn one(x: u8) -> u8 {\n    drop(x);\n}\n", "test_one.py": ASKS_ONE})
    ran = suite.run("--cov=.", code=1, changed={".coverage": ...}, subprocess=True)
    assert "one.rs:1:22" in ran.out
    assert MODULE not in ran.out
