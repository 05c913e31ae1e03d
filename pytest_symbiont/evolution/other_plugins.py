"""What other plugins would keep of a trial, each stopped by one context manager.

Most plugins hear of tests by the hooks that a trial is silent on. These measure or record by themselves.
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
        stack.enter_context(_uncovered())
        stack.enter_context(_no_benchmarks(config))
        stack.enter_context(_no_snapshot_files(config))
        stack.enter_context(_no_inline_snapshots())
        yield


@contextmanager
def covered(scope: str) -> Iterator[None]:
    """Measure coverage inside of a trial all the same: for a fixture that is set up once and stays.

    The logged run finds it set up, so its lines would count as never run.
    """
    collector = None if scope == "function" else _collector()
    if collector is None:
        yield
        return
    collector.resume()
    try:
        yield
    finally:
        collector.pause()


@contextmanager
def _uncovered() -> Iterator[None]:
    """pytest-cov and `coverage run`: a branch that only a wrong body took is not covered."""
    collector = _collector()
    if collector is None:
        yield
        return
    # Stopping the measurement itself is no way: switching contexts (`--cov-context=test`) needs it started.
    collector.pause()
    try:
        yield
    finally:
        collector.resume()


def _collector() -> Any:
    """What coverage.py collects with, where it measures this process."""
    coverage: Any = getattr(sys.modules.get("coverage"), "Coverage", None)
    measuring = coverage.current() if coverage is not None else None
    if measuring is None or not getattr(measuring, "_started", False):
        return None
    return getattr(measuring, "_collector", None)


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
