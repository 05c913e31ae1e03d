"""How what tests measured went from attempt to attempt, on one line of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_symbiont.evolution.metric import Metric, MetricKey
    from pytest_symbiont.evolution.values import Attempt

BLOCKS, ASCII = "▁▂▃▄▅▆▇█", "_.-~=+*#"
_MOST_LINES = 3
_LEAST_POINTS = 8


def trends(attempts: Iterable[Attempt], width: int, encoding: str) -> list[str]:
    """A line for each metric, at most three, of those that two attempts or more reported.

    ``width`` are the columns of the terminal: the last attempts are drawn, as many as there is room for.
    Where ``encoding`` has no blocks, characters of ASCII stand for them.
    """
    course: dict[MetricKey, list[Metric]] = {}
    for attempt in attempts:
        for key, metric in (attempt.verdict.metrics if attempt.verdict else {}).items():
            course.setdefault(key, []).append(metric)
    told = [metrics for metrics in course.values() if len(metrics) > 1]
    levels = BLOCKS if _can_say(BLOCKS, encoding) else ASCII
    return [_trend(metrics, width, levels) for metrics in told[:_MOST_LINES]]


def _trend(metrics: Sequence[Metric], width: int, levels: str) -> str:
    best = metrics[0]
    for metric in metrics[1:]:
        best = metric if metric.gain_over(best) > 0 else best
    says = f"{metrics[0].value:.4g}, best {best.value:.4g}"
    room = max(width - len(best.label) - len(says) - 2, _LEAST_POINTS)
    return f"{best.label} {sparkline([metric.value for metric in metrics[-room:]], levels)} {says}"


def sparkline(values: Sequence[float], levels: str = BLOCKS) -> str:
    """One character a value, the lowest of ``levels`` for the smallest one."""
    low, high = min(values), max(values)
    top = len(levels) - 1
    # Halved before they are subtracted: the difference of two finite numbers need not be finite.
    span = high / 2 - low / 2
    return "".join(levels[round((value / 2 - low / 2) / span * top) if span else 0] for value in values)


def _can_say(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True
