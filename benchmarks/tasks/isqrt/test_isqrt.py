from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_symbiont import evolvable

isqrt = evolvable("isqrt.rs::isqrt")


@pytest.mark.evolve(isqrt)
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 8, 9, 15, 16, 2**32, 2**63, 2**64 - 1, (2**32 - 1) ** 2 - 1])
def test_root(n):
    assert isqrt(n) == math.isqrt(n)


@pytest.mark.evolve(isqrt)
@given(st.integers(0, 2**64 - 1))
def test_any(n):
    assert isqrt(n) == math.isqrt(n)
