from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

pangram = evolvable("pangram.rs::pangram")

CASES = [
    ("The quick brown fox jumps over the lazy dog", ""),
    ("", "abcdefghijklmnopqrstuvwxyz"),
    ("the quick brown fox", "adgjlmpsvyz"),
    ("\u00e4bc", "adefghijklmnopqrstuvwxyz"),
    ("A", "bcdefghijklmnopqrstuvwxyz"),
]


@pytest.mark.evolve(pangram)
@pytest.mark.parametrize(("text", "expected"), CASES)
def test_pangram(text, expected):
    assert pangram(text) == expected
