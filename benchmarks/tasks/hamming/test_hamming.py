from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

hamming = evolvable("hamming.rs::hamming")

CASES = [
    ("", "", 0),
    ("karolin", "kathrin", 3),
    ("a", "", None),
    ("\u00e9a", "ea", 1),
    ("ab", "ba", 2),
    ("abc", "abcd", None),
]


@pytest.mark.evolve(hamming)
@pytest.mark.parametrize(("one", "other", "expected"), CASES)
def test_hamming(one, other, expected):
    assert hamming(one, other) == expected
