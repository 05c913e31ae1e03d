"""What `vmap` adds to the body: beside the same loop in Rust, and beside numpy where numpy has the function.

    python benchmarks/vmap.py [--quick]

The exit code is 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from _measure import Judge, interleaved, median, table

from pytest_symbiont import evolvable, vmap

if TYPE_CHECKING:
    from collections.abc import Callable

RUST = """\
pub fn surface(x: f64, y: f64) -> f64 {
    x * x - y
}

/// The same for all elements, by a call that cannot be inlined.
pub fn surfaces(xs: &[f64], ys: &[f64], results: &mut [f64]) {
    let surface: fn(f64, f64) -> f64 = std::hint::black_box(surface);
    for ((result, x), y) in results.iter_mut().zip(xs).zip(ys) {
        *result = surface(*x, *y);
    }
}
"""
COUNT = 100_000


def main() -> int:
    parser = argparse.ArgumentParser(description="What vmap adds to the body, side by side.")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    rounds = 20 if parser.parse_args().quick else 100
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "surface.rs"
        path.write_text(RUST, "utf-8")
        surface, surfaces = (evolvable(f"{path}::{name}") for name in ("surface", "surfaces"))
        xs, ys = np.random.default_rng(7).random((2, COUNT))
        results = np.zeros(COUNT)
        one_by_one = 1000

        def timed(action: Callable[[], object], elements: int = COUNT) -> Callable[[], float]:
            def measured() -> float:
                began = time.perf_counter()
                action()
                return (time.perf_counter() - began) / elements

            action()
            return measured

        found = interleaved(
            {
                "vmap": timed(lambda: vmap(surface, xs, ys)),
                "a loop in Rust": timed(lambda: surfaces(xs, ys, results)),
                "numpy": timed(lambda: xs * xs - ys),
                "a loop in Python": timed(
                    lambda: [surface(x, y) for x, y in zip(xs[:one_by_one], ys[:one_by_one], strict=True)],
                    one_by_one,
                ),
            },
            rounds,
        )
    per_element = {name: median(values) * 1e9 for name, values in found.items()}
    native = per_element["a loop in Rust"]
    table(
        ("", "ns an element", "ratio"),
        [(name, f"{value:.2f}", f"{value / native:.2f} x") for name, value in per_element.items()],
    )
    judge = Judge()
    judge.at_most("vmap above the loop in Rust", per_element["vmap"] - native, 2, "ns an element")
    return bool(judge.missed)


if __name__ == "__main__":
    sys.exit(main())
