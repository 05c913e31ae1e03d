"""Entries of locks that belong to nothing: their function, their file or their tests are gone."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.lock import NAME
from pytest_symbiont.evolution.provenance import lock_of, read
from pytest_symbiont.source.digest import Anatomy
from pytest_symbiont.source.encoding import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from pytest_symbiont.evolution.lock import Entry
    from pytest_symbiont.evolution.suite import Suite


def lost_entries(
    suites: Sequence[Suite], collected: Iterable[Path], patterns: Sequence[str]
) -> dict[Path, dict[str, str]]:
    """By lock and name, why an entry is lost.

    Locks are looked for beside the Rust files of the suites and beside the ``collected`` files of tests. An
    entry whose tests are in other files, with names as in ``patterns``, is not lost. Raises `SymbiontError`
    where a lock cannot be used.
    """
    bound = {(handle.file.source.path, handle.path) for suite in suites for handle in suite.handles}
    resolved = {path.resolve() for path in collected}
    places = [lock_of(file) for file, _ in bound] + [path.parent / NAME for path in resolved]
    here = {(file.resolve(), path) for file, path in bound}
    found: dict[Path, dict[str, str]] = {}
    for place in sorted({place.resolve() for place in places}):
        for name, entry in read(place)[1].target.items():
            file_name, _, path = name.partition("::")
            file = (place.parent / file_name).resolve()
            if (file, path) in here:
                continue
            if reason := _reason(file, path, entry, resolved, patterns):
                found.setdefault(place, {})[name] = reason
    return found


def _reason(
    file: Path, path: str, entry: Entry, collected: AbstractSet[Path], patterns: Sequence[str]
) -> str:
    if not file.is_file():
        return f"there is no {file.name} any more"
    if path not in Anatomy(decode(file.read_bytes(), file.name)).paths:
        return "its function is gone"
    tests = {(file.parent / test.partition("::")[0]).resolve() for test in entry.tests}
    elsewhere = [
        test
        for test in tests - collected
        if test.is_file() and any(fnmatch(test.name, pattern) for pattern in patterns)
    ]
    return "" if elsewhere else "no test is bound to it any more"
