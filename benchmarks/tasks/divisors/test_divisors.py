from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

divisors = evolvable("divisors.rs::divisors")

CASES = [
    (0, []),
    (1, [1]),
    (12, [1, 2, 3, 4, 6, 12]),
    (49, [1, 7, 49]),
    (97, [1, 97]),
    (1000000007, [1, 1000000007]),
    (36, [1, 2, 3, 4, 6, 9, 12, 18, 36]),
]


@pytest.mark.evolve(divisors)
@pytest.mark.parametrize(("n", "expected"), CASES)
def test_divisors(n, expected):
    assert divisors(n) == expected
