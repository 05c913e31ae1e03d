from array import array

import pytest

from pytest_symbiont import active, evolvable

sort = evolvable("sort.rs::sort")
sort_copies = evolvable("sort.rs::sort_copies")

pytestmark = pytest.mark.evolve(sort)


@pytest.mark.parametrize(
    "xs", [[], [1.0], [2.0, 1.0], [3.0, -1.0, 2.0, -0.5], [1.0, 1.0, 0.0, 1.0], [5.0, 1e300, -1e300]]
)
def test_sorts(xs):
    expected = sorted(xs)
    sort(xs)
    assert xs == expected


@pytest.mark.evolve(sort, profile="promotion")
def test_sorts_ten_thousand_of_every_kind(distributions):
    for values in distributions.values():
        xs = array("d", values)
        sort(xs)
        assert list(xs) == sorted(values)


def test_does_the_work_itself(borrowed):
    assert borrowed(active(sort).text) == []


@pytest.mark.evolve(sort, profile="promotion")
def test_is_fast(clock, evolve_metric):
    """Whole numbers of times, so that what is said of the same body does not change with the weather."""
    times = clock.times(sort_copies)
    for kind, bubble_sort in clock.bubble_sort.of.items():
        evolve_metric.maximize("times as fast as bubble sort", round(bubble_sort / times.of[kind]), case=kind)
    faster = round(clock.bubble_sort.median / times.median)
    evolve_metric.maximize("times as fast as bubble sort", faster, threshold=1_000, case="median of all")
    slower = round(times.median / clock.std_sort.median, 1)
    evolve_metric.minimize("times as long as the standard library", slower, threshold=1.3)
