from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

balanced_ternary = evolvable("balanced_ternary.rs::balanced_ternary")

CASES = [
    (0, "0"),
    (1, "+"),
    (2, "+-"),
    (3, "+0"),
    (5, "+--"),
    (-1, "-"),
    (-5, "-++"),
    (13, "+++"),
    (14, "+---"),
]


@pytest.mark.evolve(balanced_ternary)
@pytest.mark.parametrize(("n", "expected"), CASES)
def test_balanced_ternary(n, expected):
    assert balanced_ternary(n) == expected
