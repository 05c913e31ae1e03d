"""The runtime library in this process, through cffi.

Loading a library brings its code into pytest, so only builds that may run here are ever given to it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import cffi

from pytest_symbiont.bridge.reply import Panicked
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from pathlib import Path

OUTCOME_WORDS = 6
"""Two words of a scalar, then data, length, capacity and alignment of what was returned on the heap."""

_C = """
    typedef struct { const char *message; size_t message_length; const char *file; size_t file_length;
                     uint32_t line; uint32_t column; } panic_fields;
    void *symbiont_slot(void);
    void symbiont_store(void *slot, void *entry);
    void *symbiont_load(const char *path, const char *symbol, char *message, size_t length);
    void *symbiont_panic(void);
    void symbiont_panic_read(void *report, panic_fields *fields);
    void symbiont_panic_free(void *report);
    void symbiont_free(void *data, uint64_t capacity, uint64_t align);
"""


@cache
def _ffi() -> Any:
    ffi = cffi.FFI()
    ffi.cdef(_C)
    return ffi


def address(memory: memoryview) -> int:
    """Where this memory begins."""
    ffi = _ffi()
    return int(ffi.cast("uintptr_t", ffi.from_buffer(memory)))


class Runtime:
    """The C functions of `native/runtime/src/abi.rs`; addresses are plain ints."""

    def __init__(self, library: Path) -> None:
        self.ffi = _ffi()
        self.library = self.ffi.dlopen(str(library))
        self.call_type = self.ffi.typeof("uint32_t(*)(void *, uint64_t *)")

    def slot(self) -> int:
        """A new slot, to live as long as the process."""
        return self._int(self.library.symbiont_slot())

    def store(self, slot: int, entry: int) -> None:
        """Make ``entry`` what calls through ``slot`` reach: one atomic store."""
        self.library.symbiont_store(self._pointer(slot), self._pointer(entry))

    def load(self, path: Path, symbol: str) -> int:
        """The address of ``symbol`` in the library at ``path``."""
        message = self.ffi.new("char[]", 4096)
        found = self.library.symbiont_load(str(path).encode(), symbol.encode(), message, len(message))
        if found == self.ffi.NULL:
            raise SymbiontError(
                f"a build could not be loaded: {self.ffi.string(message).decode(errors='replace')}"
            )
        return self._int(found)

    def function(self, name: str) -> int:
        """The address of one of the runtime's own functions."""
        return self._int(self.ffi.cast("void *", self.ffi.addressof(self.library, name)))

    def panic(self) -> Panicked:
        """This thread's last panic."""
        report = self.library.symbiont_panic()
        fields = self.ffi.new("panic_fields *")
        self.library.symbiont_panic_read(report, fields)
        try:
            message, file = (
                bytes(self.ffi.buffer(start, length)).decode("utf-8", "replace") if length else ""
                for start, length in (
                    (fields.message, fields.message_length),
                    (fields.file, fields.file_length),
                )
            )
            return Panicked(message, file, fields.line, fields.column)
        finally:
            self.library.symbiont_panic_free(report)

    def _int(self, pointer: Any) -> int:
        return int(self.ffi.cast("uintptr_t", pointer))

    def _pointer(self, number: int) -> Any:
        return self.ffi.cast("void *", number)
