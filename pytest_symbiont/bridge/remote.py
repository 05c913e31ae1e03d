"""Calls of a trial: through a worker that is replaced when it dies."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from pytest_symbiont.bridge.arguments import Buffer
from pytest_symbiont.bridge.handle import Handle
from pytest_symbiont.bridge.home import RemoteHome
from pytest_symbiont.bridge.operation import Operation
from pytest_symbiont.bridge.worker import Callee, Worker, WorkerDied, WorkerLate
from pytest_symbiont.build.builder import BuildFailure, Profile
from pytest_symbiont.build.isolation import Isolation
from pytest_symbiont.errors import CompileError, RustCrash, RustTimeout, SymbiontError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from pytest_symbiont.bridge.arguments import Passed
    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.reply import Reply
    from pytest_symbiont.bridge.route import Called
    from pytest_symbiont.build.builder import Build

# The share of the deadline that an unoptimised call gets before it is tried again optimised.
_DEBUG_SHARE = 0.1
# Starting and loading takes milliseconds; what needs more was not loaded but run.
_LOAD_TIMEOUT = 5.0
# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


class RemoteRoute:
    """One trial's calls. The targets ``together`` share one worker, so that their file's statics are shared
    too; another one, which turned up later, gets a worker of its own, as it has a build of its own.

    ``build_of`` gives the build of a target's file in a profile. ``timeout`` is the deadline of one call in
    seconds. A call that is late without optimisation is made again with it, on what is left of the deadline;
    from then on the whole trial runs optimised. ``output`` receives what the candidate prints. After
    ``patience`` calls without an answer no more is made. With a ``seed`` every worker's hash maps are in the
    same order.
    """

    def __init__(
        self,
        worker: Path,
        build_of: Callable[[Called, Profile], Build | BuildFailure],
        profile: Profile,
        *,
        timeout: float,
        output: Callable[[bytes], None],
        together: Iterable[Called] = (),
        isolation: Isolation | None = None,
        patience: int = 1,
        seed: int | None = None,
    ) -> None:
        self._executable = worker
        self._together = tuple(called for called in together if getattr(called, "has_entry", True))
        self._isolation = isolation or Isolation()
        self._build_of = build_of
        self._base = self.profile = profile
        self._usual_timeout = self.timeout = timeout
        self._seed = seed
        self._slow = False
        self._output = output
        self._lock = threading.RLock()  # a callable that Rust calls may call Rust
        self._callees: dict[Called | Operation, tuple[Worker, int]] = {}
        self._numbers: dict[tuple[Worker, Called | Operation], int] = {}
        self._homes: dict[tuple[Worker, EvolvingFile], RemoteHome] = {}
        self._hangs, self._patience = 0, patience

    def call(self, called: Called, passed: Sequence[Passed]) -> Reply:
        # What is told of a call shows its arguments, and the `repr` of one may call Rust: not under the lock.
        try:
            with self._lock:
                return self._tried(called, passed)
        except WorkerLate:
            raise RustTimeout(
                f"no answer in {self.timeout:g} s while `{called.called_with(passed)}` ran; does it loop "
                "for ever?"
            ) from None
        except WorkerDied as death:
            raise RustCrash(f"{death} while `{called.called_with(passed)}` ran") from None

    def _tried(self, called: Called, passed: Sequence[Passed]) -> Reply:
        """Make the call, and where it is late without optimisation once more. Raises as the worker does."""
        if self.hung:
            raise RustTimeout("not called: this revision did not load, or gave no answer, in time")
        before = [bytes(item.memory) if isinstance(item, Buffer) and item.back else None for item in passed]
        try:
            # Objects do not survive a worker that is killed for being late, and callables would be called
            # again: such a call is made once.
            once = called.settled or called.plan.objects or called.plan.asks
            if self.profile is not Profile.TRIAL or once:
                return self._call(called, passed, self.timeout)
            try:
                return self._call(called, passed, self.timeout * _DEBUG_SHARE)
            except WorkerLate:
                self.profile, self._slow = Profile.PROMOTION, True
                _restore(passed, before)
                return self._call(called, passed, self.timeout * (1 - _DEBUG_SHARE))
        except WorkerLate:
            self._hangs += 1
            raise

    def home_of(self, handle: Handle) -> RemoteHome | None:
        """Where the objects of this call live. What Python has dropped is dropped there."""
        with self._lock:
            if self.hung:
                return None
            try:
                worker, _ = self._callee(handle)
            except WorkerLate:
                raise RustTimeout(f"`{handle.label}` did not load in time") from None
            except WorkerDied as death:
                raise RustCrash(f"{death} while `{handle.label}` was loaded") from None
        key = worker, handle.file
        if key not in self._homes:
            ask = partial(self._ask, worker)
            self._homes[key] = RemoteHome(handle.file, ask, lambda: worker.alive)
        self._homes[key].tidy()
        return self._homes[key]

    def _ask(self, worker: Worker, operation: Operation, passed: Sequence[Passed]) -> Reply:
        """Do something with an object in the worker where it is."""
        try:
            with self._lock:
                number = self._numbers.get((worker, operation))
                if number is not None and worker.alive:
                    try:
                        return worker.call(number, passed, timeout=self.timeout)
                    finally:
                        self._pass_on_output(worker)
        except WorkerLate:
            self._hangs += 1
            raise RustTimeout(
                f"no answer in {self.timeout:g} s to {operation.called_with(passed)}; does it loop for ever?"
            ) from None
        except WorkerDied as death:
            raise RustCrash(f"{death} while {operation.called_with(passed)}") from None
        raise SymbiontError(f"{operation.called_with(passed)}: the worker where it lived has ended")

    @property
    def running(self) -> bool:
        """Whether a worker is there that has not died."""
        return any(worker.alive for worker, _ in self._callees.values())

    @property
    def hung(self) -> bool:
        return self._hangs >= self._patience

    def prepare(self) -> None:
        """Start the worker and load what will be called, so that no test's clock includes it.

        What fails in loading fails again, and is told, at the call.
        """
        with self._lock, suppress(CompileError, WorkerLate, WorkerDied):
            for called in self._together:
                self._callee(called)

    def close(self) -> None:
        """End the worker, but save the objects in it."""
        self._leave()
        with self._lock:
            self._drop()

    def for_test(self, profile: Profile, timeout: float | None) -> None:
        """Make the next calls as a test wants them: its profile, its deadline (None: the usual one)."""
        wanted = self._base if self._base is not Profile.TRIAL or self._slow else profile
        if wanted is not self.profile:
            self._leave()
        with self._lock:
            self.timeout = timeout if timeout is not None else self._usual_timeout
            if wanted is not self.profile:
                self._drop()
                self.profile = wanted

    def _call(self, called: Called, passed: Sequence[Passed], timeout: float) -> Reply:
        worker, number = self._callee(called)
        try:
            return worker.call(number, passed, timeout=timeout)
        finally:
            self._pass_on_output(worker)

    def _callee(self, called: Called) -> tuple[Worker, int]:
        """The worker of a target, started where there is none, and the target's number there."""
        found = self._callees.get(called)
        if found is not None and found[0].alive:
            return found
        group: Sequence[Called | Operation] = self._together if called in self._together else (called,)
        # What turned up later and has nothing to do with objects does not take them to its own worker.
        files = dict.fromkeys(member.file for member in group if len(group) > 1 or _needed(called))
        with_objects = [each for file in files for each in file.called() if _needed(each)]
        group = tuple(dict.fromkeys((*group, *with_objects)))
        builds = {member.file: member for member in reversed(group) if not isinstance(member, Operation)}
        named = {
            member: callee
            for member in group
            if (callee := self._built(member, builds[member.file], must=member is called))
        }
        worker = Worker(self._executable, self._isolation.layers, seed=self._seed)
        try:
            worker.load(list(named.values()), timeout=_LOAD_TIMEOUT)
            self._isolation.check(worker.layers)
        except WorkerLate:
            self._hangs = self._patience
            raise
        except BaseException:
            worker.close()
            raise
        finally:
            self._pass_on_output(worker)
        self._numbers |= {(worker, member): number for number, member in enumerate(named)}
        self._callees |= {member: (worker, number) for number, member in enumerate(named)}
        return self._callees[called]

    def _leave(self) -> None:
        for home in self._homes.values():
            if home.alive:
                home.leave()

    def _built(self, called: Called | Operation, known: Called, *, must: bool) -> Callee | None:
        """A callee, of the build of its file: that of another where it has no revision of its own."""
        of = known if isinstance(called, Operation) else called
        optimised = of.settled and self.profile is Profile.TRIAL
        build = self._build_of(of, Profile.PROMOTION if optimised else self.profile)
        if isinstance(build, BuildFailure):
            if must:
                raise CompileError(build.text)
            return None
        return Callee(called.shim(), build.library, build.symbols[called.index])

    def _pass_on_output(self, worker: Worker) -> None:
        with suppress(OSError):
            if printed := worker.take_output():
                self._output(printed)

    def _drop(self) -> None:
        # What turned up later made another worker, to which all that it was built with moved.
        for worker in {worker for worker, _ in self._numbers}:
            worker.close()
        self._numbers.clear()
        self._callees.clear()
        self._homes.clear()


def _needed(called: Called | Operation) -> bool:
    """Whether it belongs where a file's objects are."""
    if isinstance(called, Operation) or called.plan.objects:
        return True
    return isinstance(called, Handle) and bool(called.callee.label)


def _restore(passed: Sequence[Passed], before: Sequence[bytes | None]) -> None:
    for item, content in zip(passed, before, strict=True):
        if isinstance(item, Buffer) and content is not None:
            item.memory[:] = content
