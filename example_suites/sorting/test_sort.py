import pytest

from pytest_symbiont import active, evolvable

sort = evolvable("sort.rs::sort")

pytestmark = pytest.mark.evolve(sort)


@pytest.mark.parametrize(
    "xs", [[], [1.0], [2.0, 1.0], [3.0, -1.0, 2.0, -0.5], [1.0, 1.0, 0.0, 1.0], [5.0, 1e300, -1e300]]
)
def test_sorts(xs):
    expected = sorted(xs)
    sort(xs)
    assert xs == expected


def test_does_the_work_itself(borrowed):
    assert borrowed(active(sort).text) == []
