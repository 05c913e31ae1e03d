"""The plot in the README of `quantize` is what its recording gives."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from replay import shown

if TYPE_CHECKING:
    from example import NewExample

QUANTIZE = Path(__file__).parents[2] / "example_suites" / "quantize"


def test_the_plot_is_of_the_recording(example: NewExample) -> None:
    files = [path for path in QUANTIZE.rglob("*") if path.suffix in {".rs", ".py", ".jsonl"}]
    suite = example({f"quantize/{path.relative_to(QUANTIZE)}": path.read_bytes() for path in files})
    said = shown(QUANTIZE / "README.md")
    suite.run(
        *said.arguments,
        "--evolve-write=never",
        "--evolve-trace=trace.jsonl",
        code=0 if said.solved else 1,
        changed={"trace.jsonl": ...},
    )
    plot = _plot()
    found = plot.bodies(suite.path / "trace.jsonl")
    assert plot.svg(found) == (QUANTIZE / "front.svg").read_text("utf-8")


def test_the_front_has_what_no_other_one_beats() -> None:
    plot = _plot()
    found = [
        plot.Body(16, 0.1, 1, green=True),
        plot.Body(4, 0.5, 2, green=False),
        plot.Body(8, 0.6, 3, green=False),
    ]
    found += [plot.Body(16, 0.2, 4, green=False), plot.Body(20, 0.05, 5, green=False)]
    assert [body.number for body in plot.front(found)] == [2, 1, 5]


def _plot() -> Any:
    spec = importlib.util.spec_from_file_location("quantize_plot", QUANTIZE / "plot.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
