from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

armstrong = evolvable("armstrong.rs::armstrong")

CASES = [
    (0, True),
    (5, True),
    (10, False),
    (153, True),
    (100, False),
    (9474, True),
    (9475, False),
    (9926315, True),
    (115132219018763992, False),
]


@pytest.mark.evolve(armstrong)
@pytest.mark.parametrize(("n", "expected"), CASES)
def test_armstrong(n, expected):
    assert armstrong(n) == expected
