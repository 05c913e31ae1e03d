"""A pytest plugin: `adaptive` with one arm left out, as `--evolve-strategy="adaptive without ARM"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.evolution.strategies.adaptive import ARMS, Adaptive

if TYPE_CHECKING:
    from pytest_symbiont.evolution.strategies.protocol import Strategy

_PREFIX = "adaptive without "
ABLATIONS = tuple(f"{_PREFIX}{arm}" for arm in ARMS)


def pytest_symbiont_strategy(name: str) -> Strategy | None:
    """Only names that begin so are ours."""
    arm = name.removeprefix(_PREFIX)
    return Adaptive(arms=[each for each in ARMS if each != arm]) if arm in ARMS and arm != name else None
