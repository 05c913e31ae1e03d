"""Holding what is there against what the lock says, and saying what differs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.lock import NAME, Entry, Lock, decode
from pytest_symbiont.report.text import counted
from pytest_symbiont.source.digest import Anatomy
from pytest_symbiont.source.encoding import decode as decode_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_symbiont.evolution.grounds import Grounds

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a body, at what price, and with what it was proven."""

    model: str
    rounds: int
    tokens: int
    plugin: str
    rustc: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A target as it is now: its file, its path there, and what its tests reach, by paths from its folder."""

    file: Path
    path: str
    tests: Mapping[str, str]

    @classmethod
    def of(cls, file: Path, path: str, grounds: Grounds) -> Subject:
        folder = os.path.realpath(file.parent)
        tests = {}
        for place, digest in grounds.items():
            where, _, name = place.partition("::")
            tests[f"{Path(os.path.relpath(os.path.realpath(where), folder)).as_posix()}::{name}"] = digest
        return cls(file, path, tests)

    @property
    def text(self) -> str:
        """What its file holds."""
        return decode_source(self.file.read_bytes(), self.file.name) if self.file.is_file() else ""

    @property
    def name(self) -> str:
        """Its name in the lock."""
        return f"{self.file.name}::{self.path}"

    @property
    def lock(self) -> Path:
        """Where its entry belongs: beside its file."""
        return lock_of(self.file)

    def entry(self, text: str, author: Author, proven: Iterable[str]) -> Entry | None:
        """Its entry, where ``text`` is what its file will hold; None where the file has no such function."""
        digests = Anatomy(text).digests(self.path, proven=proven)
        if digests is None:
            return None
        return Entry(
            signature=digests.signature,
            body=digests.body,
            context=digests.context,
            helpers=digests.helpers,
            tests=self.tests,
            model=author.model,
            rounds=author.rounds,
            tokens=author.tokens,
            plugin=author.plugin,
            rustc=author.rustc,
        ).sealed()


def lock_of(file: Path) -> Path:
    """The lock of a Rust file: that of its folder."""
    return file.parent / NAME


def read(path: Path) -> tuple[bytes | None, Lock]:
    """A lock's bytes and what they say. Raises `SymbiontError` where it cannot be used."""
    raw = path.read_bytes() if path.is_file() else None
    return raw, decode(raw, path)


def proven_in(lock: Lock, file: Path) -> set[str]:
    """The functions of a file that have entries."""
    return {name.partition("::")[2] for name in lock.target if name.partition("::")[0] == file.name}


def differences(subject: Subject, text: str, lock: Lock, *, partial: bool = False) -> list[str]:
    """What of a target is not as its entry says, in words; nothing where all is.

    ``partial`` says that not all of its tests are known: what is missing then counts for nothing.
    """
    entry = lock.target.get(subject.name)
    if entry is None:
        return [f"it has no entry in {NAME}"]
    if not entry.intact:
        return [f"its entry in {NAME} was changed"]
    now = Anatomy(text).digests(subject.path, proven=proven_in(lock, subject.file), helpers=entry.helpers)
    if now is None:
        return ["its function is gone"]
    found = [word for word in ("signature", "body") if getattr(now, word) != getattr(entry, word)]
    context = ["the items around it"] if now.context != entry.context else []
    helpers = {name: now.helpers.get(name, "") for name in entry.helpers}
    context += [f"fn {name}" for name in _changed(entry.helpers, helpers)]
    if context:
        found.append(f"fixed context ({_listed(context)})")
    there = subject.tests
    missing = entry.tests.keys() - there.keys() if partial else set()
    tests = _changed({name: value for name, value in entry.tests.items() if name not in missing}, there)
    if tests:
        found.append(f"bound tests ({_listed(tests)})")
    return [f"{part} changed" for part in found]


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The names of what is not the same in both, the most telling first."""
    changed = [name for name in sorted(before.keys() & after.keys()) if before[name] != after[name]]
    gone = [f"{name} is gone" for name in sorted(before.keys() - after.keys())]
    new = [f"{name} is new" for name in sorted(after.keys() - before.keys())]
    return [*changed, *gone, *new]


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    rest = f" and {counted(more, 'other')}" if more > 0 else ""
    return f"{', '.join(names[:_MOST_NAMED])}{rest}"
