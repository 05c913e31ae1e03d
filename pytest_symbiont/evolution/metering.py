"""The fixture `evolve_metric`: how a test reports numbers beside being green or red."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol, SupportsFloat

import pytest

from pytest_symbiont.evolution.metric import TIMES, Goal, Metric, MetricKey, condense

if TYPE_CHECKING:
    from collections.abc import Sequence

# The metrics of an item's last run, in the order of reporting.
METRICS = pytest.StashKey[list[Metric]]()
# In a config, while an answer is tried whose metrics were recorded: they are taken instead of new ones.
REPLAYED = pytest.StashKey["Replayed"]()

_PROPERTY = "evolve_metric"

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


def metrics_of(item: pytest.Item) -> list[Metric]:
    """What an item reported in its last run."""
    found: list[Metric] = item.stash.get(METRICS, [])
    return found


class Measured(Protocol):
    """What `measure` returns: a median, and how far the samples lie apart."""

    @property
    def median(self) -> float: ...

    @property
    def spread(self) -> float: ...


Reported = SupportsFloat | Measured | Iterable[SupportsFloat] | Callable[[], SupportsFloat | Measured]


class Replayed:
    """Metrics that were recorded with an answer, given back in the order in which they were reported.

    A test is known by its file's name, not by its folder: the same suite may be replayed from below another
    root.
    """

    def __init__(self, recorded: Iterable[tuple[MetricKey, float, float]]) -> None:
        self._left: dict[MetricKey, deque[tuple[float, float]]] = defaultdict(deque)
        for key, value, spread in recorded:
            self._left[_anywhere(key)].append((value, spread))

    def take(self, key: MetricKey) -> tuple[float, float] | None:
        """Value and spread of the next report of this metric, None where none was recorded."""
        left = self._left.get(_anywhere(key))
        return left.popleft() if left else None


def _anywhere(key: MetricKey) -> MetricKey:
    path, of, test = key.nodeid.partition("::")
    return key._replace(nodeid=f"{path.rpartition('/')[2]}{of}{test}")


class EvolveMetric:
    """Reports numbers of the body under test, which `pytest --evolve` makes better.

    Green tests come first: metrics decide between bodies that pass everything, and how near one is that does
    not. In an ordinary run thresholds are asserted and values go to the report's user properties.
    """

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._metrics = item.stash[METRICS] = []

    def minimize(
        self, name: str, value: Reported, threshold: float | None = None, *, case: str = "", repeats: int = 5
    ) -> float:
        """Report a number that is better the lower it is, and return it.

        ``value`` is a number, several measurements of the same thing, what `measure` returned, or a function
        that is called ``repeats`` times: of several the median counts, and a difference only where it is
        larger than their spread. Above ``threshold`` the test fails. ``case`` tells several numbers of one
        ``name`` apart. Raises ValueError for what is not finite, and for a time below 0.
        """
        return self._report(name, "minimize", value, threshold, case, repeats)

    def maximize(
        self, name: str, value: Reported, threshold: float | None = None, *, case: str = "", repeats: int = 5
    ) -> float:
        """The same for a number that is better the higher it is; below ``threshold`` the test fails."""
        return self._report(name, "maximize", value, threshold, case, repeats)

    def _report(
        self, name: str, goal: Goal, reported: Reported, threshold: float | None, case: str, repeats: int
    ) -> float:
        told = f"evolve_metric.{goal}({name!r}{f', case={case!r}' if case else ''})"
        if any((known.name, known.case) == (name, case) for known in self._metrics):
            raise ValueError(f"{told}: this test has reported it already; tell the two apart with case=")
        values, spread = _values(told, reported, repeats)
        for one in values:
            _refuse(told, name, one)
        value, varied = condense(values)
        spread = varied if spread is None else spread
        if not 0 <= spread < math.inf:
            raise ValueError(f"{told}: a spread of {spread} is none; it must be finite and not below 0")
        if threshold is not None and not math.isfinite(threshold):
            raise ValueError(f"{told}: the threshold {threshold} is none; it must be finite")
        replayed = self._item.config.stash.get(REPLAYED, None)
        key = MetricKey(self._item.nodeid, name, case)
        value, spread = (replayed.take(key) if replayed is not None else None) or (value, spread)
        metric = Metric(name, goal, value, spread, threshold, case)
        self._metrics.append(metric)
        self._item.user_properties.append((f"{_PROPERTY}:{metric.label}", value))
        if not metric.reached:
            bound = "at most" if goal == "minimize" else "at least"
            raise AssertionError(f"{metric.label} = {value:g} must be {bound} {threshold:g}")
        return value


def _values(told: str, reported: Reported, repeats: int) -> tuple[list[float], float | None]:
    """The measurements, and their spread where whoever took them says it."""
    if isinstance(reported, str | bytes):
        raise TypeError(f"{told}: {reported!r} is no number")
    if callable(reported):
        if repeats < 1:
            raise ValueError(f"{told}: repeats={repeats} is not valid; use 1 or more")
        return [_number(told, reported()) for _ in range(repeats)], None
    if hasattr(reported, "median") and hasattr(reported, "spread"):
        return [_number(told, reported)], float(reported.spread)
    if isinstance(reported, SupportsFloat) and not _is_array(reported):
        return [float(reported)], None
    values = [_number(told, one) for one in _several(told, reported)]
    if not values:
        raise ValueError(f"{told}: there is no value in it")
    return values, None


def _is_array(value: object) -> bool:
    """numpy's arrays have `__float__`, and can do it where they hold one number."""
    return bool(getattr(value, "ndim", 0))


def _several(told: str, reported: object) -> Sequence[SupportsFloat]:
    if not isinstance(reported, Iterable):
        raise TypeError(f"{told}: {reported!r} is no number")
    return list(reported)


def _number(told: str, value: object) -> float:
    number = getattr(value, "median", value)
    if not isinstance(number, SupportsFloat) or isinstance(number, str | bytes):
        raise TypeError(f"{told}: {value!r} is no number")
    return float(number)


def _refuse(told: str, name: str, value: float) -> None:
    """What no honest body can come to would beat every one that is."""
    if not math.isfinite(value):
        raise ValueError(f"{told}: {value} is no result; a metric must be finite")
    if name.lower() in TIMES and value < 0:
        raise ValueError(f"{told}: a time of {value:g} is none; it must not be below 0")
