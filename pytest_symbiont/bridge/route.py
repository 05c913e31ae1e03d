"""The two ways to call, behind one protocol: in this process, or in a worker (`bridge.remote`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pytest_symbiont.bridge.answers import answers_of
from pytest_symbiont.bridge.frame import WORD, lay_out
from pytest_symbiont.bridge.reply import Panicked, Refused, Reply, Returned
from pytest_symbiont.bridge.runtime import OUTCOME_WORDS, address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_symbiont.bridge.arguments import Passed
    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.bridge.home import LocalHome, RemoteHome
    from pytest_symbiont.bridge.plan import Plan
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.bridge.runtime import Runtime
    from pytest_symbiont.build.builder import Profile


# What `symbiont_call` answers: `native/runtime/src/lib.rs`.
_PANICKED, _REFUSED = 1, 2


class Called(Protocol):
    """What a route calls: a target, or what stands beside the targets of its file."""

    @property
    def plan(self) -> Plan: ...

    @property
    def file(self) -> EvolvingFile: ...

    @property
    def revision(self) -> Revision: ...

    @property
    def index(self) -> int:
        """Which of its build's entries it is."""
        ...

    @property
    def settled(self) -> bool:
        """Whether it is never called without optimisation."""
        ...

    def shim(self) -> Path:
        """The library that calls it."""
        ...

    def called_with(self, passed: Sequence[Passed]) -> str:
        """The call as Rust text, for messages."""
        ...


class Route(Protocol):
    """How a call reaches Rust. ``finish`` of the buffers is the caller's business."""

    def call(self, called: Called, passed: Sequence[Passed]) -> Reply:
        """Make one call. Raises `RustTimeout`, `RustCrash` or `CompileError` where there is no reply."""
        ...

    def home_of(self, handle: Handle) -> LocalHome | RemoteHome | None:
        """Where the objects of such a call live; None where nothing is called."""
        ...


class TrialRoute(Route, Protocol):
    """What a trial needs beside: ``hung`` says that no more calls will be answered."""

    @property
    def hung(self) -> bool: ...

    def for_test(self, profile: Profile, timeout: float | None) -> None:
        """Make the next calls as a test wants them: its profile, its deadline in seconds (None: usual)."""
        ...


class LocalRoute:
    """Calls of one revision in this process: ``function`` is called with ``slot``, which holds its entry.

    The two are addresses. Every revision has a slot of its own, so that what a call reaches and what its
    panic names cannot differ, whatever becomes active meanwhile.
    """

    def __init__(
        self, runtime: Runtime, revision: Revision, slot: int, function: int, home: LocalHome | None = None
    ) -> None:
        self.revision = revision
        self.home = home
        self.slot = slot
        self.function = function
        self._runtime = runtime
        self._slot = runtime.ffi.cast("void *", slot)
        self._call = runtime.ffi.cast(runtime.call_type, function)

    def call(self, called: Called | None, passed: Sequence[Passed]) -> Reply:  # noqa: ARG002 - one slot is one function
        words, buffers = lay_out(passed)
        for index, buffer in buffers:
            at = index * WORD
            words[at : at + WORD] = address(buffer.memory).to_bytes(WORD, "little")
        outcome_at = len(words)
        words += bytes(OUTCOME_WORDS * WORD)
        with self._runtime.asked(answers_of(passed)):
            status = self._call(self._slot, self._runtime.ffi.from_buffer("uint64_t[]", words))
        if status == _PANICKED:
            return self._runtime.panic()
        taken = self._take(words, outcome_at)
        return Refused((taken.data or b"").decode()) if status == _REFUSED else taken

    def home_of(self, handle: Handle) -> LocalHome | None:  # noqa: ARG002 - one build is one home
        return self.home

    def read(self) -> Returned:
        """Call what takes nothing and cannot panic: the entry of a constant."""
        words = bytearray(OUTCOME_WORDS * WORD)
        self._call(self._slot, self._runtime.ffi.from_buffer("uint64_t[]", words))
        return self._take(words, 0)

    def _take(self, words: bytearray, at: int) -> Returned:
        scalar = bytes(words[at : at + 2 * WORD])
        pointer, length, capacity, align = (
            int.from_bytes(words[start : start + WORD], "little")
            for start in range(at + 2 * WORD, at + OUTCOME_WORDS * WORD, WORD)
        )
        if not pointer:
            return Returned(scalar, None)
        ffi: Any = self._runtime.ffi
        memory = ffi.cast("char *", pointer)
        data = bytes(ffi.buffer(memory, length))
        self._runtime.library.symbiont_free(memory, capacity, align)
        return Returned(scalar, data)


class PanickingRoute:
    """Every call panics: what a test says to this tells whether it tests anything."""

    hung = False

    def for_test(self, profile: Profile, timeout: float | None) -> None:
        """A panic is the same in every profile."""

    def home_of(self, handle: Handle) -> None:
        """Nothing is called."""

    def call(self, called: Called, passed: Sequence[Passed]) -> Reply:  # noqa: ARG002 - nothing is called
        return Panicked("this body panics to see whether the suite notices", "", 0, 0)
