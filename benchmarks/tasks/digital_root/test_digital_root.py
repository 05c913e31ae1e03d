from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

digital_root = evolvable("digital_root.rs::digital_root")

CASES = [
    (0, (0, 0)),
    (7, (7, 0)),
    (10, (1, 1)),
    (38, (2, 2)),
    (199, (1, 3)),
    (18446744073709551615, (6, 3)),
    (99, (9, 2)),
]


@pytest.mark.evolve(digital_root)
@pytest.mark.parametrize(("n", "expected"), CASES)
def test_digital_root(n, expected):
    assert digital_root(n) == expected
