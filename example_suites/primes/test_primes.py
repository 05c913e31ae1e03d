import time

import pytest

from pytest_symbiont import evolvable

primes = evolvable("primes.rs::primes")
count = evolvable("primes.rs::count")

pytestmark = pytest.mark.evolve(primes)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (0, []),
        (1, []),
        (2, [2]),
        (3, [2, 3]),
        (4, [2, 3]),
        (30, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]),
        (49, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]),
    ],
)
def test_small_limits(limit, expected):
    assert primes(limit) == expected


@pytest.mark.parametrize(("limit", "number"), [(100, 25), (1_000, 168), (10_007, 1_230), (65_536, 6_542)])
def test_how_many_there_are(limit, number):
    assert len(primes(limit)) == number


@pytest.mark.evolve(primes, profile="promotion")
def test_a_million(evolve_metric):
    def milliseconds() -> float:
        started = time.perf_counter()
        assert count(1_000_000) == 78_498
        return (time.perf_counter() - started) * 1_000

    evolve_metric.minimize("ms", milliseconds, repeats=9)
