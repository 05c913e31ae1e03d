"""Answers that say what to change: unified diffs and SEARCH/REPLACE blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.source import _fences
from pytest_symbiont.source._packing import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SEARCH_REPLACE = re.compile(
    r"^[ \t]*<{5,9}[ \t]*(?:SEARCH|ORIGINAL|HEAD)?[ \t]*\n(?P<old>.*?)^[ \t]*={5,9}[ \t]*\n"
    r"(?P<new>.*?)^[ \t]*>{5,9}[^\n]*$",
    re.DOTALL | re.MULTILINE,
)
_HUNK_HEADER = re.compile(r"@@.*?@@|@@")
_FILE_HEADER = re.compile(r"(?:---|\+\+\+) .*|diff --git .*|index [0-9a-f]+\.\..*|\*\*\* .*")
_SIGN_OF_DIFF = re.compile(r"(?m)^(?:@@ .*|\+\+\+ \S.*|diff --git .*)$")
_DIFF_INFO = re.compile(r"(?:diff|patch|udiff)\b.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Lines to be found, and those to stand in their place."""

    old: tuple[str, ...]
    new: tuple[str, ...]


def edited(text: str, bases: Sequence[str]) -> tuple[Reading, ...] | None:
    """How an answer that is an edit reads, likeliest first; None where it is none.

    First as the text that comes of it: that of the first of ``bases`` that has all of the lines to be
    changed. Then as the new lines alone, which may be all that is needed.
    """
    hunks, rest = _hunks(text)
    if not hunks:
        return None
    news = [_block("\n".join(hunk.new)) for hunk in hunks]
    readings = [Reading("\n\n".join([*rest, *news]), "the new lines of the edit taken", complete=True)]
    for base in bases:
        if (changed := _applied(hunks, base)) is not None:
            readings.insert(0, Reading(_block(changed), "the edit made in the code that was shown"))
            break
    if rest and not _is_last_an_edit(text):
        readings.insert(0, Reading("\n\n".join(rest), "the edit before the code left out", complete=True))
    return tuple(readings)


def _is_last_an_edit(text: str) -> bool:
    block = _fences.blocks(text)[-1]
    return _is_diff(block) or bool(_SEARCH_REPLACE.search(block.code))


def _hunks(text: str) -> tuple[list[_Hunk], list[str]]:
    """The edits of an answer, and its blocks that are none."""
    pairs = list(_SEARCH_REPLACE.finditer(text))
    if pairs:
        others = [_block(block.code) for block in _fences.blocks(_SEARCH_REPLACE.sub("", text))]
        return [_Hunk(_lines(pair["old"]), _lines(pair["new"])) for pair in pairs], others
    found: list[_Hunk] = []
    rest: list[str] = []
    for block in _fences.blocks(text):
        hunks = list(_of_diff(block.code)) if _is_diff(block) else []
        found += hunks
        if not hunks:
            rest.append(_block(block.code))
    if not found and not rest and _SIGN_OF_DIFF.search(text):
        found = list(_of_diff(text))
    return found, rest


def _is_diff(block: _fences.Block) -> bool:
    """Whether added lines begin in the first column, where no formatted Rust has a ``+``."""
    says_so = _DIFF_INFO.fullmatch(block.info) or _SIGN_OF_DIFF.search(block.code)
    added = re.search(r"(?m)^\+", block.code)
    return bool(added and (says_so or block.is_rust)) or bool(says_so and re.search(r"(?m)^-", block.code))


def _of_diff(code: str) -> Iterator[_Hunk]:
    old: list[str] = []
    new: list[str] = []
    for line in [*code.split("\n"), "@@"]:
        if _FILE_HEADER.fullmatch(line):
            continue
        if _HUNK_HEADER.match(line):
            if any(line.strip() for line in (*old, *new)):
                yield _Hunk(tuple(old), tuple(new))
            old, new = [], []
        elif line.startswith("-"):
            old.append(line[1:])
        elif line.startswith("+"):
            new.append(line[1:])
        elif not line.startswith("\\"):  # "\ No newline at end of file"
            old.append(line.removeprefix(" "))
            new.append(line.removeprefix(" "))


def _applied(hunks: Sequence[_Hunk], base: str) -> str | None:
    lines = base.split("\n")
    for hunk in hunks:
        old, new = _trimmed(hunk)
        place = _find(lines, old)
        if place is None:
            return None
        lines[place : place + len(old)] = new
    return "\n".join(lines)


def _trimmed(hunk: _Hunk) -> tuple[Sequence[str], Sequence[str]]:
    """Without empty lines around it that both sides have: models are careless with them."""
    old, new = list(hunk.old), list(hunk.new)
    for end in (0, -1):
        while old and not old[end].strip():
            if new and not new[end].strip():
                del new[end]
            del old[end]
    return old, new


def _find(lines: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Where these lines stand, layout aside, if they stand anywhere."""
    bare = ["".join(line.split()) for line in lines]
    sought = ["".join(line.split()) for line in wanted]
    if not sought:
        return None
    places = range(len(bare) - len(sought) + 1)
    return next((at for at in places if bare[at : at + len(sought)] == sought), None)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.removesuffix("\n").split("\n")) if text else ()


def _block(code: str) -> str:
    """The code in a fence that nothing in it closes."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}rust\n{code}\n{fence}"
