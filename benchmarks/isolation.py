"""What isolation costs: each layer of it beside the same thing without.

    python benchmarks/isolation.py [--quick]

Everything is measured in turns within one run and compared by medians. The exit code is 1 where a goal is
missed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

from _measure import Judge, interleaved, median, per_call, seconds, table
from _worker import MEGABYTE, RUST

from pytest_symbiont.bridge.arguments import encode
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.bridge.worker import Callee, Worker
from pytest_symbiont.build.builder import Build, Profile
from pytest_symbiont.build.isolation import LAYERS
from pytest_symbiont.build.jail import Jail

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Bench:
    """A worker's parts: its program, what it loads, and the arguments of its calls."""

    def __init__(self, folder: Path) -> None:
        (folder / "bench.rs").write_text(RUST, "utf-8")
        registry = Registry()
        module = registry.module(folder / "bench.rs")
        add, touch = (registry.handle(function) for function in (module.add, module.touch))
        assert add is not None
        assert touch is not None
        build = add.file.build(add.file.current, Profile.TRIAL)
        assert isinstance(build, Build)
        self.builder = add.file.workbench.builder
        handles = (add, touch)
        self.callees = [Callee(each.shim(), build.library, build.symbols[each.index]) for each in handles]
        self.scalars = encode(add.plan, (1, 2), add.codec)
        self.megabyte = encode(touch.plan, (array("d", [1.0]) * MEGABYTE,), touch.codec)

    def worker(self, layers: Sequence[str]) -> Worker:
        worker = Worker(self.builder.native.worker, layers)
        worker.load(self.callees, timeout=60)
        return worker

    def start(self, layers: Sequence[str]) -> float:
        """Start, confine, load: until the worker says that it can be called."""
        began = time.perf_counter()
        worker = self.worker(layers)
        took = time.perf_counter() - began
        worker.close()
        return took

    def rustc(self, work: Path, *, jailed: bool) -> float:
        """The shortest thing that rustc does."""
        native = self.builder.native
        jail = Jail(self.builder.toolchain, native.folder, native.facade_folder, LAYERS)
        before = jail.command(work) if jailed else []
        command = [*before, str(self.builder.toolchain.rustc), "-vV"]
        began = time.perf_counter()
        subprocess.run(command, env={}, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser(description="What isolation costs, side by side.")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    rounds = 10 if parser.parse_args().quick else 40
    judge = Judge()
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench(Path(temporary))
        confined, free = bench.worker(LAYERS), bench.worker(())
        print(f"layers: {', '.join(confined.layers)}\n")
        start = _pair(bench.start, rounds)
        calls = per_call(
            {
                name: ("worker.call(0, scalars, timeout=60)", {"worker": worker, "scalars": bench.scalars})
                for name, worker in (("confined", confined), ("free", free))
            },
            number=1000,
            rounds=rounds,
        )
        large = per_call(
            {
                name: ("worker.call(1, megabyte, timeout=60)", {"worker": worker, "megabyte": bench.megabyte})
                for name, worker in (("confined", confined), ("free", free))
            },
            number=20,
            rounds=rounds,
        )
        confined.close()
        free.close()
        work = Path(temporary)
        rustc = interleaved(
            {
                "confined": lambda: bench.rustc(work, jailed=True),
                "free": lambda: bench.rustc(work, jailed=False),
            },
            rounds,
        )
        compiled = {name: median(values) for name, values in rustc.items()}
    rows = {
        "worker: start, load": start,
        "worker: a scalar call": calls,
        "worker: 1 MB of f64 there and back": large,
        "rustc -vV": compiled,
    }
    table(
        ("", "isolated", "not", "ratio"),
        [
            (
                name,
                seconds(both["confined"]),
                seconds(both["free"]),
                f"{both['confined'] / both['free']:.2f} x",
            )
            for name, both in rows.items()
        ],
    )
    judge.at_most("starting a worker", start["confined"] * 1e3, 3, "ms")
    judge.at_most("a scalar call", calls["confined"] * 1e6, 25, "us")
    judge.at_most("1 MB of f64 there and back", large["confined"] * 1e3, 2, "ms")
    judge.at_most("the jail", (compiled["confined"] - compiled["free"]) * 1e3, 5, "ms")
    print(f"\n{len(judge.missed)} goals missed" if judge.missed else "\nall goals met")
    return bool(judge.missed)


def _ratio(both: dict[str, float]) -> float:
    return both["confined"] / both["free"]


def _pair(measure: Callable[[Sequence[str]], float], rounds: int) -> dict[str, float]:
    found = interleaved({"confined": lambda: measure(LAYERS), "free": lambda: measure(())}, rounds)
    return {name: median(values) for name, values in found.items()}


if __name__ == "__main__":
    sys.exit(main())
