"""What is sorted, what must not be borrowed, and how fast others are at it."""

from __future__ import annotations

import random
import re
from array import array
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont import evolvable, measure

if TYPE_CHECKING:
    from collections.abc import Mapping

bubble_sort = evolvable("yardsticks.rs::bubble_sort")
std_sort = evolvable("yardsticks.rs::std_sort")

NUMBER = 10_000

# Everything in the standard library that puts things in order. The name of the target itself may be called,
# but not as a method or by a path.
_BORROWED = re.compile(
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


@dataclass(frozen=True, slots=True)
class Times:
    """Nanoseconds by distribution."""

    of: Mapping[str, float]

    @property
    def median(self) -> float:
        return median(self.of.values())

    def faster_than(self, other: Times, kind: str) -> int:
        """How many times, in whole numbers: a first prompt must not change with the weather."""
        return round(other.of[kind] / self.of[kind])


@pytest.fixture(scope="session")
def distributions() -> Mapping[str, array[float]]:
    return made()


@pytest.fixture(scope="session")
def bubble(distributions: Mapping[str, array[float]]) -> Times:
    return Times({kind: measure(bubble_sort, xs, samples=3).median for kind, xs in distributions.items()})


@pytest.fixture(scope="session")
def std(distributions: Mapping[str, array[float]]) -> Times:
    return Times({kind: measure(std_sort, xs).median for kind, xs in distributions.items()})


@pytest.fixture(scope="session")
def borrowed() -> object:
    return lambda text: _BORROWED.findall(re.sub(r"(?m)^\s*//.*$", "", text))
