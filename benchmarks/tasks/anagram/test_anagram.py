from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

anagram = evolvable("anagram.rs::anagram")

CASES = [
    ("listen", ["enlists", "google", "inlets", "silent"], ["inlets", "silent"]),
    ("Orchestra", ["cashregister", "Carthorse", "radishes"], ["Carthorse"]),
    ("BANANA", ["banana", "Banana"], []),
    ("tapper", ["patter"], []),
    ("a", [], []),
    ("nose", ["Eons", "ONES"], ["Eons", "ONES"]),
]


@pytest.mark.evolve(anagram)
@pytest.mark.parametrize(("word", "candidates", "expected"), CASES)
def test_anagram(word, candidates, expected):
    assert anagram(word, candidates) == expected
