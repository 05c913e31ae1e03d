"""What is sorted, what must not be borrowed, and how fast others are at it."""

from __future__ import annotations

import random
import re
import time
from array import array
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont import evolvable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Copies = Callable[[array[float], int], float]

yardsticks = evolvable("yardsticks.rs")

NUMBER = 10_000
# Seconds that a sample takes about, so that the way into Rust and the clock hardly count.
SAMPLE = 0.003
SAMPLES = 20

# Everything in the standard library that puts things in order. The name of the target itself may be called,
# but not as a method or by a path.
BORROWED = re.compile(
    r"(?:\.|::|>)\s*(?:r#)?sort\b|\bsort_(?:by|unstable|floats)\w*|\bselect_nth_unstable\w*"
    r"|\b(?:BinaryHeap|BTreeMap|BTreeSet)\b"
)


def made() -> dict[str, array[float]]:
    """The six distributions."""
    dice = random.Random(0)
    rising = [float(n) for n in range(NUMBER)]
    nearly = list(rising)
    for _ in range(NUMBER // 100):
        one, other = dice.randrange(NUMBER), dice.randrange(NUMBER)
        nearly[one], nearly[other] = nearly[other], nearly[one]
    return {
        "random": array("d", [dice.uniform(-1e6, 1e6) for _ in range(NUMBER)]),
        "sorted": array("d", rising),
        "reversed": array("d", reversed(rising)),
        "nearly sorted": array("d", nearly),
        "few values": array("d", [float(dice.randrange(16)) for _ in range(NUMBER)]),
        "up and down": array("d", rising[::2] + rising[::-2]),
    }


def seconds(copies: Copies, xs: array[float]) -> float:
    """How long one sort of `xs` takes: the least of some samples: what else runs only adds to it."""

    def once(times: int) -> float:
        started = time.perf_counter()
        copies(xs, times)
        return time.perf_counter() - started

    first = min(once(1), once(1))
    if first > SAMPLE:
        return first
    times = 2 + int(SAMPLE / first)
    return min(once(times) for _ in range(SAMPLES)) / times


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds by distribution."""

    of: Mapping[str, float]

    @property
    def median(self) -> float:
        return median(self.of.values())


class Clock:
    """Times all distributions, and knows how long bubble sort and the standard library take."""

    def __init__(self, distributions: Mapping[str, array[float]]) -> None:
        self._distributions = distributions
        self.bubble_sort = self.times(yardsticks.bubble_sort_copies)
        self.std_sort = self.times(yardsticks.std_sort_copies)

    def times(self, copies: Copies) -> Times:
        return Times({kind: seconds(copies, xs) for kind, xs in self._distributions.items()})


@pytest.fixture(scope="session")
def distributions() -> Mapping[str, array[float]]:
    return made()


@pytest.fixture(scope="session")
def clock(distributions: Mapping[str, array[float]]) -> Clock:
    return Clock(distributions)


@pytest.fixture(scope="session")
def borrowed() -> Callable[[str], list[str]]:
    """What a text has of the standard library's sorting; its comment lines are no code."""
    return lambda text: BORROWED.findall(re.sub(r"(?m)^\s*//.*$", "", text))
