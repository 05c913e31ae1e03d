"""Calls of a trial: through a worker that is replaced when it dies."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from pytest_symbiont.bridge.arguments import Buffer
from pytest_symbiont.bridge.worker import Worker, WorkerDied, WorkerLate
from pytest_symbiont.build.builder import BuildFailure, Profile
from pytest_symbiont.errors import CompileError, RustCrash, RustTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from pytest_symbiont.bridge.arguments import Passed
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.bridge.reply import Reply
    from pytest_symbiont.build.builder import Build

# The share of the deadline that an unoptimised call gets before it is tried again optimised.
_DEBUG_SHARE = 0.1
_START_TIMEOUT = 60.0
# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


class RemoteRoute:
    """One trial's calls. All targets share one worker, so that the file's own statics are shared too.

    ``build_of`` gives the build of a target's file in a profile. ``timeout`` is the deadline of one call in
    seconds. A call that is late without optimisation is made again with it, on a full deadline; from then on
    the whole trial runs optimised. ``output`` receives what the candidate prints. After ``patience`` calls
    without an answer no more is made.
    """

    def __init__(
        self,
        worker: Path,
        build_of: Callable[[Handle, Profile], Build | BuildFailure],
        profile: Profile,
        *,
        timeout: float,
        output: Callable[[bytes], None],
        patience: int = 1,
    ) -> None:
        self._executable = worker
        self._build_of = build_of
        self._base = self.profile = profile
        self._usual_timeout = self.timeout = timeout
        self._slow = False
        self._output = output
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._callees: dict[Handle, int] = {}
        self._hangs, self._patience = 0, patience

    def call(self, handle: Handle, passed: Sequence[Passed]) -> Reply:
        with self._lock:
            if self.hung:
                raise RustTimeout("not called: earlier calls of this revision gave no answer in time")
            before = [
                bytes(item.memory) if isinstance(item, Buffer) and item.back else None for item in passed
            ]
            try:
                if self.profile is not Profile.TRIAL:
                    return self._call(handle, passed, self.timeout)
                try:
                    return self._call(handle, passed, self.timeout * _DEBUG_SHARE)
                except WorkerLate:
                    self.profile, self._slow = Profile.PROMOTION, True
                    _restore(passed, before)
                    return self._call(handle, passed, self.timeout)
            except WorkerLate:
                self._hangs += 1
                raise RustTimeout(
                    f"no answer in {self.timeout:g} s while `{handle.called_with(passed)}` ran; does it loop "
                    "for ever?"
                ) from None
            except WorkerDied as death:
                raise RustCrash(f"{death} while `{handle.called_with(passed)}` ran") from None

    @property
    def hung(self) -> bool:
        return self._hangs >= self._patience

    def prepare(self, handles: Iterable[Handle]) -> None:
        """Start the worker and load what will be called, so that no test's clock includes it.

        What fails in loading fails again, and is told, at the call.
        """
        with self._lock, suppress(CompileError, WorkerLate, WorkerDied):
            worker = self._start()
            for handle in handles:
                self._callees[handle] = self._load(worker, handle)

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            self._drop()

    def for_test(self, profile: Profile, timeout: float | None) -> None:
        """Make the next calls as a test wants them: its profile, its deadline (None: the usual one)."""
        with self._lock:
            self.timeout = timeout if timeout is not None else self._usual_timeout
            wanted = self._base if self._base is not Profile.TRIAL or self._slow else profile
            if wanted is not self.profile:
                self._drop()
                self.profile = wanted

    def _call(self, handle: Handle, passed: Sequence[Passed], timeout: float) -> Reply:
        worker = self._worker
        if worker is None or not worker.alive:
            worker = self._start()
        try:
            callee = self._callees.get(handle)
            if callee is None:
                callee = self._callees[handle] = self._load(worker, handle)
            return worker.call(callee, passed, timeout=timeout)
        finally:
            with suppress(OSError):
                if printed := worker.take_output():
                    self._output(printed)
            if not worker.alive:
                self._worker = None

    def _start(self) -> Worker:
        self._callees.clear()
        self._worker = Worker(self._executable)
        return self._worker

    def _load(self, worker: Worker, handle: Handle) -> int:
        build = self._build_of(handle, self.profile)
        if isinstance(build, BuildFailure):
            raise CompileError(build.text)
        symbol = build.symbols[handle.index]
        return worker.load(handle.shim(), build.library, symbol, timeout=_START_TIMEOUT)

    def _drop(self) -> None:
        if self._worker is not None:
            self._worker.close()
        self._worker = None


def _restore(passed: Sequence[Passed], before: Sequence[bytes | None]) -> None:
    for item, content in zip(passed, before, strict=True):
        if isinstance(item, Buffer) and content is not None:
            item.memory[:] = content
