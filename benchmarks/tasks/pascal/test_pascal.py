from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

pascal = evolvable("pascal.rs::pascal")

CASES = [
    (0, [1]),
    (1, [1, 1]),
    (4, [1, 4, 6, 4, 1]),
    (5, [1, 5, 10, 10, 5, 1]),
    (60, [__import__("math").comb(60, k) for k in range(61)]),
]


@pytest.mark.evolve(pascal)
@pytest.mark.parametrize(("n", "expected"), CASES)
def test_pascal(n, expected):
    assert pascal(n) == expected
