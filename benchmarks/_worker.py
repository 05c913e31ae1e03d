"""What a trial pays for running Rust in a process of its own."""

from __future__ import annotations

import tempfile
import time
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

from _measure import median, per_call, seconds, table

from pytest_symbiont.bridge.arguments import encode
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.bridge.remote import RemoteRoute
from pytest_symbiont.bridge.worker import Worker
from pytest_symbiont.build.builder import Build, Profile

if TYPE_CHECKING:
    from _measure import Judge

    from pytest_symbiont.bridge.handle import Handle

_RUST = """\
pub fn add(a: i64, b: i64) -> i64 {
    a + b
}

pub fn touch(values: &mut [f64]) {
    values[0] += 1.0;
}
"""
_MEGABYTE = (1 << 20) // 8


def run(judge: Judge, *, quick: bool) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "worker.rs"
        path.write_text(_RUST, "utf-8")
        registry = Registry()
        module = registry.module(path)
        handles = [registry.handle(module.add), registry.handle(module.touch)]
        add, touch = (handle for handle in handles if handle is not None)
        build = add.file.build(add.file.current, Profile.TRIAL)
        assert isinstance(build, Build)
        executable = add.file.workbench.builder.native.worker
        starts = [_start(executable, add, build) for _ in range(10 if quick else 40)]
        worker = Worker(executable)
        names = {
            "worker": worker,
            "add": _load(worker, add, build),
            "scalars": encode(add.plan, (1, 2), add.codec),
            "touch": _load(worker, touch, build),
            "megabyte": encode(touch.plan, (array("d", [1.0]) * _MEGABYTE,), touch.codec),
        }
        route = RemoteRoute(executable, lambda *_: build, Profile.TRIAL, timeout=60, output=lambda _: None)
        rounds = 5 if quick else 15
        with add.through(route, add.file.current):
            small = per_call(
                {
                    "the frame alone": ("worker.call(add, scalars, timeout=60)", names),
                    "by the callable, checks included": ("call(1, 2)", {"call": module.add}),
                },
                number=1000,
                rounds=rounds,
            )
        large = per_call(
            {"1 MB of f64 there and back": ("worker.call(touch, megabyte, timeout=60)", names)},
            number=20,
            rounds=rounds,
        )
        worker.close()
        route.close()
    rows = [(name, seconds(value)) for name, value in {**small, **large}.items()]
    table(("", "takes"), [("start, load, first answer", seconds(median(starts))), *rows])
    judge.at_most("a call in the worker", small["by the callable, checks included"] * 1e6, 20, "us")


def _start(executable: Path, handle: Handle, build: Build) -> float:
    began = time.perf_counter()
    worker = Worker(executable)
    worker.call(_load(worker, handle, build), encode(handle.plan, (1, 2), handle.codec), timeout=60)
    took = time.perf_counter() - began
    worker.close()
    return took


def _load(worker: Worker, handle: Handle, build: Build) -> int:
    return worker.load(handle.shim(), build.library, build.symbols[handle.index], timeout=60)
