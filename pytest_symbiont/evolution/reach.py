"""Which lines of its bodies a trial reached, and how that is told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from pytest_symbiont.source import parse
from pytest_symbiont.source.instrument import instrument

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.bridge.route import Route
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.evolution.values import Outcome

_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Reach:
    """Lines, from 1, in the bodies that evolve in ``file``: those that no test of the trial reached, and
    those that only tests did that failed.
    """

    file: str
    unreached: tuple[int, ...] = ()
    only_red: tuple[int, ...] = ()


class Counting:
    """Asks after each test of a trial which lines it reached, by the route of the trial."""

    def __init__(self, suite: Suite, revisions: Mapping[EvolvingFile, Revision], route: Route) -> None:
        self._suite = suite
        self._revisions = revisions
        self._route = route
        self._green: dict[EvolvingFile, set[int]] = defaultdict(set)
        self._red: dict[EvolvingFile, set[int]] = defaultdict(set)

    def ended(self, outcome: Outcome) -> None:
        """Take what this test reached."""
        for file, revision in self._revisions.items():
            seen = self._green if outcome.green else self._red
            seen[file] |= file.reached.peek(self._route, revision)

    def reach(self) -> tuple[Reach, ...]:
        """What came of it, for files in which there is anything to tell."""
        found = []
        for file, revision in self._revisions.items():
            paths = [handle.path for handle in self._suite.handles if handle.file is file]
            green, red = self._green[file], self._red[file]
            if not green | red:
                continue  # nothing was called, or nothing was counted
            lines = body_lines(revision.text, paths)
            only_red = lines & (red - green) if green else set()
            found.append(Reach(file.name, *map(_ordered, (lines - green - red, only_red))))
        return tuple(each for each in found if each.unreached or each.only_red)


def body_lines(text: str, paths: Iterable[str]) -> set[int]:
    """The lines of these functions' bodies that can be reached."""
    counting = instrument(text)
    if counting is None:
        return set()
    data = text.encode()
    inside: set[int] = set()
    for path in paths:
        function = parse.find(text, path, file="the file")
        first = data.count(b"\n", 0, function.body_start) + 1
        inside |= set(range(first, first + function.body.count("\n") + 1))
    return inside.intersection(counting.lines)


@dataclass(frozen=True, slots=True)
class Reachable:
    """Of a winner's bodies in one file, the ``lines`` that can be reached, and those that one process has
    ``reached`` in the run for the record. ``place`` is the file's in its suite.
    """

    place: int
    file: str
    lines: frozenset[int]
    reached: frozenset[int]


def reachable(suite: Suite, winners: Mapping[EvolvingFile, Revision]) -> tuple[Reachable, ...]:
    """What this process has reached of a suite's winners, as far as they were built with counters."""
    found = []
    for file, revision in winners.items():
        reached = file.reached.lines(revision)
        if reached is not None:
            paths = [handle.path for handle in suite.handles if handle.file is file]
            lines = frozenset(body_lines(revision.text, paths))
            found.append(Reachable(suite.files.index(file), file.name, lines, lines & reached))
    return tuple(found)


def untested(found: Iterable[Reachable]) -> str:
    """The lines that no process has reached: ``sort.rs: 3, 5-7``."""
    left: dict[tuple[int, str], set[int]] = {}
    for each in found:
        left.setdefault((each.place, each.file), set(each.lines)).difference_update(each.reached)
    return "; ".join(f"{name}: {ranges(lines)}" for (_, name), lines in sorted(left.items()) if lines)


def told(reached: Sequence[Reach], files: Mapping[str, str]) -> str:
    """What the model is told of it; ``files`` are the candidate's texts by name. Empty where nothing is."""
    parts = []
    for each in reached:
        lines = files.get(each.file, "").splitlines()
        for numbers, sentence in (
            (each.only_red, "Only failing tests reach these lines"),
            (each.unreached, "No test reaches these lines"),
        ):
            shown = [f"{n:>5} | {lines[n - 1]}" for n in numbers[:_MOST_SHOWN] if n <= len(lines)]
            more = [f"      … {len(numbers) - _MOST_SHOWN} more"] if len(numbers) > _MOST_SHOWN else []
            if shown:
                parts.append("\n".join([f"{sentence} of {each.file}:", *shown, *more]))
    return "\n\n".join(parts)


def ranges(numbers: Iterable[int]) -> str:
    """``3, 5-7`` for 3, 5, 6 and 7."""
    runs = groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0])
    spans = [[number for _, number in run] for _, run in runs]
    return ", ".join(f"{span[0]}-{span[-1]}" if len(span) > 1 else str(span[0]) for span in spans)


def _ordered(lines: set[int]) -> tuple[int, ...]:
    return tuple(sorted(lines))
