from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

pig = evolvable("pig.rs::pig")

CASES = [
    ("apple", "appleay"),
    ("pig", "igpay"),
    ("quick fast run", "uickqay astfay unray"),
    ("rhythm", "rhythmay"),
    ("", ""),
    ("chair", "airchay"),
]


@pytest.mark.evolve(pig)
@pytest.mark.parametrize(("words", "expected"), CASES)
def test_pig(words, expected):
    assert pig(words) == expected
