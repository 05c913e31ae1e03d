"""Every example suite can be solved, and not by cheating.

`references/NAME.rs` is an answer of ours that no model is ever shown. Each suite is evolved with bodies that
would get by where a suite proves too little (constants, echoes), all of which it must refuse, and then with
that answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from example import rust
from recorded import SUITES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample


REFERENCES = Path(__file__).parent / "references"
NAMES = sorted(path.stem for path in REFERENCES.glob("*.rs"))

SLIDE = """
fn slide(xs: &mut [f64]) {
    for j in (1..xs.len()).rev() {
        if xs[j] < xs[j - 1] {
            xs.swap(j, j - 1);
        }
    }
}
"""

CHEATS: Mapping[str, list[str]] = {
    "multi": [
        "fn encode(data: &[u8]) -> Vec<u8> { data.to_vec() } fn decode(x: &[u8]) -> Vec<u8> { x.to_vec() }",
        "fn encode(_: &[u8]) -> Vec<u8> { vec![] } fn decode(_: &[u8]) -> Vec<u8> { vec![] }",
    ],
    "primes": [
        "fn primes(limit: usize) -> Vec<usize> { (2..=limit).collect() }",
        "fn primes(limit: usize) -> Vec<usize> { (2..=limit).filter(|n| n % 2 > 0 || *n == 2).collect() }",
        "fn primes(_: usize) -> Vec<usize> { vec![] }",
    ],
    "quantize": [
        "fn quantize(values: &[f64]) -> Vec<f64> { values.to_vec() }",
        "fn quantize(values: &[f64]) -> Vec<f64> { vec![0.0; values.len()] }",
        "fn quantize(_: &[f64]) -> Vec<f64> { vec![] }",
        "fn quantize(values: &[f64]) -> Vec<f64> { vec![f64::NAN; values.len()] }",
    ],
    "rastrigin": [
        "fn surface(_: f64, _: f64) -> f64 { 33.3 }",
        "fn surface(x: f64, y: f64) -> f64 { x * x + y * y }",
        "fn surface(x: f64, y: f64) -> f64 { f64::NAN }",
    ],
    "sorting": [
        "fn sort(_: &mut [f64]) {}",
        "fn sort(xs: &mut [f64]) { xs.fill(0.0); }",
        "fn sort(xs: &mut [f64]) { xs.sort_unstable_by(|a, b| a.total_cmp(b)); }",
        "fn sort(xs: &mut [f64]) { if xs.len() < 9 { for j in 1..xs.len() { slide(&mut xs[..=j]); } } }"
        + SLIDE,
    ],
    "tictactoe": [
        "fn choose_move(_: &[u8], _: u8) -> usize { 4 }",
        "fn choose_move(board: &[u8], _: u8) -> usize { board.iter().position(|f| *f == 0).unwrap() }",
        "fn choose_move(_: &[u8], _: u8) -> usize { 9 }",
    ],
    "tool_calling": [
        "fn shows(n: i64) -> i64 { n }",
        "fn shows(_: i64) -> i64 { 7 }",
        "fn shows(n: i64) -> i64 { 3 * n.max(0) + 7 }",
    ],
    "trader": [
        "fn position(_: &[f64]) -> f64 { 0.0 }",
        "fn position(_: &[f64]) -> f64 { 1.0 }",
        "fn position(_: &[f64]) -> f64 { -1.0 }",
        "fn position(closes: &[f64]) -> f64 { closes[closes.len() - 1] }",
        "fn position(closes: &[f64]) -> f64 { if closes[59] > closes[58] { 1.0 } else { -1.0 } }",
    ],
}


def files_of(name: str) -> dict[str, bytes]:
    paths = (SUITES / name).iterdir()
    return {path.name: path.read_bytes() for path in paths if path.suffix in {".py", ".rs"}}


def test_every_suite_with_cheats_has_a_reference() -> None:
    assert sorted(CHEATS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_cheats_lose_and_the_reference_wins(example: NewExample, name: str) -> None:
    answers = [*map(rust, CHEATS[name]), rust((REFERENCES / f"{name}.rs").read_text("utf-8"))]
    files = files_of(name)
    source = next(file for file in files if file.endswith(".rs") and file != "yardsticks.rs")
    suite = example(files)
    ran = suite.run("--evolve", f"--evolve-rounds={len(answers)}", answers=answers, changed={source: ...})
    assert f"green after {len(answers)} rounds" in ran.out
