"""Which lines of a Rust file were reached, from builds that count them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.bridge.callee import Callee
from pytest_symbiont.bridge.handle import Handle
from pytest_symbiont.bridge.reply import Returned
from pytest_symbiont.bridge.route import LocalRoute
from pytest_symbiont.build.builder import Build
from pytest_symbiont.errors import CompileError, RustCrash, RustTimeout
from pytest_symbiont.source import parse
from pytest_symbiont.source.instrument import TAKE, counters, instrument, uncounted

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.bridge.route import Route
    from pytest_symbiont.build.builder import BuildFailure, Entry, Profile
    from pytest_symbiont.source.values import Function


class Counters(Handle):
    """What takes the counters of a build; it is the last entry of every build that has some."""

    def __init__(self, file: EvolvingFile) -> None:
        [self._function] = (found for found in parse.functions(counters(0)) if found.path == TAKE)
        super().__init__(file, Callee(self._function, written=False))

    @property
    def index(self) -> int:
        return -1

    @property
    def function(self) -> Function:
        return self._function


class Reached:
    """The lines of one file that were reached, by revision. Counters that nobody took are not in it yet."""

    def __init__(self, file: EvolvingFile) -> None:
        self._file = file
        self._lines: dict[Revision, set[int]] = {}
        self._uncounted: set[Revision] = set()
        self._loaded: dict[Path, LocalRoute] = {}
        self._counters: Counters | None = None

    @property
    def counters(self) -> Counters:
        """The callee that a route needs for `take`."""
        if self._counters is None:
            self._counters = Counters(self._file)
        return self._counters

    def build(
        self, revision: Revision, profile: Profile, entries: list[Entry], *, trusted: bool
    ) -> Build | BuildFailure:
        """A build that counts. One that rustc refuses has no counters, so its errors are the text's."""
        entries = [*entries, self.counters.entry]
        if counting := instrument(revision.text):
            build = self._file.compile(counting.text, entries, profile, trusted=trusted)
            if isinstance(build, Build):
                return build
        return self._file.compile(uncounted(revision.text), entries, profile, trusted=trusted)

    def loaded(self, build: Build, revision: Revision) -> None:
        """Take the counters of this build, which is loaded into this process, from now on."""
        if build.library not in self._loaded:
            runtime = self._file.workbench.runtime
            slot = runtime.slot()
            runtime.store(slot, runtime.load(build.library, build.symbols[-1]))
            function = runtime.load(self.counters.shim(), "symbiont_call")
            self._loaded[build.library] = LocalRoute(runtime, revision, slot, function)

    def take(self, route: Route, revision: Revision) -> None:
        """Remember the lines that calls by this route have reached since it was asked last."""
        self._lines.setdefault(revision, set()).update(self.peek(route, revision))

    def peek(self, route: Route, revision: Revision) -> set[int]:
        """The same, and not remember them: those of a trial."""
        try:
            reply = route.call(self.counters, [])
        except (RustTimeout, RustCrash, CompileError):
            return set()
        return self._read(revision, reply.data if isinstance(reply, Returned) else None)

    def lines(self, revision: Revision) -> set[int] | None:
        """All lines of this revision that were reached so far, in this process and where `take` asked.

        None where it could not be built with counters.
        """
        for route in self._loaded.values():
            reached = self._read(route.revision, route.read().data)
            self._lines.setdefault(route.revision, set()).update(reached)
        if instrument(revision.text) is None or revision in self._uncounted:
            return None
        return self._lines.setdefault(revision, set())

    def _read(self, revision: Revision, flags: bytes | None) -> set[int]:
        counting = instrument(revision.text)
        if counting is None or flags is None:
            return set()
        if len(flags) != len(counting.lines):
            self._uncounted.add(revision)
            return set()
        return {line for line, flag in zip(counting.lines, flags, strict=True) if flag}
