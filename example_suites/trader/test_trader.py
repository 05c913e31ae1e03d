import pytest

from pytest_symbiont import evolvable

position = evolvable("trader.rs::position")

pytestmark = pytest.mark.evolve(position)


@pytest.mark.parametrize("year", ["first", "second", "third"])
def test_earns_in_a_year(backtest, year):
    result = backtest(position, year)
    assert result.gain >= 0.50, result.report


def test_loses_little_on_the_way(backtest):
    assert max(backtest(position, year).drawdown for year in ("first", "second", "third")) <= 0.25


@pytest.mark.evolve(position, holdout=True)
@pytest.mark.parametrize("year", ["fourth", "fifth", "sixth"])
def test_earns_in_a_year_that_was_not_shown(backtest, year):
    assert backtest(position, year).gain >= 0.30
