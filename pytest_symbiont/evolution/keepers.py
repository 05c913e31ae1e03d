"""What a trial would leave behind, each kept and given back by one context manager.

pytest and plugins keep results of a run on items, in the session and in the config; a trial's must not show
in the logged run, nor decide what the next trial finds.
"""

from __future__ import annotations

import shutil
import sys
from array import array
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pytest

# Made anew by every run of the protocol.
_FRESH = frozenset({"_request", "funcargs", "_instance", "_obj"})


@contextmanager
def restored(items: Sequence[pytest.Item]) -> Iterator[None]:
    """Give items, their marks and parameters, the session and the config back as they were."""
    session = items[0].session
    with ExitStack() as stack:
        for item in items:
            stack.enter_context(_attributes(item))
        stack.enter_context(_parameters(items))
        for node in dict.fromkeys(node for item in items for node in item.listchain()):
            stack.enter_context(_marks(node))
        stack.enter_context(_stop_flags(session))
        stack.enter_context(_suite_properties(session.config))
        stack.enter_context(_folder_numbers(session.config))
        yield


@contextmanager
def _attributes(item: pytest.Item) -> Iterator[None]:
    """What hypothesis and others put on the item; its report sections, user properties and stash."""
    attributes = dict(vars(item))
    sections = list(item._report_sections)  # noqa: SLF001 - what capturing adds to
    properties = list(item.user_properties)
    stash: Any = item.stash
    storage: dict[Any, Any] = stash._storage  # noqa: SLF001 - a stash cannot be copied
    stashed = dict(storage)
    try:
        yield
    finally:
        for name in set(vars(item)) - set(attributes) - _FRESH:
            del vars(item)[name]
        vars(item).update({name: value for name, value in attributes.items() if name not in _FRESH})
        item._report_sections[:] = sections  # noqa: SLF001
        item.user_properties[:] = properties
        storage.clear()
        storage.update(stashed)
        _forget_subtests(item)


def _forget_subtests(item: pytest.Item) -> None:
    """pytest 9 counts failed subtests in the config, by node id, and fails the test for them."""
    module = sys.modules.get("_pytest.subtests")
    key = getattr(module, "failed_subtests_key", None)
    if key is not None and key in item.config.stash:
        counts = item.config.stash[key]
        for name in (item.nodeid, getattr(item, "id", item.nodeid)):
            counts.pop(name, None)


@contextmanager
def _parameters(items: Sequence[pytest.Item]) -> Iterator[None]:
    """Copies of mutable parameters: `parametrize("xs", [[3, 1, 2]])` hands out one list for all runs.

    A body that sorts half of it would leave the rest for the next one to be found right.
    """
    specs = [item.callspec.params for item in items if hasattr(item, "callspec")]
    originals = [dict(spec) for spec in specs]
    # One for the whole trial: what parameters share stays shared.
    copies: dict[int, Any] = {}
    for spec in specs:
        spec.update({name: _copied(value, copies) for name, value in spec.items()})
    try:
        yield
    finally:
        for spec, original in zip(specs, originals, strict=True):
            spec.update(original)


def _copied(value: Any, copies: dict[int, Any]) -> Any:
    """Copies of plain containers and arrays, one for each original; everything else is itself."""
    if id(value) in copies:
        return copies[id(value)]
    kind = type(value)
    made: Any
    if kind is dict:
        made = {key: _copied(item, copies) for key, item in value.items()}
    elif kind in {list, set, tuple}:
        made = kind(_copied(item, copies) for item in value)
    elif kind in {bytearray, array}:
        made = value[:]
    elif kind is getattr(sys.modules.get("numpy"), "ndarray", None):
        made = value.copy()
    else:
        return value
    copies[id(value)] = made
    return made


@contextmanager
def _marks(node: Any) -> Iterator[None]:
    """Marks that a test or fixture adds: an `xfail` of one body must not excuse the next."""
    own, keywords = list(node.own_markers), dict(node.keywords._markers)  # noqa: SLF001 - no public copy
    try:
        yield
    finally:
        node.own_markers[:] = own
        node.keywords._markers.clear()  # noqa: SLF001
        node.keywords._markers.update(keywords)  # noqa: SLF001


@contextmanager
def _stop_flags(session: pytest.Session) -> Iterator[None]:
    before = session.shouldfail, session.shouldstop
    try:
        yield
    finally:
        # pytest warns where such a flag is taken back by assignment.
        session._shouldfail, session._shouldstop = before  # noqa: SLF001


@contextmanager
def _suite_properties(config: pytest.Config) -> Iterator[None]:
    """What `record_testsuite_property` adds to the JUnit report."""
    module: Any = sys.modules.get("_pytest.junitxml")
    report: Any = config.stash.get(module.xml_key, None) if module is not None else None
    properties: list[Any] = report.global_properties if report is not None else []
    before = list(properties)
    try:
        yield
    finally:
        properties[:] = before


@contextmanager
def _folder_numbers(config: pytest.Config) -> Iterator[None]:
    """The numbers of `tmp_path` folders, which newer pytests count: a trial's folders are removed."""
    numbers: Any = getattr(getattr(config, "_tmp_path_factory", None), "_next_number", None)
    before = dict(numbers or {})
    try:
        yield
    finally:
        if numbers is not None:
            numbers.clear()
            numbers.update(before)  # what a fixture made and keeps is skipped where the name comes up again


class Folders:
    """The `tmp_path` folders that a trial made; they go with it."""

    def __init__(self) -> None:
        self._made: list[Path] = []

    def made(self, path: Path) -> None:
        self._made.append(path)

    def remove(self) -> None:
        while self._made:
            shutil.rmtree(self._made.pop(), ignore_errors=True)
