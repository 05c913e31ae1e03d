"""Measuring side by side, and saying how it came out against the goals."""

from __future__ import annotations

import statistics
import timeit
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Statement = tuple[str, Mapping[str, Any]]

median = statistics.median


def per_call(statements: Mapping[str, Statement], *, number: int, rounds: int = 15) -> dict[str, float]:
    """The seconds of one execution of each statement: medians of interleaved rounds, loop included."""
    timers = {name: timeit.Timer(text, globals=dict(names)) for name, (text, names) in statements.items()}
    seconds: dict[str, list[float]] = {name: [] for name in timers}
    for timer in timers.values():
        timer.timeit(number)
    for _ in range(rounds):
        for name, timer in timers.items():
            seconds[name].append(timer.timeit(number) / number)
    return {name: median(values) for name, values in seconds.items()}


def interleaved(actions: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each action returned, round by round; the order turns, so that none always goes first."""
    names = list(actions)
    results: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            results[name].append(actions[name]())
    return results


def seconds(value: float) -> str:
    """A duration as people read it."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if value * factor >= 1:
            return f"{value * factor:#.3g} {unit}".replace(". ", " ")
    return f"{value * 1e9:.0f} ns"


def size(count: int) -> str:
    return f"{count / 1024:.1f} KiB" if count < 1 << 20 else f"{count / (1 << 20):.1f} MiB"


class Judge:
    """Prints goals as they are met or missed, and remembers what was missed."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def at_most(self, what: str, value: float, goal: float, unit: str = "x") -> None:
        self._say(value <= goal, f"{what}: {value:.2f} {unit} (goal: at most {goal:g} {unit})")

    def at_least(self, what: str, value: float, goal: float, unit: str = "x") -> None:
        self._say(value >= goal, f"{what}: {value:.2f} {unit} (goal: at least {goal:g} {unit})")

    def _say(self, met: bool, text: str) -> None:
        print(f"  {'met   ' if met else 'MISSED'} {text}")
        if not met:
            self.missed.append(text)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows, the first column to the left and the others to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = [line[0].ljust(widths[0])] + [
            cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)
        ]
        print("  " + "  ".join(cells).rstrip())
