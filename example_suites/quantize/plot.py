"""Draws what a session found: `python plot.py TRACE front.svg`, with TRACE from --evolve-trace.

Every body that was measured is a point: to the right for more levels, up for a larger error. The line is the
Pareto front, the bodies that no other one beats in both; the grey corner is where the suite is green.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_symbiont.report import trace
from pytest_symbiont.report.events import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH, HEIGHT, MARGIN = 560, 360, 48
LEVELS, ERRORS = (1, 20_000), (0.01, 10.0)
MOST_LEVELS, LARGEST_ERROR = 16, 0.1


class Body(NamedTuple):
    """One answer's body, as it was measured; ``number`` counts the answers."""

    levels: float
    error: float
    number: int
    green: bool


def bodies(path: Path) -> list[Body]:
    """The bodies in a trace of which both numbers are known."""
    found = []
    for event in trace.read(path):
        if isinstance(event, Attempt) and event.verdict is not None:
            values = {metric.name: metric.value for test in event.verdict.tests for metric in test.metrics}
            if {"levels", "mean squared error"} <= values.keys():
                found.append(
                    Body(values["levels"], values["mean squared error"], event.number, event.verdict.green)
                )
    return found


def front(found: Iterable[Body]) -> list[Body]:
    """Those that are better than every one with as few levels, from few to many."""
    best: list[Body] = []
    for body in sorted(found):
        if not best or body.error < best[-1].error:
            best.append(body)
    return best


def svg(found: Sequence[Body]) -> str:
    """The drawing."""
    left, right, top, bottom = _x(1), _x(MOST_LEVELS), _y(LARGEST_ERROR), _y(ERRORS[0])
    green = f'x="{left:.0f}" y="{top:.0f}" width="{right - left:.0f}" height="{bottom - top:.0f}"'
    line = " ".join(f"{_x(body.levels):.1f},{_y(body.error):.1f}" for body in front(found))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<rect {green} fill="#eee"/>',
        f'<polyline points="{line}" fill="none" stroke="#36c" stroke-dasharray="4 3"/>',
        *(
            _tick(_x(levels), HEIGHT - MARGIN + 16, f"{levels:,}")
            for levels in (1, 4, 16, 100, 1_000, 10_000)
        ),
        *(_tick(MARGIN - 18, _y(error) + 4, f"{error:g}") for error in (0.01, 0.1, 1, 10)),
        *(_point(body) for body in found),
        _tick(WIDTH / 2, HEIGHT - 8, "levels"),
        _tick(MARGIN, 16, "mean squared error"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _point(body: Body) -> str:
    fill = "#36c" if body.green else "white"
    place = f'cx="{_x(body.levels):.1f}" cy="{_y(body.error):.1f}"'
    title = f"answer {body.number}: {body.levels:.0f} levels, error {body.error:.4g}"
    return f'<circle {place} r="4" fill="{fill}" stroke="#36c"><title>{title}</title></circle>'


def _tick(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{text}</text>'


def _x(levels: float) -> float:
    return MARGIN + (WIDTH - 2 * MARGIN) * _share(levels, *LEVELS)


def _y(error: float) -> float:
    return HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * _share(error, *ERRORS)


def _share(value: float, low: float, high: float) -> float:
    """Where a value lies on a logarithmic axis, 0..1."""
    clipped = min(max(value, low), high)
    return math.log(clipped / low) / math.log(high / low)


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(svg(bodies(Path(sys.argv[1]))), encoding="utf-8")
