import pytest

from pytest_symbiont import evolvable

position = evolvable("trader.rs::position")

pytestmark = pytest.mark.evolve(position)


@pytest.mark.parametrize("year", ["first", "second", "third"])
def test_earns_in_a_year(backtest, evolve_metric, year):
    gain, drawdown, report = backtest(position, year)
    evolve_metric.maximize("gain", gain)
    evolve_metric.minimize("largest drawdown", drawdown)
    assert gain >= 0.50, report
    assert drawdown <= 0.25, report


@pytest.mark.evolve(position, holdout=True)
@pytest.mark.parametrize("year", ["fourth", "fifth", "sixth"])
def test_earns_in_a_year_that_was_not_shown(backtest, year):
    gain, _, _ = backtest(position, year)
    assert gain >= 0.30
