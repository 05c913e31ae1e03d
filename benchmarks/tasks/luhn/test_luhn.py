from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

luhn = evolvable("luhn.rs::luhn")


@pytest.mark.evolve(luhn)
@pytest.mark.parametrize("number", ["059", "59", "055 444 285", "095 245 88", "4539 3195 0343 6467", "00"])
def test_valid(number):
    assert luhn(number)


@pytest.mark.evolve(luhn)
@pytest.mark.parametrize(
    "number", ["", "0", " 0", "1", "055 444 286", "059a", "055-444-285", "8273 1232 7352 0569"]
)
def test_invalid(number):
    assert not luhn(number)
