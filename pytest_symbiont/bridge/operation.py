"""What can be done with objects beside calling their methods: save, load and drop them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pytest_symbiont.bridge import glue
from pytest_symbiont.bridge.arguments import Buffer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_symbiont.bridge.arguments import Passed
    from pytest_symbiont.bridge.custom import CustomType
    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.build.builder import Entry

_WORD = 8


class Operation:
    """One entry of a file that is no function of it. ``custom`` is the type, None for `drop`."""

    def __init__(self, file: EvolvingFile, name: str, custom: CustomType | None = None) -> None:
        self.file = file
        self.name = name
        self._custom = custom
        self.refused = ""

    @property
    def entry(self) -> Entry:
        return glue.no_entry() if self.refused else self._entry

    @cached_property
    def _entry(self) -> Entry:
        if self._custom is None:
            return glue.resume_entry() if self.name == "resume" else glue.drop_entry()
        make = glue.save_entry if self.name == "save" else glue.load_entry
        return make(self._custom, self.file.types)

    @cached_property
    def _shim(self) -> Path:
        return self.file.workbench.builder.shim(self.entry.shim)

    def shim(self) -> Path:
        """The library that calls it."""
        return self._shim

    @property
    def index(self) -> int:
        """Which of its file's entries this is."""
        return self.file.index(self)

    def called_with(self, _: Sequence[Passed]) -> str:
        """The call, for messages."""
        return f"{self.name} of {self._custom.shown if self._custom else 'an object'}"


def number(value: int) -> bytes:
    """A number as an argument in words."""
    return value.to_bytes(_WORD, "little")


def packed(data: bytes) -> Buffer:
    """Packed bytes as an argument."""
    memory = bytearray(data)
    return Buffer(memoryview(memory), len(memory))
