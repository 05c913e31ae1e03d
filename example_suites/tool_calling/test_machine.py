import pytest

from pytest_symbiont import evolvable

shows = evolvable("machine.rs::shows")


@pytest.mark.evolve(shows)
def test_it_shows_what_the_machine_shows(machine):
    right = machine.agrees(shows, range(100))
    assert right


@pytest.mark.evolve(shows, holdout=True)
def test_also_below_zero(machine):
    assert machine.agrees(shows, range(-100, 0))
