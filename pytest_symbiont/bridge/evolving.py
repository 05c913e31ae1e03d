"""A Rust file whose functions are called from Python, with its revisions."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pytest_symbiont.bridge.callable import make
from pytest_symbiont.bridge.codec import Converters
from pytest_symbiont.bridge.constants import Constants
from pytest_symbiont.bridge.custom import CustomTypes
from pytest_symbiont.bridge.handle import Handle
from pytest_symbiont.bridge.reached import Reached
from pytest_symbiont.bridge.resolve import Unsupported
from pytest_symbiont.bridge.revision import Revision
from pytest_symbiont.bridge.route import LocalRoute
from pytest_symbiont.build.builder import BuildFailure
from pytest_symbiont.errors import CompileError, SymbiontError
from pytest_symbiont.source import parse
from pytest_symbiont.source.edit import append_function
from pytest_symbiont.source.encoding import decode
from pytest_symbiont.source.values import SourceFile

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Literal

    from pytest_symbiont.bridge.route import Route
    from pytest_symbiont.bridge.workbench import Workbench
    from pytest_symbiont.build.builder import Build, Profile
    from pytest_symbiont.source.values import Function

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


class EvolvingFile:
    """One file: its source, its targets by path, and its revisions by number."""

    def __init__(self, source: SourceFile, workbench: Workbench) -> None:
        self.source = source
        self.workbench = workbench
        self.handles: dict[str, Handle] = {}
        self.revisions = [Revision(source.path, 0, source.text)]
        self.promoted = 0
        self.types = CustomTypes(source.text, source.path.stem)
        self.converters = Converters(self.types)
        self.constants = Constants(self)
        self.reached = Reached(self)
        self._functions = {function.path: function for function in parse.functions(source.text)}
        self._lock = threading.RLock()

    def function(self, path: str) -> Function:
        """The function with this path. Raises `SymbiontError` with the names that there are."""
        found = self._functions.get(path)
        return found or parse.find(self.source.text, path, file=self.source.path.name)

    @property
    def current(self) -> Revision:
        """What the file is by now in this session: the last promoted revision, or what was on disk."""
        return self.revisions[self.promoted]

    def promote(self, revision: Revision) -> None:
        """Make a revision the active one of every target of this file, but for those kept out of process."""
        self.promoted = revision.number
        for handle in self.handles.values():
            if not handle.kept_out:
                self.activate(handle, revision)

    @property
    def public(self) -> list[Function]:
        return [function for function in self._functions.values() if function.public]

    def handle(self, path: str) -> Handle:
        """The handle of a target, made at its first use."""
        with self._lock:
            if path not in self.handles:
                handle = Handle(self, self.function(path))
                handle.callable, handle.extension = make(handle, self.workbench.extension)
                self.handles[path] = handle
            return self.handles[path]

    def kind(self, path: str) -> Literal["function", "type", "constant", "module", ""]:
        """What can be had from outside by this path in the file, empty where that is nothing."""
        declared = self.types.declarations
        if path in {function.path for function in self.public}:
            return "function"
        if declared.hides(path):
            return ""
        if path in declared.modules:
            return "module"
        found = declared.by_path.get(path)
        if found is None or found.kind not in {"struct", "enum", "const"}:
            return ""
        if found.kind == "const":
            return "constant" if found.public else ""
        return "type"

    def names(self, module: str) -> list[str]:
        """The names that can be had in a module: functions, types, constants, modules."""
        declared = self.types.declarations
        paths = [function.path for function in self.public]
        paths += [*declared.by_path, *sorted(declared.modules)]
        inside = [path for path in paths if path.rpartition("::")[0] == module and self.kind(path)]
        return [path.rpartition("::")[2] for path in inside]

    def type(self, name: str) -> Any:
        """The Python class of a type. Raises `SymbiontError` where its values cannot be carried."""
        try:
            return self.types[name].python
        except Unsupported as reason:
            raise SymbiontError(f"{self.source.path.name}: {reason}") from None

    def public_handles(self) -> list[Handle]:
        """The handles of every `pub fn`."""
        return [self.handle(function.path) for function in self.public]

    def declare(self, function: Function) -> None:
        """Append a function that is not on disk to the file's text; one that is there must have its types."""
        with self._lock:
            there = self._functions.get(function.path)
            if there is None:
                text = append_function(self.source.text, function)
                self.source = SourceFile(self.source.path, text, self.source.raw)
                self.revisions[0] = Revision(self.source.path, 0, text)
                self._functions = {found.path: found for found in parse.functions(text)}
                for handle in self.handles.values():
                    handle.revision = self.revisions[0]
            elif _types(there) != _types(function):
                raise SymbiontError(
                    f"{self.source.path.name}: `{function.signature.strip()}` was declared, but the file has "
                    f"`{there.signature.strip()}`; change one of them"
                )

    def add(self, text: str) -> Revision:
        """Register a text as the next revision; one that is there already is returned."""
        with self._lock:
            for revision in self.revisions:
                if revision.text == text:
                    return revision
            self.revisions.append(Revision(self.source.path, len(self.revisions), text))
            return self.revisions[-1]

    def build(self, revision: Revision, profile: Profile, *, counting: bool = False) -> Build | BuildFailure:
        """Build a revision with the entries of every target that is known by now.

        With ``counting`` the build tells which lines are reached: `Reached.counters` is its last entry.
        """
        entries = [handle.entry for handle in self.handles.values()]
        # Whoever wrote what is on disk runs it in ordinary runs, with the user's rights.
        trusted = not revision.number and profile.trusted
        if counting:
            return self.reached.build(revision, profile, entries, trusted=trusted)
        return self.workbench.builder.build(
            revision.text, self.source.path.name, entries, profile, trusted=trusted
        )

    def activate(self, handle: Handle, revision: Revision) -> Route:
        """Make a revision what calls of this target reach, in this process where that is allowed.

        The swap is one atomic store in the callable. Raises `CompileError` where the revision does not build.
        """
        with self._lock:
            if self.workbench.isolation.strict:
                handle.revision = revision
                return self._elsewhere(handle)
            local = self._load(handle, revision)
            handle.route, handle.revision = local, revision
            handle.bind()
            return local

    def pinned(self, handle: Handle, revision: Revision) -> Any:
        """A callable that reaches this revision whatever is active."""
        with self._lock:
            twin = Handle(self, handle.function, pinned=revision)
            twin.callable, twin.extension = make(twin, self.workbench.extension)
            if self.workbench.isolation.strict:
                self._elsewhere(twin)
                return twin.callable
            twin.route = self._load(twin, revision)
            twin.bind()
            return twin.callable

    def _elsewhere(self, called: Handle) -> Route:
        """The route of what must not be called in this process."""
        if self.workbench.elsewhere is None:
            raise SymbiontError(
                f"{called.label}: --evolve-isolation=strict loads nothing into this process, and no session "
                "is there whose worker could call it"
            )
        called.unbind()
        called.route, called.kept_out = self.workbench.elsewhere(called), True
        return called.route

    def _load(self, handle: Handle, revision: Revision) -> LocalRoute:
        # With more targets it is another build, and all of a file's targets are to share its statics.
        key = revision, len(self.handles)
        if key not in handle.loaded:
            try:
                handle.loaded[key] = self._fresh(handle, revision)
            except SymbiontError as error:  # its way through this package tells nobody anything
                raise error.with_traceback(None) from None
        return handle.loaded[key]

    def _fresh(self, handle: Handle, revision: Revision) -> LocalRoute:
        counting = self.workbench.counting
        build = self.build(revision, revision.profile, counting=counting)
        if isinstance(build, BuildFailure):
            raise CompileError(build.text)
        runtime = self.workbench.runtime
        if counting:
            self.reached.loaded(build, revision)
        entry = runtime.load(build.library, build.symbols[handle.index])
        slot = runtime.slot()
        runtime.store(slot, entry)
        function = runtime.load(handle.shim(), "symbiont_call")
        return LocalRoute(runtime, revision, slot, function)


def read(path: Path) -> SourceFile:
    """Read a Rust file; one that is not there is empty. Raises `SymbiontError` where it cannot be read."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return SourceFile(path, "", None)
    except OSError as error:
        raise SymbiontError(f"{path}: cannot be read: {error.strerror}") from None
    return SourceFile(path, decode(raw, path.name), raw)


def _types(function: Function) -> tuple[object, ...]:
    squeeze = "".join
    return tuple(squeeze(parameter.type.split()) for parameter in function.parameters), squeeze(
        function.returns.split()
    )
