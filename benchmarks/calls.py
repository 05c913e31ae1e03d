"""What a call costs: ours beside PyO3, ctypes and pure Python, by what crosses.

    python benchmarks/calls.py [--quick] [--keep FOLDER] [scalars] [strings] [vectors] [maps] [structs]
                               [buffers]

All ways run the same Rust in one run, in turns, after their results were found equal. Times are the least of
all rounds, and ours is held to goals by them. The exit code is 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import platform
import sys
import tempfile
import timeit
from pathlib import Path
from typing import TYPE_CHECKING

import _crossing
import _pyo3
from _cases import CASES, Natives
from _measure import Judge, interleaved, median, seconds, table

from pytest_symbiont.bridge.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from _cases import Case
    from _measure import Statement

_SLICE = 0.002
"""Seconds that one way is called for before the next one has its turn."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Calls of pytest-symbiont beside those of PyO3.")
    parser.add_argument("cases", nargs="*", help=f"of {', '.join(CASES)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="build PyO3's crate here, and keep it")
    chosen = parser.parse_args()
    if unknown := set(chosen.cases) - set(CASES):
        parser.error(f"no case {', '.join(sorted(unknown))} (there are: {', '.join(CASES)})")
    if reason := _pyo3.missing():
        parser.error(reason)
    judge = Judge()
    with tempfile.TemporaryDirectory() as temporary:
        natives = _natives(Path(temporary), chosen.keep)
        cases = [case for name in chosen.cases or CASES for case in CASES[name](natives)]
        for case in cases:
            refuse_difference(case)
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}\n")
        report(cases, judge, rounds=15 if chosen.quick else 60)
    print(f"\n{len(judge.missed)} goals missed" if judge.missed else "\nall goals met")
    return bool(judge.missed)


def _natives(folder: Path, keep: Path | None) -> Natives:
    pyo3, library = _pyo3.build((keep or folder / "pyo3").absolute())
    path = folder / "crossing.rs"
    path.write_text(_crossing.ours(), "utf-8")
    return Natives(Registry().module(path), pyo3, ctypes.CDLL(str(library)))


def refuse_difference(case: Case) -> None:
    """End the run where a way does not give what pure Python does."""
    # What is looked at are the very statements that are timed.
    results = {way: case.plain(eval(text, dict(names))) for way, (text, names) in case.ways.items()}  # noqa: S307
    for way, result in results.items():
        if result != results["Python"]:
            sys.exit(f"{case.name}: {way} gives another result than pure Python, so nothing is compared")


def report(cases: list[Case], judge: Judge, *, rounds: int) -> None:
    """Print a line a case, then the goals."""
    rows, judged = [], []
    for case in cases:
        took = interleaved({way: _timing(statement) for way, statement in case.ways.items()}, rounds)
        least = {way: min(values) for way, values in took.items()}
        ratio = least["ours"] / least["PyO3"]
        usual = median(ours / theirs for ours, theirs in zip(took["ours"], took["PyO3"], strict=True))
        ways = (seconds(least[way]) if way in least else "" for way in ("ours", "PyO3", "ctypes", "Python"))
        goal = "" if case.goal is None else f"{case.goal:g} x"
        rows.append((case.name, *ways, f"{ratio:.2f} x", f"{usual:.2f} x", goal))
        if case.goal is not None:
            judged.append((case.name, ratio, case.goal))
    table(("a call", "ours", "PyO3", "ctypes", "Python", "ours/PyO3", "by medians", "goal"), rows)
    for name, ratio, at_most in judged:
        judge.at_most(f"{name}, against PyO3", ratio, at_most)


def _timing(statement: Statement) -> Callable[[], float]:
    """The seconds of one call, by as many calls as fit into a slice."""
    text, names = statement
    timer = timeit.Timer(text, globals=dict(names))
    number = max(1, int(_SLICE / min(timer.repeat(5, 1))))
    return lambda: timer.timeit(number) / number


if __name__ == "__main__":
    sys.exit(main())
