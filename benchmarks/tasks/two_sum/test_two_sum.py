from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

two_sum = evolvable("two_sum.rs::two_sum")

CASES = [
    ([], 0, None),
    ([2, 7, 11, 15], 9, (0, 1)),
    ([3, 3], 6, (0, 1)),
    ([1, 2, 3, 4], 5, (1, 2)),
    ([5], 10, None),
    ([0, 4, 3, 0], 0, (0, 3)),
    ([9223372036854775807, 1, -1], 0, (1, 2)),
]


@pytest.mark.evolve(two_sum)
@pytest.mark.parametrize(("xs", "total", "expected"), CASES)
def test_two_sum(xs, total, expected):
    assert two_sum(xs, total) == expected
