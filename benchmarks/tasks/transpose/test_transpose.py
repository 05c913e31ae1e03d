from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

transpose = evolvable("transpose.rs::transpose")

CASES = [
    ("", ""),
    ("ABC", "A\nB\nC"),
    ("A\nB", "AB"),
    ("ABC\nDEF", "AD\nBE\nCF"),
    ("A\nBCD", "AB\n C\n D"),
    ("ABC\nD", "AD\nB\nC"),
]


@pytest.mark.evolve(transpose)
@pytest.mark.parametrize(("text", "expected"), CASES)
def test_transpose(text, expected):
    assert transpose(text) == expected
