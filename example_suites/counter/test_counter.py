import pytest

from pytest_symbiont import Mut, evolvable

step = evolvable("counter.rs::step")

pytestmark = pytest.mark.evolve(step)


def advance(start: int) -> int:
    counter = Mut(start)
    step(counter)
    return counter.value - start


def test_the_step_is_at_least_5():
    assert advance(0) >= 5


def test_the_step_is_at_most_20():
    assert advance(0) <= 20


@pytest.mark.parametrize("start", [1, 17, 1_000_000])
def test_the_step_is_the_same_everywhere(start):
    assert advance(start) == advance(0)


def test_steps_add_up():
    counter = Mut(0)
    for _ in range(10):
        step(counter)
    assert counter.value == 10 * advance(0)
