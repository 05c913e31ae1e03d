import pytest

from pytest_symbiont import evolvable

fizzbuzz = evolvable("fizzbuzz.rs::fizzbuzz")

CODES_FROM_1_TO_30 = [
    *(0, 0, 1, 0, 2, 1, 0, 0, 1, 2, 0, 1, 0, 0, 3),
    *(0, 0, 1, 0, 2, 1, 0, 0, 1, 2, 0, 1, 0, 0, 3),
]


@pytest.mark.evolve
@pytest.mark.parametrize(("n", "code"), list(enumerate(CODES_FROM_1_TO_30, start=1)))
def test_fizzbuzz(n, code):
    assert fizzbuzz(n) == code
