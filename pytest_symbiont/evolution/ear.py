"""Listening to an answer while it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.source.enough import is_enough

if TYPE_CHECKING:
    from collections.abc import Sequence

# An answer is read again at each of its first fences, while it is short: one that is nothing but fences must
# not cost time that grows with its square.
_MOST_LOOKS = 16
_LONGEST_LOOK = 32 * 1024


class Ear:
    """Hears an answer while it comes, and ends it when it has closed blocks with all that was asked for.

    ``hangs_up`` is false where every token has to be accounted for: a server that is hung up on does not say
    how many there were.
    """

    def __init__(self, names: Sequence[str], *, hangs_up: bool) -> None:
        self.names = tuple(names)
        self.hangs_up = hangs_up
        self._fences = self._looks = 0
        self.tokens = 0

    def heard(self, text: str, tokens: int) -> str:
        self.tokens = tokens
        if not self.hangs_up or self._looks == _MOST_LOOKS or len(text) > _LONGEST_LOOK:
            return ""
        fences = text.count("```") + text.count("~~~")
        if fences == self._fences:
            return ""
        self._fences = fences
        self._looks += 1
        return "enough" if is_enough(text, self.names) else ""
