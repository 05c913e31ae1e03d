from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

sieve = evolvable("sieve.rs::sieve")

CASES = [
    (0, []),
    (2, []),
    (3, [2]),
    (20, [2, 3, 5, 7, 11, 13, 17, 19]),
    (30, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]),
]


@pytest.mark.evolve(sieve)
@pytest.mark.parametrize(("limit", "expected"), CASES)
def test_sieve(limit, expected):
    assert sieve(limit) == expected
