"""What a session's suites share of the search: the strategy's name, and what steps paid off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.strategies import make
from pytest_symbiont.evolution.strategies.adaptive import Adaptive
from pytest_symbiont.evolution.strategies.payoff import from_rows, to_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest

    from pytest_symbiont.evolution.strategies.payoff import Key, Tally
    from pytest_symbiont.evolution.strategies.protocol import Strategy
    from pytest_symbiont.settings import Settings
    from pytest_symbiont.source.values import Target

# In pytest's cache: what arms paid off, by model.
_CACHED = "symbiont/payoffs"


class Search:
    """Makes the strategies of a session and remembers what they learned.

    Raises `SymbiontError` where there is no strategy of the name that was given.
    """

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config = config
        self._settings = settings
        # What is recorded is to be replayed elsewhere, where nobody knows what paid off here.
        # Workers of one session would each know something else.
        alone = settings.record == "none" and not hasattr(config, "workerinput")
        self._past = _cached(config) if alone else {}
        self._learned = False
        self.strategy({})

    @property
    def past(self) -> Mapping[Key, Tally]:
        """What arms paid off until now, by model."""
        return self._past

    def strategy(self, past: Mapping[Key, Tally]) -> Strategy:
        """A strategy for one suite, which knows what arms paid off before."""
        try:
            return make(self._settings.strategy, past, self._plugged)
        except ValueError as problem:
            raise SymbiontError(f"--evolve-strategy: {problem}") from None

    def learned(self, strategy: Strategy | None) -> None:
        """A suite's search is over; what it showed counts in the next."""
        if isinstance(strategy, Adaptive) and not hasattr(self._config, "workerinput"):
            self._past = strategy.payoffs.merged()
            self._learned = self._settings.record == "none"

    def save(self) -> None:
        """Keep it for the next session."""
        cache: Any = getattr(self._config, "cache", None)
        if cache is not None and self._learned:
            cache.set(_CACHED, [list(row) for row in to_rows(self._past)])

    def hints(self, targets: Sequence[Target]) -> tuple[str, ...]:
        """The ways to go that other plugins and conftest files know."""
        found = self._config.hook.pytest_symbiont_hints(targets=targets)
        return tuple(hint for hints in reversed(found) for hint in hints or ())

    def _plugged(self, name: str) -> Strategy | None:
        strategy: Strategy | None = self._config.hook.pytest_symbiont_strategy(name=name)
        return strategy


def _cached(config: pytest.Config) -> dict[Key, Tally]:
    cache: Any = getattr(config, "cache", None)
    rows = cache.get(_CACHED, []) if cache is not None else []
    return from_rows(rows) if isinstance(rows, list) else {}
