"""Whether an answer that is still coming has all that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.source import _fences
from pytest_symbiont.source._pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Collection


def is_enough(text: str, names: Collection[str]) -> bool:
    """Whether blocks that are closed define functions of all these names, thoughts aside."""
    defined: set[str] = set()
    for block in _fences.blocks(_fences.without_thoughts(text.replace("\r\n", "\n"))):
        if block.closed and block.is_rust:
            defined |= {
                each.item.name for each in Piece(block.code).definitions if each.item.function is not None
            }
    return defined.issuperset(names)
