"""The documentation as its tests read it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
_FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in one language, in order."""
    found = _FENCE.finditer(page.read_text("utf-8"))
    return [match["text"] for match in found if match["language"] == language]
