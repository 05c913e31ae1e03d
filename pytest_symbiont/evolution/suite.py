"""Suites: which tests and targets belong together."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pytest

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.evolution.marker import Bound


@dataclass(frozen=True, slots=True, eq=False)
class Suite:
    """The tests bound to a target, or to several targets that share a test.

    ``missing`` are the node ids of tests that belong here and were not selected. ``folder`` is that of its
    first file below the root, where another suite of the session has the same file and function names.
    """

    handles: tuple[Handle, ...]
    tests: tuple[Bound, ...]
    missing: tuple[str, ...] = ()
    folder: str = ""

    @property
    def name(self) -> str:
        """``sort.rs::sort``, or several of them joined."""
        names = " + ".join(handle.label for handle in self.handles)
        return f"{self.folder}/{names}" if self.folder else names

    @property
    def files(self) -> tuple[EvolvingFile, ...]:
        return tuple(dict.fromkeys(handle.file for handle in self.handles))

    @property
    def items(self) -> tuple[pytest.Item, ...]:
        return tuple(bound.item for bound in self.tests)

    @property
    def nodeids(self) -> tuple[str, ...]:
        return tuple(bound.nodeid for bound in self.tests)

    def bound_to(self, nodeids: Iterable[str]) -> tuple[Handle, ...]:
        """The targets of the tests with these node ids."""
        wanted = set(nodeids)
        touched = {handle for bound in self.tests if bound.nodeid in wanted for handle in bound.handles}
        return tuple(handle for handle in self.handles if handle in touched)


def form(selected: Sequence[Bound], deselected: Sequence[Bound], root: Path) -> tuple[Suite, ...]:
    """Put targets that share a test into one suite, every other target into its own.

    Tests that were not selected bind targets together all the same, so that a selection does not change what
    a suite is. Suites come in the order of their first selected test.
    """
    group: dict[Handle, list[Handle]] = {}
    for bound in (*selected, *deselected):
        joined = list(
            dict.fromkeys(member for handle in bound.handles for member in group.get(handle, [handle]))
        )
        for member in joined:
            group[member] = joined
    suites = []
    done: set[Handle] = set()
    for first in selected:
        handles = group[first.handles[0]]
        if done.intersection(handles):
            continue
        done.update(handles)
        members = set(handles)
        tests = tuple(bound for bound in selected if members.intersection(bound.handles))
        missing = tuple(bound.nodeid for bound in deselected if members.intersection(bound.handles))
        suites.append(Suite(tuple(handles), tests, missing))
    return _told_apart(suites, root)


def _told_apart(suites: Sequence[Suite], root: Path) -> tuple[Suite, ...]:
    names = Counter(suite.name for suite in suites)
    return tuple(
        replace(suite, folder=os.path.relpath(suite.files[0].source.path.parent, root))
        if names[suite.name] > 1
        else suite
        for suite in suites
    )
