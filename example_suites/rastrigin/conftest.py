"""The surface that is to be found. Models read test files, not this one: they get heights, and no formula."""

from __future__ import annotations

import hashlib
import math
import random
import struct
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

A = 10.0
SIDE = 100
EDGE = 5.0
SAMPLES = 50
WORST = 10

Point = tuple[float, float]


class Ground:
    """The true heights, and where they are looked at."""

    def __init__(self) -> None:
        steps = [-EDGE + 2 * EDGE * step / (SIDE - 1) for step in range(SIDE)]
        self.grid: list[Point] = [(x, y) for x in steps for y in steps]
        self.between = self.drawn(random.Random("between"), 500)

    def height(self, x: float, y: float) -> float:
        return 2 * A + sum(v * v - A * math.cos(2 * math.pi * v) for v in (x, y))

    def drawn(self, dice: random.Random, number: int) -> list[Point]:
        """Points that are written exactly with two digits."""
        return [
            (round(dice.uniform(-EDGE, EDGE), 2), round(dice.uniform(-EDGE, EDGE), 2)) for _ in range(number)
        ]

    def compare(self, heights: Sequence[float]) -> tuple[float, str]:
        """The mean squared error of heights on the grid, and what the model is told of it.

        The samples are drawn by what the heights are: a body that does something else gets to see other
        points, and the same body the same ones, so that a recording leads the same way again.
        """
        errors = [
            (abs(self.height(*point) - height), point, height)
            for point, height in zip(self.grid, heights, strict=True)
        ]
        mean = sum(error * error for error, _, _ in errors) / len(errors)
        dice = random.Random(hashlib.sha256(struct.pack(f"<{len(heights)}d", *heights)).digest())
        samples = [f"({x}, {y}): {self.height(x, y):.3f}" for x, y in self.drawn(dice, SAMPLES)]
        # What is no number is as wrong as can be.
        worst = sorted(errors, key=lambda error: error[0] if error[0] >= 0 else math.inf, reverse=True)[
            :WORST
        ]
        lines = [
            "The true height at some (x, y):",
            *(", ".join(samples[at : at + 5]) for at in range(0, len(samples), 5)),
            "Where the error is largest:",
            *(
                f"surface({x:.4f}, {y:.4f}) must return {self.height(x, y):.4f}, not {height:.6g}"
                for _, (x, y), height in worst
            ),
        ]
        return mean, "\n".join(lines)


@pytest.fixture(scope="session")
def ground() -> Ground:
    return Ground()
