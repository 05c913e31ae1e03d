"""The market: a price that is generated, and a backtest with fees.

The logarithm of the price is a mean-reverting (Ornstein-Uhlenbeck) process in steps of one day. Each day a
tenth of its distance from its mean is taken away, and a normal shock with a standard deviation of 0.03 is
added. The mean is that of a price of 100 and does not move. A year is 250 days behind 60 days of history;
every year has a seed of its own. The first three are for training, the others are held out.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest

Position = Callable[[Sequence[float]], float]

YEARS = ("first", "second", "third", "fourth", "fifth", "sixth")
DAYS, HISTORY = 250, 60
PULL, SHOCK, MEAN = 0.1, 0.03, math.log(100.0)
# Of what is bought or sold: 0.1 %.
FEE = 0.001


def prices(year: str) -> list[float]:
    dice = random.Random(f"the {year} year")
    level, found = MEAN, []
    for _ in range(HISTORY + DAYS):
        level += PULL * (MEAN - level) + dice.gauss(0.0, SHOCK)
        found.append(round(math.exp(level), 2))
    return found


class Backtest(NamedTuple):
    """``gain`` is a share of the money at the beginning, ``drawdown`` of the money at the highest point."""

    gain: float
    drawdown: float
    report: str


def run(position: Position, year: str) -> Backtest:
    """Trade a year: each day's position is chosen from the closes up to then, and held to the next close."""
    closes = prices(year)
    money = top = 1.0
    held = fees = turnover = drawdown = 0.0
    for today in range(HISTORY, len(closes)):
        wanted = position(closes[today - HISTORY : today])
        assert -1.0 <= wanted <= 1.0, f"the position is {wanted}; it must be from -1.0 to 1.0"
        fee = FEE * abs(wanted - held)
        turnover += abs(wanted - held)
        fees += fee
        held = wanted
        money *= (1.0 - fee) * (1.0 + held * (closes[today] / closes[today - 1] - 1.0))
        top = max(top, money)
        drawdown = max(drawdown, 1.0 - money / top)
    shown = ", ".join(f"{close:.0f}" for close in closes[HISTORY : HISTORY + 40])
    return Backtest(
        money - 1.0,
        drawdown,
        f"the gain of the {year} year is {money - 1.0:+.1%}, after fees of {fees:.1%}; the position was "
        f"changed by {turnover / DAYS:.2f} a day. Holding 1.0 all the time gains "
        f"{closes[-1] / closes[HISTORY - 1] - 1.0:+.1%}. The closes of the first 40 days: {shown}",
    )


@pytest.fixture(scope="session")
def backtest() -> Callable[[Position, str], Backtest]:
    return run
