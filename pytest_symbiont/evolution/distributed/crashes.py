"""Tests that run again because their worker was killed."""

from __future__ import annotations

from collections import Counter

from pytest_symbiont.evolution.distributed.claims import MOST_CRASHES


class Crashes:
    """Counts crashed workers by the suite of the test that each was at.

    A worker that is killed says nothing about a suite that it evolved. One that a suite's tests crash does so
    each time, and then the test has failed, as pytest-xdist has it.
    """

    def __init__(self) -> None:
        self._crashes: Counter[str] = Counter()

    def again(self, suite: str) -> bool:
        """One more crash: whether the test shall run again all the same."""
        self._crashes[suite] += 1
        return self._crashes[suite] < MOST_CRASHES
