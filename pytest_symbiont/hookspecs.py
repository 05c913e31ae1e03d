"""What other plugins and conftest files may hook into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.strategies.protocol import Strategy
    from pytest_symbiont.models.values import Model
    from pytest_symbiont.settings import Settings
    from pytest_symbiont.source.values import Target


@pytest.hookspec(firstresult=True)
def pytest_symbiont_model(name: str, settings: Settings) -> Model | None:
    """A model for a value of ``--evolve-model``, or None where the name is another's.

    Called once a value, before it is understood in any other way; stops at the first model.
    """


@pytest.hookspec
def pytest_symbiont_prompt_section(targets: Sequence[Target]) -> str | None:
    """A text that the prompt about these targets gets behind the tests, or None."""


@pytest.hookspec(firstresult=True)
def pytest_symbiont_strategy(name: str) -> Strategy | None:
    """A strategy for a value of ``--evolve-strategy``, made anew for one suite, or None where the name is
    another's.

    Called for names that are none of our own; stops at the first strategy.
    """


@pytest.hookspec
def pytest_symbiont_hints(targets: Sequence[Target]) -> Sequence[str] | None:
    """Ways to go about these targets, or None.

    Lanes take them in turn: what a lane asks afresh has its hint. `adaptive` gives them in place of its own.
    """
