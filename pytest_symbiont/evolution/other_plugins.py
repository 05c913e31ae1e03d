"""What other plugins would keep of a trial, each stopped by one context manager.

Most plugins hear of tests by the hooks that a trial is silent on. These record by themselves.
None of them is imported here: one that is not loaded is not looked for, and one that has changed its inside
is left alone.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


@contextmanager
def unnoticed(config: pytest.Config) -> Iterator[None]:
    """Run a trial without other plugins counting it."""
    with ExitStack() as stack:
        stack.enter_context(_no_benchmarks(config))
        stack.enter_context(_no_snapshot_files(config))
        stack.enter_context(_no_inline_snapshots())
        yield


@contextmanager
def _no_benchmarks(config: pytest.Config) -> Iterator[None]:
    """pytest-benchmark: one row a test. Benchmarks do run in trials: tests may look at their figures."""
    session: Any = getattr(config, "_benchmarksession", None)
    measured: list[Any] = getattr(session, "benchmarks", [])
    before = len(measured)
    try:
        yield
    finally:
        del measured[before:]


@contextmanager
def _no_snapshot_files(config: pytest.Config) -> Iterator[None]:
    """syrupy: what a candidate returns is no snapshot to write, and its assertions are not the report's."""
    session: Any = getattr(config, "_syrupy", None)
    assertions: list[Any] = getattr(session, "_assertions", [])
    before = len(assertions)
    updating = ("update_snapshots", "update_new_snapshots_only")
    given = {name: getattr(config.option, name) for name in updating if hasattr(config.option, name)}
    for name in given:
        setattr(config.option, name, False)
    try:
        yield
    finally:
        vars(config.option).update(given)
        del assertions[before:]


@contextmanager
def _no_inline_snapshots() -> Iterator[None]:
    """inline-snapshot: it compares, and does not record what a wrong body returned as a value to write."""
    module: Any = sys.modules.get("inline_snapshot._global_state")
    state: Any = module.state() if hasattr(module, "state") else None
    active = getattr(state, "active", None)
    if not active:
        yield
        return
    state.active = False
    try:
        yield
    finally:
        state.active = active
