"""pytest-randomly: the order of its seed, and the same random numbers in every run of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from example import NewExample

TESTS = """
import random

@pytest.mark.parametrize("n", range(5))
def test_adds(n):
    drawn = random.randrange(1_000_000)
    print("drawn for", n, "is", drawn)
    assert add(drawn, n) == drawn + n

class TestLater:
    def test_zero(self):
        assert add(0, 0) == 0

    def test_one(self):
        assert add(0, 1) == 1
"""


def test_order_and_numbers_are_those_of_the_seed(example: NewExample) -> None:
    args = ("-p", "no:cacheprovider", "--randomly-seed=7", "-v", "-rP")
    pair = evolved_and_plain(example, of_add(TESTS), *args, plugins=["pytest_randomly"])
    order = pair.same(lambda side: side.lines(r"^test_add\.py::(\S+) (PASSED)"))
    assert len(order) == 7
    assert order != sorted(order)
    assert len(pair.same(lambda side: side.lines(r"^(drawn for .*)"))) == 5
    assert pair.same(lambda side: side.lines("^(Using --randomly-seed=7)$"))
