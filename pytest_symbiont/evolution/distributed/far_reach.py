"""What all workers together reached of winners, in the run for the record."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.reach import untested

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.evolution.reach import Reachable


class FarReach:
    """Adds up what workers say at their end.

    One that was killed says nothing, and nobody knows what its tests had reached: then no line is called
    untested.
    """

    def __init__(self) -> None:
        self._silent: set[str] = set()
        self._found: defaultdict[str, list[Reachable]] = defaultdict(list)

    def begin(self, worker: str) -> None:
        self._silent.add(worker)

    def end(self, worker: str, suites: Mapping[str, Sequence[Reachable]]) -> None:
        self._silent.discard(worker)
        for suite, found in suites.items():
            self._found[suite] += found

    def untested(self, suite: str) -> str:
        """The lines of a suite's winners that no test reached, empty where that is not known."""
        return "" if self._silent else untested(self._found[suite])
