from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

median = evolvable("median.rs::median")

CASES = [
    ([], None),
    ([3.0], 3.0),
    ([3.0, 1.0], 2.0),
    ([5.0, 1.0, 3.0], 3.0),
    ([4.0, -1.0, 2.0, 10.0], 3.0),
    ([1.0, 1.0, 1.0, 9.0], 1.0),
]


@pytest.mark.evolve(median)
@pytest.mark.parametrize(("xs", "expected"), CASES)
def test_median(xs, expected):
    assert median(xs) == expected
