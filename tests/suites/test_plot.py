"""The plot in the README of `quantize` is what its recording gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recorded import SUITES, replayed
from scripts import script

if TYPE_CHECKING:
    from example import NewExample

PLOT = SUITES / "quantize" / "plot.py"


def test_the_plot_is_of_the_recording(example: NewExample) -> None:
    plot = script(PLOT)
    found = plot.bodies(replayed(example, "quantize"))
    assert found
    assert plot.svg(found) == (SUITES / "quantize" / "front.svg").read_text("utf-8")


def test_the_front_has_what_no_other_one_beats() -> None:
    plot = script(PLOT)
    found = [
        plot.Body(16, 0.1, 1, green=True),
        plot.Body(4, 0.5, 2, green=False),
        plot.Body(8, 0.6, 3, green=False),
    ]
    found += [plot.Body(16, 0.2, 4, green=False), plot.Body(20, 0.05, 5, green=False)]
    assert [body.number for body in plot.front(found)] == [2, 1, 5]
