import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_symbiont import evolvable

# Not on disk yet: this function is declared here, and write-back makes the file.
gcd = evolvable("fn gcd(a: u64, b: u64) -> u64", file="gcd.rs")

numbers = st.integers(min_value=0, max_value=2**64 - 1)

pytestmark = pytest.mark.evolve(gcd)


@given(numbers, numbers)
def test_divides_both(a, b):
    divisor = gcd(a, b)
    assert divisor == 0 or (a % divisor == 0 and b % divisor == 0)


@given(numbers, numbers, st.integers(1, 2**16))
def test_is_the_greatest(a, b, factor):
    a, b = a % 2**40 * factor, b % 2**40 * factor
    assert gcd(a, b) == math.gcd(a, b)


@given(numbers)
def test_of_a_number_and_zero_is_the_number(a):
    assert gcd(a, 0) == a
    assert gcd(0, a) == a


@given(numbers, numbers)
def test_order_does_not_matter(a, b):
    assert gcd(a, b) == gcd(b, a)
