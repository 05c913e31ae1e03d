from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

rotated = evolvable("rotated.rs::rotated")

CASES = [
    ("abcd", "cdab", True),
    ("abcd", "acbd", False),
    ("", "", True),
    ("a", "", False),
    ("aab", "aba", True),
    ("ab", "abab", False),
    ("\u00e9a", "a\u00e9", True),
]


@pytest.mark.evolve(rotated)
@pytest.mark.parametrize(("text", "other", "expected"), CASES)
def test_rotated(text, other, expected):
    assert rotated(text, other) == expected
