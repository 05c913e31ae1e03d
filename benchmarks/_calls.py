"""What a call costs: every way to the same native function, names looked up beforehand."""

from __future__ import annotations

import ctypes
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import _natives
import numpy as np
from _measure import per_call, seconds, table

if TYPE_CHECKING:
    from _measure import Judge, Statement

_ELEMENTS = 1000


def run(judge: Judge, *, quick: bool) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        _run(judge, Path(temporary), rounds=7 if quick else 25)


def _run(judge: Judge, folder: Path, *, rounds: int) -> None:
    registry, fast = _natives.ours(folder, compiler=True)
    _, direct = _natives.ours(folder, compiler=False)
    path = _natives.library(folder, registry)
    scalar: dict[str, Statement] = {}
    buffer: dict[str, Statement] = {}
    values = np.random.default_rng(0).random(_ELEMENTS)
    if registry.workbench.extension is not None:
        scalar["ours"] = ("call(1, 2)", {"call": fast.add})
        buffer["ours"] = ("call(values)", {"call": fast.total, "values": values})
    scalar["ours, no C compiler"] = ("call(1, 2)", {"call": direct.add})
    buffer["ours, no C compiler"] = ("call(values)", {"call": direct.total, "values": values})
    for name, found in (
        ("cffi API, bare", _natives.cffi_api(path)),
        ("cffi ABI, bare", _natives.cffi_abi(path)),
    ):
        if found is not None:
            ffi, library = found
            scalar[name] = ("call(1, 2)", {"call": library.c_add})
            buffer[name] = _from_buffer(library.c_total, ffi, values)
    c_add, c_total = _ctypes(path)
    scalar["ctypes"] = ("call(1, 2)", {"call": c_add})
    buffer["ctypes"] = ("call(values.ctypes.data, len(values))", {"call": c_total, "values": values})
    scalar["pure Python"] = ("call(1, 2)", {"call": _add})
    buffer["pure Python"] = ("call(values)", {"call": _total, "values": values})

    for shape, statements, number in (
        ("fn(i64, i64) -> i64", scalar, 20_000),
        (f"fn(&[f64]) -> f64, {_ELEMENTS} elements of numpy", buffer, 500),
    ):
        took = per_call(statements, number=number, rounds=rounds)
        base = took["cffi ABI, bare"]
        print(shape)
        table(
            ("", "a call", "of cffi ABI"),
            [(name, seconds(t), f"{t / base:.2f} x") for name, t in took.items()],
        )
        if statements is scalar:
            if "ours" in took and "cffi API, bare" in took:
                judge.at_most("scalar call against cffi API bare", took["ours"] / took["cffi API, bare"], 1)
            judge.at_most("scalar call without a C compiler against cffi ABI bare",
                          took["ours, no C compiler"] / base, 3)  # fmt: skip


def _from_buffer(call: Any, ffi: Any, values: Any) -> Statement:
    names = {
        "call": call,
        "from_buffer": ffi.from_buffer,
        "doubles": ffi.typeof("double[]"),
        "values": values,
    }
    return "call(from_buffer(doubles, values), len(values))", names


def _ctypes(path: Path) -> tuple[Any, Any]:
    library = ctypes.CDLL(str(path))
    library.c_add.argtypes, library.c_add.restype = [ctypes.c_int64, ctypes.c_int64], ctypes.c_int64
    library.c_total.argtypes, library.c_total.restype = [ctypes.c_void_p, ctypes.c_size_t], ctypes.c_double
    return library.c_add, library.c_total


def _add(a: int, b: int) -> int:
    return a + b


def _total(values: Any) -> float:
    total = 0.0
    for value in values:
        total += value
    return total
