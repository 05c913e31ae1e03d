"""Bodies that would rather be called good than be it: none of them wins by its metric."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from example import rust

if TYPE_CHECKING:
    from example import NewExample

SUITE = {
    "half.rs": "/// Half of `n`.\npub fn half(n: u32) -> f64 {\n    todo!()\n}\n",
    "test_half.py": """
        import pytest
        from pytest_symbiont import evolvable

        half = evolvable("half.rs::half")

        @pytest.mark.evolve(half)
        def test_half(evolve_metric):
            assert half(4) == 2.0
            evolve_metric.minimize("ns", sum(half(n) for n in (1, 2, 3)))

        @pytest.mark.evolve(half, holdout=True)
        def test_others():
            assert half(9) == 4.5
        """,
}
# Each knows what is asserted, and not what is right.
CHEATS = {
    "NaN beats nothing": "if n == 4 { 2.0 } else { f64::NAN }",
    "infinitely little": "if n == 4 { 2.0 } else { f64::NEG_INFINITY }",
    "less than no time": "if n == 4 { 2.0 } else { -1.0 }",
    "known inputs": "match n { 4 => 2.0, _ => 0.0 }",
    "a cache between calls": "static LAST: std::sync::Mutex<u32> = std::sync::Mutex::new(0); n as f64 / 2.0",
    "asleep before the clock": "std::thread::sleep(std::time::Duration::from_millis(9)); n as f64 / 2.0",
}
BOASTING = 'println!("evolve_metric:ns 0.0"); n as f64 / 2.0'


def test_cheats_do_not_win(example: NewExample) -> None:
    one = example(SUITE)
    bodies = [*CHEATS.values(), BOASTING]
    ran = one.run(
        "--evolve", "--evolve-strategy=best-of-n", "--evolve-trace=t.jsonl",
        answers=[rust(f"pub fn half(n: u32) -> f64 {{ {body} }}") for body in bodies],
        changed={"half.rs": ..., "t.jsonl": ...},
    )  # fmt: skip
    told = [json.loads(line) for line in one.read("t.jsonl").splitlines()]
    attempts = [line for line in told if line["event"] == "attempt"]
    assert [line["step"] for line in attempts] == [
        "tests fail", "tests fail", "tests fail", "tests fail", "refused", "does not compile", "",
    ]  # fmt: skip
    messages = [line["verdict"]["tests"][0]["message"] for line in attempts[:3]]
    for message, problem in zip(
        messages, ("nan is no result", "-inf is no result", "a time of -"), strict=True
    ):
        assert problem in message
    known = {test["nodeid"].split("::")[1]: test for test in attempts[3]["verdict"]["tests"]}
    assert known["test_half"]["metrics"][0]["value"] == 0.0
    assert known["test_others"]["status"] == "failed"
    # What a body prints is no report: it has the metric that was measured of it.
    [metric] = attempts[-1]["verdict"]["tests"][0]["metrics"]
    assert metric["value"] == 3.0
    assert "green after 7 rounds" in ran.summary
