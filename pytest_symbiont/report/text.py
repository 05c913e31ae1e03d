"""Model text made safe to show."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """The text with terminal control characters made visible; line breaks and tabs stay."""
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"} else ascii(char)[1:-1]
        for char in text
    )


def one_line(text: str, width: int = 120) -> str:
    """The text on one line, at most ``width`` characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def counted(number: int, noun: str) -> str:
    """``1 answer``, ``2 answers``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
