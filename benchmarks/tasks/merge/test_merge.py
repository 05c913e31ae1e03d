from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

merge = evolvable("merge.rs::merge")


@pytest.mark.evolve(merge)
@pytest.mark.parametrize(
    ("intervals", "union"),
    [
        ([], []),
        ([(1, 2)], [(1, 2)]),
        ([(3, 4), (1, 2)], [(1, 2), (3, 4)]),
        ([(1, 5), (2, 3)], [(1, 5)]),
        ([(1, 2), (2, 3)], [(1, 3)]),
        ([(5, 1), (0, 0)], [(0, 0)]),
        ([(-5, -1), (-3, 2), (4, 9), (8, 10)], [(-5, 2), (4, 10)]),
    ],
)
def test_union(intervals, union):
    assert merge(intervals) == union
