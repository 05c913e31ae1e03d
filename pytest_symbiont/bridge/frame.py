"""The words of a call, as `native/runtime/src/frame.rs` reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.bridge.arguments import Buffer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.bridge.arguments import Passed

WORD = 8


def lay_out(passed: Sequence[Passed]) -> tuple[bytearray, list[tuple[int, Buffer]]]:
    """The argument words, and for each buffer the index of the word that is to hold its address."""
    words = bytearray()
    buffers = []
    for argument in passed:
        if isinstance(argument, Buffer):
            buffers.append((len(words) // WORD, argument))
            words += bytes(WORD) + argument.count.to_bytes(WORD, "little")
        else:
            words += argument.ljust(-(-len(argument) // WORD) * WORD, b"\0")
    return words, buffers
