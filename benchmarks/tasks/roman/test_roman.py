from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

roman = evolvable("roman.rs::roman")


@pytest.mark.evolve(roman)
@pytest.mark.parametrize(
    ("n", "numeral"),
    [
        (1, "I"),
        (4, "IV"),
        (9, "IX"),
        (14, "XIV"),
        (40, "XL"),
        (90, "XC"),
        (400, "CD"),
        (1994, "MCMXCIV"),
        (3999, "MMMCMXCIX"),
    ],
)
def test_numeral(n, numeral):
    assert roman(n) == numeral
