"""The two homes of objects: a build loaded into this process, and a trial's worker."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakSet

from pytest_symbiont.bridge.arguments import Packed
from pytest_symbiont.bridge.operation import Operation, number, packed
from pytest_symbiont.bridge.reply import Panicked, Refused
from pytest_symbiont.bridge.route import LocalRoute
from pytest_symbiont.errors import RustPanic, SymbiontError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_symbiont.bridge.answers import Answers
    from pytest_symbiont.bridge.arguments import Passed
    from pytest_symbiont.bridge.custom import CustomType
    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.bridge.objects import Held
    from pytest_symbiont.bridge.reply import Reply
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.build.builder import Build


class _Home:
    """What both do in the same way: the file's operations, by whatever calls here."""

    passing = False

    def __init__(self, file: EvolvingFile, name: str) -> None:
        self._file = file
        self.name = name
        self.objects: WeakSet[Held] = WeakSet()

    def _ask(self, operation: Operation, passed: Sequence[Passed]) -> Reply:
        raise NotImplementedError

    def save(self, custom: CustomType, object_: int) -> bytes:
        return _checked(self._ask(self._file.operation("save", custom), [number(object_)]))

    def load(self, custom: CustomType, state: bytes) -> int:
        data = _checked(self._ask(self._file.operation("load", custom), [packed(state)]))
        return int.from_bytes(data, "little")

    def drop(self, object_: int) -> None:
        _checked(self._ask(self._file.operation("drop"), [number(object_)]))

    def resume(self, object_: int, data: bytes, answers: Answers | None) -> Reply:
        """Go on with an iterator or a closure."""
        memory = memoryview(bytearray(data))
        passed: list[Passed] = [number(object_), Packed(memory, len(memory), answers=answers)]
        return self._ask(self._file.operation("resume"), passed)


class LocalHome(_Home):
    """One build of a file in this process, with a route to each of its entries."""

    alive = True

    def __init__(self, file: EvolvingFile, revision: Revision, build: Build) -> None:
        super().__init__(file, f"revision {revision.number}")
        self._revision = revision
        self._build = build
        self._routes: dict[Handle | Operation, LocalRoute] = {}

    def route(self, called: Handle | Operation) -> LocalRoute:
        """How an entry of this build is called."""
        if called not in self._routes:
            runtime = self._file.workbench.runtime
            entry = runtime.load(self._build.library, self._build.symbols[called.index])
            slot = runtime.slot()
            runtime.store(slot, entry)
            function = runtime.load(called.shim(), "symbiont_call")
            self._routes[called] = LocalRoute(runtime, self._revision, slot, function, self)
        return self._routes[called]

    def _ask(self, operation: Operation, passed: Sequence[Passed]) -> Reply:
        if operation.index >= len(self._build.symbols):
            raise SymbiontError(f"{operation.called_with(passed)} was not known when {self.name} was built")
        if operation.refused:
            raise SymbiontError(f"{operation.called_with(passed)}: {operation.refused}")
        return self.route(operation).call(None, passed)


class RemoteHome(_Home):
    """A worker. Objects that Python dropped are dropped there before the next call."""

    passing = True

    def __init__(
        self,
        file: EvolvingFile,
        ask: Callable[[Operation, Sequence[Passed]], Reply],
        alive: Callable[[], bool],
    ) -> None:
        super().__init__(file, "a trial's worker")
        self._asked = ask
        self._is_alive = alive
        self._dropped: list[int] = []

    @property
    def alive(self) -> bool:
        return self._is_alive()

    def drop(self, object_: int) -> None:
        # Wherever the garbage collector runs, a call may be under way.
        self._dropped.append(object_)

    def tidy(self) -> None:
        """Drop what Python has dropped."""
        while self._dropped:
            super().drop(self._dropped.pop())

    def leave(self) -> None:
        """Save what is there, because the worker is about to end."""
        for held in list(self.objects):
            with suppress(Exception):  # it is then gone, and says so when it is used
                held.keep(self)

    def _ask(self, operation: Operation, passed: Sequence[Passed]) -> Reply:
        return self._asked(operation, passed)


def _checked(reply: Reply) -> bytes:
    if isinstance(reply, Panicked):
        raise RustPanic(reply.message, reply.file, reply.line, reply.column)
    if isinstance(reply, Refused):
        raise SymbiontError(reply.reason.partition(": ")[2] or reply.reason)
    return reply.data if reply.data is not None else reply.scalar[:8]
