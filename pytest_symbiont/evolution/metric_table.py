"""What tests measured, as a table for the model: a row for each metric of each case."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.metric import Metric, MetricKey
    from pytest_symbiont.evolution.values import Outcome

MOST_ROWS = 40
_WAYS = {"minimize": "lower is better", "maximize": "higher is better"}


def metric_table(columns: Sequence[tuple[str, Sequence[Outcome]]]) -> str:
    """A Markdown table with one column of values for each body; empty where nothing was measured.

    Hold-outs are left out. A value that the test was not happy with says what it has to be.
    """
    measured = [(name, _shown(outcomes)) for name, outcomes in columns]
    measured = [(name, found) for name, found in measured if found]
    keys: dict[MetricKey, Metric] = {}
    for _, found in measured:
        for key, metric in found.items():
            keys.setdefault(key, metric)
    if not keys:
        return ""
    lines = [_row("test", "metric", *(name for name, _ in measured)), _row(*["---"] * (2 + len(measured)))]
    for key, metric in list(keys.items())[:MOST_ROWS]:
        values = (found.get(key) for _, found in measured)
        name = key.nodeid.split("::", 1)[-1]
        lines.append(_row(name, f"{metric.label}, {_wanted(metric)}", *map(_value, values)))
    if (left_out := len(keys) - MOST_ROWS) > 0:
        lines.append(f"({left_out} more)")
    return "\n".join(lines)


def _shown(outcomes: Sequence[Outcome]) -> dict[MetricKey, Metric]:
    return {
        outcome.key_of(metric): metric
        for outcome in outcomes
        if not outcome.holdout
        for metric in outcome.metrics
    }


def _wanted(metric: Metric) -> str:
    way = _WAYS[metric.goal]
    if metric.threshold is None:
        return way
    return f"{way}, must be {'<=' if metric.goal == 'minimize' else '>='} {metric.threshold:.4g}"


def _value(metric: Metric | None) -> str:
    if metric is None:
        return "-"
    return f"{metric.value:.4g}" + (f" ± {metric.spread:.2g}" if metric.spread else "")


def _row(*cells: str) -> str:
    # A case is the user's text, or a parameter's.
    return f"| {' | '.join(' '.join(cell.replace('|', '/').split()) for cell in cells)} |"
