import pytest

from pytest_symbiont import evolvable

surface = evolvable("surface.rs::surface")


@pytest.mark.evolve(surface)
def test_is_exact_on_the_whole_grid(ground, evolve_metric):
    """100 x 100 points. What fails comes with 50 other points, drawn anew, and with the 10 worst errors."""
    error, report = ground.compare([surface(x, y) for x, y in ground.grid])
    evolve_metric.minimize("mean squared error", error)
    assert error < 1e-10, report


@pytest.mark.evolve(surface, holdout=True)
def test_is_exact_between_the_points_of_the_grid(ground):
    for x, y in ground.between:
        assert surface(x, y) == pytest.approx(ground.height(x, y), abs=1e-5)
