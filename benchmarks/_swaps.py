"""What it costs to make another loaded revision the active one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import _natives
from _measure import per_call, seconds, table

if TYPE_CHECKING:
    from _measure import Judge


def run(judge: Judge, *, quick: bool) -> None:  # noqa: ARG001 - there is no goal
    with tempfile.TemporaryDirectory() as temporary:
        statements = {}
        for name, compiler in (("C callable", True), ("no C compiler", False)):
            registry, module = _natives.ours(Path(temporary), compiler=compiler)
            handle = registry.handle(module.add)
            assert handle is not None
            file = handle.file
            other = file.add(file.source.text.replace("a + b", "a - b"))
            names = {"swap": file.activate, "handle": handle, "one": file.revisions[0], "other": other}
            statements[name] = ("swap(handle, other); swap(handle, one)", names)
            file.activate(handle, other)
            assert module.add(1, 1) == 0
        took = per_call(statements, number=500, rounds=5 if quick else 15)
        table(("activate", "a swap"), [(name, seconds(both / 2)) for name, both in took.items()])
