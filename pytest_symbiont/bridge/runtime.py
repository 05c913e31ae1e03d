"""The runtime library in this process, through cffi.

Loading a library brings its code into pytest, so only builds that may run here are ever given to it.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import cffi

from pytest_symbiont.bridge.reply import Panicked
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_symbiont.bridge.answers import Answers

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
    void symbiont_answer_by(void *callback);
    void symbiont_answer(const char *answer, uint64_t length);
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


class _Desk:
    """Where questions of Rust arrive: on the thread of the call, whose answers are the last ones here."""

    def __init__(self) -> None:
        self._here = threading.local()
        self.callback = _ffi().callback(
            "uint32_t(uint64_t, const char *, uint64_t)", self._asked, error=1, onerror=self._interrupted
        )

    @contextmanager
    def open(self, answers: Answers, library: Any) -> Iterator[None]:
        calls = self._calls()
        calls.append((answers, library))
        try:
            yield
        finally:
            calls.pop()

    def _calls(self) -> list[tuple[Answers, Any]]:
        if not hasattr(self._here, "calls"):
            self._here.calls = []
        calls: list[tuple[Answers, Any]] = self._here.calls
        return calls

    def _asked(self, number: int, data: Any, length: int) -> int:
        answers, library = self._calls()[-1]
        found = answers.answer(number, bytes(_ffi().buffer(data, length)))
        if found is None:
            return 1
        library.symbiont_answer(found, len(found))
        return 0

    def _interrupted(self, _: object, error: BaseException, __: object) -> None:
        """What came between, such as a signal's KeyboardInterrupt."""
        answers, _library = self._calls()[-1]
        answers.raised = answers.raised or error


@cache
def _desk() -> _Desk:
    return _Desk()


class Runtime:
    """The C functions of `native/runtime/src/abi.rs`; addresses are plain ints."""

    def __init__(self, library: Path) -> None:
        self.ffi = _ffi()
        self.library = self.ffi.dlopen(str(library))
        self._answering = False
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

    @contextmanager
    def asked(self, answers: Answers | None) -> Iterator[None]:
        """Let questions of the calls that this thread makes meanwhile be answered so."""
        if answers is None:
            yield
            return
        if not self._answering:
            self.library.symbiont_answer_by(_desk().callback)
            self._answering = True
        with _desk().open(answers, self.library):
            yield

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
