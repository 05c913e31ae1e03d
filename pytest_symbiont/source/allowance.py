"""What a project may allow its candidates beyond the safe part of std: the words of `--evolve-allow`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Modules of std that are of use inside of the sandbox. It stays shut: no word opens a file.
DOORS = ("alloc", "arch", "ffi", "io", "panic", "path", "time")
WORDS = ("static", "mod", "macro_rules!")
_ATTRIBUTE = re.compile(r"#\[\w+\]")


def parse(text: str) -> frozenset[str]:
    """The words of a text with commas between. Raises `ValueError` with the first one that is none."""
    words = [word.strip() for word in text.split(",") if word.strip() not in {"", "none"}]
    for word in words:
        if word not in (*DOORS, *WORDS) and not _ATTRIBUTE.fullmatch(word):
            raise ValueError(word)
    return frozenset(words)


def doors(allow: Iterable[str]) -> tuple[str, ...]:
    """The modules of std among what is allowed."""
    return tuple(word for word in DOORS if word in set(allow))


def told(allow: Iterable[str]) -> str:
    """For the model; nothing where nothing is allowed."""
    words = [f"std::{word}" if word in DOORS else word for word in sorted(allow)]
    return f"Here you may also use {', '.join(words)}." if words else ""
