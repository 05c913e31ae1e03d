from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

spiral = evolvable("spiral.rs::spiral")


@pytest.mark.evolve(spiral)
@pytest.mark.parametrize(
    ("matrix", "order"),
    [
        ([], []),
        ([[7]], [7]),
        ([[1, 2, 3]], [1, 2, 3]),
        ([[1], [2], [3]], [1, 2, 3]),
        ([[1, 2], [4, 3]], [1, 2, 3, 4]),
        ([[1, 2, 3], [8, 9, 4], [7, 6, 5]], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ([[1, 2, 3, 4], [10, 11, 12, 5], [9, 8, 7, 6]], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    ],
)
def test_order(matrix, order):
    assert spiral(matrix) == order
