"""The locks that go with results: what has to be written beside the bodies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.lock import Lock, encode
from pytest_symbiont.evolution.provenance import lock_of, proven_in, read
from pytest_symbiont.evolution.writeback import Change
from pytest_symbiont.source.digest import Anatomy
from pytest_symbiont.source.edit import replace_bodies

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from pytest_symbiont.evolution.lock import Entry
    from pytest_symbiont.evolution.provenance import Author, Subject
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.source.values import SourceFile


def lock_changes(
    results: Sequence[Result], without: Mapping[Path, Collection[str]] | None = None
) -> tuple[dict[Path, Change], dict[Path, str]]:
    """The locks with these results in them, and why others cannot be had.

    ``without`` are names of entries that go.
    """
    changes: dict[Path, Change] = {}
    problems: dict[Path, str] = {}
    texts = _texts(results)
    for path in dict.fromkeys([*map(lock_of, (file.path for file in texts)), *(without or ())]):
        try:
            before, lock = read(path)
        except (SymbiontError, OSError) as error:
            problems[path] = str(error)
            continue
        entries = {
            name: entry for name, entry in lock.target.items() if name not in (without or {}).get(path, ())
        }
        for file, text in texts.items():
            if lock_of(file.path) == path:
                _renew(entries, file, text, results)
        after = encode(Lock(target=entries)) if entries else b""
        if after != (before or b"") and (entries or before is not None):
            changes[path] = Change(path, before, after or encode(Lock()))
    return changes, problems


def _texts(results: Sequence[Result]) -> dict[SourceFile, str]:
    """What each file will hold."""
    bodies: dict[SourceFile, dict[str, str]] = {}
    for result in results:
        for file, mine in result.bodies.items():
            bodies.setdefault(file, {}).update(mine)
    return {file: replace_bodies(file.text, mine) for file, mine in bodies.items()}


def _renew(entries: dict[str, Entry], file: SourceFile, text: str, results: Sequence[Result]) -> None:
    """Put the entries of a file's new bodies in; those of functions that it has no longer go."""
    there = set(Anatomy(text).paths)
    prefix = f"{file.path.name}::"
    for name in [
        name for name in entries if name.startswith(prefix) and name.removeprefix(prefix) not in there
    ]:
        del entries[name]
    mine = [
        (subject, result.author)
        for result in results
        for subject in result.subjects
        if result.author and subject.file == file.path and subject.path in result.bodies.get(file, {})
    ]
    proven = proven_in(Lock(target=entries), file.path) | {subject.path for subject, _ in mine}
    for subject, author in mine:
        entry = _entry(subject, author, text, proven, entries.get(subject.name))
        if entry is not None:
            entries[subject.name] = entry


def _entry(
    subject: Subject, author: Author, text: str, proven: Collection[str], before: Entry | None
) -> Entry | None:
    entry = subject.entry(text, author, proven)
    if entry is None or author.model or before is None or not before.intact or before.body != entry.body:
        return entry
    # Taken as it is, and it is what a model wrote.
    known = replace(author, model=before.model, rounds=before.rounds, tokens=before.tokens)
    return subject.entry(text, known, proven)
