from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

acronym = evolvable("acronym.rs::acronym")

CASES = [
    ("Portable Network Graphics", "PNG"),
    ("First-in, First-out", "FIFO"),
    ("complementary metal-oxide semiconductor", "CMOS"),
    ("  two  spaces ", "TS"),
    ("", ""),
    ("Something - I made up", "SIMU"),
]


@pytest.mark.evolve(acronym)
@pytest.mark.parametrize(("phrase", "expected"), CASES)
def test_acronym(phrase, expected):
    assert acronym(phrase) == expected
