"""What is quantized: values from a Laplace distribution around 0 with scale 1, whose variance is 2."""

from __future__ import annotations

import math
import random

import pytest

NUMBER = 10_000


def laplacian(seed: int) -> list[float]:
    """By inversion: -sign(u) * ln(1 - 2|u|) for u uniform from -1/2 to 1/2."""
    dice = random.Random(seed)
    drawn = [dice.random() - 0.5 for _ in range(NUMBER)]
    return [-math.copysign(math.log(1 - 2 * abs(u)), u) for u in drawn]


@pytest.fixture(scope="session")
def values() -> list[float]:
    return laplacian(seed=0)


@pytest.fixture(scope="session")
def other_values() -> list[float]:
    return laplacian(seed=1)
