"""A number that a test reports, and which way it is better."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

Goal = Literal["minimize", "maximize"]

# Names that stand for time.
TIMES = frozenset({"ns", "us", "µs", "ms", "s", "min", "h", "seconds", "time"})
# From so many values on the middle half says how far they lie apart; of fewer, all of them do.
_ENOUGH_FOR_QUARTILES = 4


class MetricKey(NamedTuple):
    """What a metric is about: the same key in two verdicts is the same question to two bodies."""

    nodeid: str
    name: str
    case: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that a test reported of a body.

    ``value`` is finite, the median where it was measured several times; ``spread`` is how far the middle half
    of the measurements lies apart, 0 where there was one. ``threshold`` is what it has to reach, at most or
    at least as its ``goal`` has it. ``case`` tells numbers of one name in one test apart.
    """

    name: str
    goal: Goal
    value: float
    spread: float = 0.0
    threshold: float | None = None
    case: str = ""

    @property
    def reached(self) -> bool:
        """Whether the threshold holds, if there is one."""
        if self.threshold is None:
            return True
        return self.value <= self.threshold if self.goal == "minimize" else self.value >= self.threshold

    @property
    def timed(self) -> bool:
        """Whether a clock said it, as its name or its spread tell."""
        return self.spread > 0 or self.name.lower() in TIMES

    @property
    def label(self) -> str:
        """``ns``, or ``ns (sorted)`` where it has a case."""
        return f"{self.name} ({self.case})" if self.case else self.name

    def gain_over(self, other: Metric) -> float:
        """By how much this is better, in the metric's own unit; below 0 where it is worse."""
        return other.value - self.value if self.goal == "minimize" else self.value - other.value

    def beats(self, other: Metric) -> bool:
        """Whether this is better by more than either was measured to vary."""
        return self.gain_over(other) > max(self.spread, other.spread)


def condense(values: Sequence[float]) -> tuple[float, float]:
    """Median and spread of finite measurements of one thing."""
    if len(values) < _ENOUGH_FOR_QUARTILES:
        return median(values), max(values) - min(values)
    low, _, high = quantiles(values, n=4, method="inclusive")
    return median(values), high - low
