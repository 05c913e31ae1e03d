from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

rotate = evolvable("rotate.rs::rotate")


@pytest.mark.evolve(rotate)
@pytest.mark.parametrize(
    ("xs", "k", "rotated"),
    [
        ([], 3, []),
        ([1], -1, [1]),
        ([1, 2, 3], 0, [1, 2, 3]),
        ([1, 2, 3], 1, [3, 1, 2]),
        ([1, 2, 3], -1, [2, 3, 1]),
        ([1, 2, 3], 7, [3, 1, 2]),
        ([1, 2, 3, 4], -(2**63), [1, 2, 3, 4]),
    ],
)
def test_rotated(xs, k, rotated):
    rotate(xs, k)
    assert xs == rotated
