from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

binary_search = evolvable("binary_search.rs::binary_search")

CASES = [
    ([], 1, 0),
    ([1], 1, 0),
    ([1], 2, 1),
    ([1, 3, 5], 4, 2),
    ([2, 2, 2], 2, 0),
    ([1, 2, 2, 3], 3, 3),
    (list(range(1000)), 777, 777),
    ([-5, 0, 5], -9, 0),
]


@pytest.mark.evolve(binary_search)
@pytest.mark.parametrize(("xs", "wanted", "expected"), CASES)
def test_binary_search(xs, wanted, expected):
    assert binary_search(xs, wanted) == expected
