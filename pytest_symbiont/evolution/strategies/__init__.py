"""How a suite is searched: one file a strategy, chosen by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.evolution.strategies.adaptive import DEFAULTS, Adaptive
from pytest_symbiont.evolution.strategies.best_of_n import BestOfN
from pytest_symbiont.evolution.strategies.islands import Islands
from pytest_symbiont.evolution.strategies.pareto import Pareto
from pytest_symbiont.evolution.strategies.payoff import Payoffs
from pytest_symbiont.evolution.strategies.repair import Repair

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_symbiont.evolution.strategies.payoff import Key, Tally
    from pytest_symbiont.evolution.strategies.protocol import Strategy

NAMES = ("adaptive", "repair", "best-of-n", "pareto", "islands")


def make(name: str, past: Mapping[Key, Tally], plugged: Callable[[str], Strategy | None]) -> Strategy:
    """A strategy for one suite. ``past`` is what arms paid off in earlier sessions, ``plugged`` asks other
    plugins. Raises ValueError with the names that there are.
    """
    match name:
        case "adaptive":
            return Adaptive(Payoffs(DEFAULTS, past))
        case "repair":
            return Repair()
        case "best-of-n":
            return BestOfN()
        case "pareto":
            return Pareto()
        case "islands":
            return Islands()
    if (strategy := plugged(name)) is not None:
        return strategy
    raise ValueError(f"{name!r} is not valid; choose from {', '.join(NAMES)}, or one that a plugin adds")
