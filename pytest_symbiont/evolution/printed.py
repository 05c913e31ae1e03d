"""What candidates print: kept with the test that called them, bounded, and harmless to show."""

from __future__ import annotations

import re

from pytest_symbiont.report.text import plain

MOST_BYTES = 64 * 1024
SECTION = "Captured Rust output"

# The worker's process number, which std puts into its last words: no two runs have the same.
_THREAD = re.compile(r"^(thread '[^'\n]*') \(\d+\)(?= has overflowed its stack)", re.MULTILINE)


class Printed:
    """What was printed since it was asked for last."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._lost = 0

    def add(self, printed: bytes) -> None:
        room = MOST_BYTES - len(self._kept)
        self._kept += printed[:room]
        self._lost += len(printed) - len(printed[:room])

    def take(self) -> str:
        """As text without control characters, with a count of what was too much; nothing is kept of it."""
        text = plain(self._kept.decode("utf-8", "backslashreplace")).rstrip("\n")
        text = _THREAD.sub(r"\1", text)
        lost = f"\n… {self._lost:,} bytes more" if self._lost else ""
        self._kept.clear()
        self._lost = 0
        return text + lost
