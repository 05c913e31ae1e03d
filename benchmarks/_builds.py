"""Candidate text to callable, against bare rustc and cargo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _measure import median, seconds, size, table

if TYPE_CHECKING:
    from _measure import Judge

_CANDIDATES = 10
_SMALL = 32 * 1024


def run(judge: Judge, *, quick: bool) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cache = folder / "cache"
        cold = _process(folder / "cold", cache, 1)
        warm = [_process(folder / f"warm{n}", cache, _CANDIDATES) for n in range(1 if quick else 3)]
    print(f"imports of a process that declares something: {seconds(cold['imports'])}")
    rows, judged = [], []
    for body in ("trivial", "realistic"):
        for way in ("worker", "in-process"):
            runs = [process[body][way] for process in warm]
            ours, rustc, cargo = (
                [values[name][-1] for values in runs] for name in ("ours", "rustc", "cargo") if runs[0][name]
            )
            ratio = median(_ratios(runs, "rustc"))
            faster = 1 / median(_ratios(runs, "cargo"))
            rows.append(
                (
                    f"{body}, {way}",
                    seconds(cold[body][way]["ours"][0]),
                    seconds(median(values["ours"][0] for values in runs)),
                    seconds(median(ours)),
                    seconds(median(rustc)),
                    seconds(median(cargo)),
                    f"{ratio:.2f} x",
                    f"{faster:.1f} x",
                    size(runs[0]["size"]),
                    size(runs[0]["cargo_size"]),
                )
            )
            judged.append((body, way, ratio, faster, runs[0]["size"]))
    head = ("text to answer", "cold", "first", "tenth", "rustc", "cargo", "ours/rustc", "cargo/ours",
            "library", "cargo's")  # fmt: skip
    table(head, rows)
    print(
        "  cold: empty cache, native parts and shim included (by the worker; in-process finds them);\n"
        "  first: of a new process; rustc, cargo: beside the tenth; ratios: medians over candidates 2 to 10\n"
        "  worker: a trial's build, and `cargo build`; in-process: a winner's, and `cargo build --release`"
    )
    for body, way, ratio, faster, bytes_ in judged:
        judge.at_most(f"{body}, {way}, against bare rustc", ratio, 1.15)
        # An optimised build is for a winner: most of it is LLVM's time, which nobody can halve.
        if way == "worker":
            judge.at_least(f"{body}, {way}, against cargo build", faster, 2)
        if body == "trivial":
            judge.at_most(f"{body}, {way}, size of the build", bytes_ / 1024, _SMALL / 1024, "KiB")


def _ratios(runs: list[dict[str, Any]], other: str) -> list[float]:
    """Ours over the other's, candidate by candidate: what was slow for both of a pair takes itself out."""
    return [
        ours / theirs
        for values in runs
        for ours, theirs in list(zip(values["ours"], values[other], strict=True))[1:]
    ]


def _process(folder: Path, cache: Path, candidates: int) -> dict[str, Any]:
    script = Path(__file__).with_name("_candidates.py")
    done = subprocess.run(
        [sys.executable, str(script), str(folder), str(candidates)],
        env={**os.environ, "PYTEST_SYMBIONT_CACHE": str(cache)},
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found
