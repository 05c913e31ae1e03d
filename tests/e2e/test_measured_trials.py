"""`vmap` and `measure` in a suite: in the worker during trials, and in the run for the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from example import rust

if TYPE_CHECKING:
    from example import NewExample

FILE = "/// The square.\npub fn square(x: f64) -> f64 {\n    todo!()\n}\n"
TESTS = """
import numpy as np
import pytest
from pytest_symbiont import Measurement, evolvable, measure, vmap

square = evolvable("square.rs::square")


@pytest.mark.evolve(square)
def test_squares(evolve_metric):
    xs = np.arange(4.0)
    assert vmap(square, xs).tolist() == [0, 1, 4, 9]
    took = measure(square, 3.0, samples=3)
    assert type(took) is Measurement
    evolve_metric.minimize("ns", took)
"""


def answer(body: str) -> str:
    return rust(f"pub fn square(x: f64) -> f64 {{ {body} }}")


def test_a_trial_maps_and_measures(example: NewExample) -> None:
    """What goes wrong in them is told as of any call, and a hang is one."""
    square = example({"square.rs": FILE, "test_square.py": TESTS})
    ran = square.run(
        "--evolve", "--evolve-timeout=0.5",
        answers=[
            answer('if x == 2.0 { panic!("two") } x * x'),
            answer("while x == 2.0 {} x * x"),
            answer("fn deep(x: f64) -> f64 { std::hint::black_box(deep(x)) + x } deep(x)"),
            answer("x * x"),
        ],
        outcomes={"passed": 1}, changed={"square.rs": FILE.replace("todo!()", "x * x")},
    )  # fmt: skip
    assert "two (element 2)" in ran.last_message(1)
    assert "no answer in 0.5 s while `vmap(square, ...)` ran" in ran.out
    assert "stack overflow (endless recursion?) while `vmap(square, ...)` ran" in ran.out


def test_strict_has_them_in_the_worker_too(example: NewExample) -> None:
    square = example({"square.rs": FILE.replace("todo!()", "x * x"), "test_square.py": TESTS})
    square.run(
        *("--evolve-again", "--evolve-isolation=strict"),
        answers=[answer("x * x")],
        outcomes={"passed": 1},
        changed={"symbiont.lock": ...},
    )
