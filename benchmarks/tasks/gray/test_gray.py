from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

gray = evolvable("gray.rs::gray")

CASES = [
    (0, [0]),
    (1, [0, 1]),
    (2, [0, 1, 3, 2]),
    (3, [0, 1, 3, 2, 6, 7, 5, 4]),
]


@pytest.mark.evolve(gray)
@pytest.mark.parametrize(("bits", "expected"), CASES)
def test_gray(bits, expected):
    assert gray(bits) == expected
