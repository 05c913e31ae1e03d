"""A Rust file whose functions are called from Python, with its revisions."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from pytest_symbiont.bridge.callable import make
from pytest_symbiont.bridge.callee import Callee, method_of
from pytest_symbiont.bridge.classes import dress
from pytest_symbiont.bridge.codec import Converters
from pytest_symbiont.bridge.constants import Constants
from pytest_symbiont.bridge.custom import CustomTypes
from pytest_symbiont.bridge.handle import Handle
from pytest_symbiont.bridge.home import LocalHome
from pytest_symbiont.bridge.objects import FileObjects
from pytest_symbiont.bridge.operation import Operation
from pytest_symbiont.bridge.outline import Outline, bound, parameters_of
from pytest_symbiont.bridge.reached import Reached
from pytest_symbiont.bridge.resolve import Unsupported
from pytest_symbiont.bridge.revision import Revision
from pytest_symbiont.bridge.rust_test import TestHandle
from pytest_symbiont.bridge.shapes import Custom
from pytest_symbiont.build.builder import BuildFailure, blamed
from pytest_symbiont.errors import CompileError, SymbiontError
from pytest_symbiont.source import parse
from pytest_symbiont.source.edit import append_function
from pytest_symbiont.source.encoding import decode
from pytest_symbiont.source.values import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any, Literal

    from pytest_symbiont.bridge.custom import CustomType
    from pytest_symbiont.bridge.methods import Method
    from pytest_symbiont.bridge.route import LocalRoute, Route
    from pytest_symbiont.bridge.workbench import Workbench
    from pytest_symbiont.build.builder import Build, Entry, Profile
    from pytest_symbiont.build.cargo import Crate
    from pytest_symbiont.build.package import Member
    from pytest_symbiont.source.rust_tests import RustTest
    from pytest_symbiont.source.values import Function

# How often a file is built again without what rustc refuses of its methods; it tells more at each stage.
_MOST_REFUSALS = 4
# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


class EvolvingFile:
    """One file: its source, its targets by path, and its revisions by number.

    A ``member`` of a package is compiled with its crate.
    """

    def __init__(self, source: SourceFile, workbench: Workbench, member: Member | None = None) -> None:
        self.source = source
        self.workbench = workbench
        self.member = member
        self.name = member.name if member else source.path.name
        self.handles: dict[str, Handle] = {}
        self.revisions = [self.revision(0, source.text)]
        self.promoted = 0
        self.objects = FileObjects()
        self.types = CustomTypes(source.text, source.path.stem)
        self.types.objects, self.types.dress = self.objects, self._dress
        self.converters = Converters(self.types)
        self.constants = Constants(self)
        self.whole_types: set[str] = set()
        self._operations: dict[str, Operation] = {}
        self._called: list[Handle | Operation] = []
        self._dressed: dict[object, CustomType] = {}
        self._known: set[Custom] = set()
        self._functions = _functions(source.text)
        self._homes: dict[tuple[Revision, int], LocalHome] = {}
        self._trial: tuple[Route, Revision] | None = None
        self.reached = Reached(self)
        self._lock = threading.RLock()

    def function(self, path: str) -> Function:
        """The function with this path. Raises `SymbiontError` with the names that there are."""
        found = self._functions.get(path)
        return found or parse.find(self.source.text, path, file=self.source.path.name)

    @property
    def crate(self) -> Crate | None:
        """What cargo knows of the crate that the file is a part of, where it is of a package."""
        return self.member.crate.facts if self.member else None

    @property
    def edition(self) -> str:
        """The edition that it is compiled as."""
        return self.crate.edition if self.crate else "2024"

    def revision(self, number: int, text: str) -> Revision:
        """A text of this file, which is not registered by that."""
        return Revision(self.source.path, self.name, number, text)

    @property
    def current(self) -> Revision:
        """What the file is by now in this session: the last promoted revision, or what was on disk."""
        return self.revisions[self.promoted]

    def promote(self, revision: Revision) -> None:
        """Make a revision the active one of every target of this file, but for those kept out of process."""
        self.promoted = revision.number
        for handle in self.handles.values():
            if not handle.kept_out:
                self.use(handle, revision)

    @property
    def public(self) -> list[Function]:
        free = (function for function in self._functions.values() if function.impl is None)
        return [function for function in free if function.public]

    def handle(self, path: str) -> Handle:
        """The handle of a target, made at its first use."""
        function = self.function(path)
        if function.impl is not None:
            return self._method(function)
        return self.outline(function) if parameters_of(function) else self.of(Callee(function))

    def outline(self, function: Function) -> Outline:
        """The handle of a body that is called through others, made at its first use."""
        with self._lock:
            key = f"{function.path} as it is written"
            there = self.handles.get(key)
            if not isinstance(there, Outline):
                there = Outline(self, function)
                there.callable, there.extension = make(there, self.workbench.extension)
                self.handles[key] = there
                if self._trial is not None:
                    there.route, there.revision = self._trial
            return there

    @property
    def functions(self) -> tuple[Function, ...]:
        """Every function and method that has a body here."""
        return tuple(self._functions.values())

    def body(self, function: Function) -> Handle:
        """The handle of a body that Rust's own tests call, whatever its parameters are."""
        with suppress(SymbiontError):
            if function.impl is None:
                return self.target(self.handle(function.path))
        return self.outline(function)

    def rust_test(self, test: RustTest) -> Handle:
        """The handle of one of the file's own tests."""
        with self._lock:
            if test.function.path not in self.handles:
                self._add(TestHandle(self, test))
            return self.handles[test.function.path]

    def target(self, handle: Handle) -> Handle:
        """What evolves where this is called: of instances, the body that they share."""
        return self.outline(handle.function) if handle.callee.label and handle.has_entry else handle

    def forget(self, handle: Handle) -> None:
        """Leave an instance out of builds that rustc refuses."""
        with self._lock:
            del self.handles[handle.callee.key]
            self._called.remove(handle)

    def remember(self, handle: Handle) -> None:
        """Take it in again."""
        with self._lock:
            self.handles[handle.callee.key] = handle
            self._called.append(handle)

    @property
    def in_trial(self) -> bool:
        """Whether calls go to a trial's worker."""
        return self._trial is not None

    def of(self, callee: Callee) -> Handle:
        """The handle of what is called, made at its first use; it goes where a trial's calls go."""
        with self._lock:
            if callee.key not in self.handles:
                handle = self._add(Handle(self, callee))
                if handle.plan.objects:
                    self._know_objects()
                if handle.plan.returns.goes_on:
                    self.operation("drop")
                    self.operation("resume")
            return self.handles[callee.key]

    def _add(self, handle: Handle) -> Handle:
        """Take a new handle in; every build from now on has an entry for it."""
        handle.callable, handle.extension = make(handle, self.workbench.extension)
        self.handles[handle.callee.key] = handle
        self._called.append(handle)
        if self._trial is not None:
            handle.route, handle.revision = self._trial
        return handle

    @contextmanager
    def through(self, route: Route, revision: Revision) -> Iterator[None]:
        """Send every call of this file by ``route`` for a while."""
        known = list(self.handles.values())
        before = self._trial
        with ExitStack() as stack:
            for handle in known:
                stack.enter_context(handle.through(route, revision))
            self._trial = route, revision
            try:
                yield
            finally:
                self._trial = before
                for handle in self.handles.values():
                    if handle not in known:
                        handle.route, handle.revision = None, self.current

    def operation(self, name: str, custom: CustomType | None = None) -> Operation:
        """What is done with objects; it has an entry in every build of a file that has any."""
        with self._lock:
            key = f"{name} {custom.shown}" if custom else name
            if key not in self._operations:
                self._operations[key] = Operation(self, name, custom)
                self._called.append(self._operations[key])
            return self._operations[key]

    def called(self) -> list[Handle | Operation]:
        """All that a build has an entry for, in their order."""
        return list(self._called)

    def index(self, called: Handle | Operation) -> int:
        """Which entry of a build this is."""
        return self._called.index(called)

    def methods(self, path: str) -> list[Handle]:
        """The handles of a type's methods that can be called, by the type's path."""
        return [each for each in self.handles.values() if _is_of(each, path)]

    def _method(self, function: Function) -> Handle:
        """The handle of a method by its function."""
        for declaration in self.types.declarations.by_path.values():
            for method in self.types.methods[declaration.path]:
                if method.function.path == function.path:
                    custom = self.types[declaration.path]
                    callee = method_of(method, custom, self.types)
                    if callee is not None:
                        return self.of(callee)
        return self.of(Callee(function))

    def _dress(self, custom: CustomType, made: Any) -> None:
        """Give a class its methods, and every build their entries: objects cannot move between builds."""
        callees = {id(method): callee for method, callee in self._callees(custom)}
        dress(
            custom,
            made,
            [method for method in self.types.methods[custom.declaration.path] if id(method) in callees],
            lambda method: self.of(callees[id(method)]).callable,
        )
        self._dressed[made] = custom

    def _callees(self, custom: CustomType) -> list[tuple[Method, Callee]]:
        """The methods of a type, as far as they can be called on it at all."""
        found = []
        for method in self.types.methods[custom.declaration.path]:
            with suppress(Unsupported):
                if (callee := method_of(method, custom, self.types)) is not None:
                    found.append((method, callee))
        return found

    def know(self, custom: CustomType) -> None:
        """Let every build from now on have the entries of a type's methods, all at once.

        What is known later is in other builds, and objects of one are not those of another.
        """
        with self._lock:
            if custom.shape in self._known:
                return
            self._known.add(custom.shape)
            for _, callee in self._callees(custom):
                with suppress(SymbiontError):
                    self.of(callee)
            if custom.is_object:
                self.operation("drop")
                if not custom.uncarried:
                    self.operation("save", custom)
                    self.operation("load", custom)

    def _know_objects(self) -> None:
        """The same for all types of the file whose values stay in Rust."""
        for declaration in self.types.declarations.by_path.values():
            if declaration.kind in {"struct", "enum"} and not declaration.parameters:
                with suppress(Unsupported):
                    custom = self.types[declaration.path]
                    if custom.is_object:
                        self.know(custom)

    def owner(self, value: object) -> CustomType | None:
        """The type whose class this is."""
        return self._dressed.get(value) if isinstance(value, type) else None

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

    def type(self, name: str, texts: Mapping[str, str] | None = None) -> Any:
        """The Python class of a type, for these type arguments as text.

        Raises `SymbiontError` where its values cannot be carried.
        """
        try:
            custom = self.types[self._shape(name, texts or {})]
            made = custom.python
        except Unsupported as reason:
            raise SymbiontError(f"{self.source.path.name}: {reason}") from None
        self.know(custom)
        return made

    def _shape(self, name: str, texts: Mapping[str, str]) -> Custom:
        declaration = self.types.declarations.by_path[name]
        label = f"{self.source.path.name}::{name}"
        if not texts and not all(declaration.defaults):
            wanted = ", ".join(f'{parameter}="i64"' for parameter in declaration.parameters)
            raise SymbiontError(f'{label} is generic: say of what, evolvable("{label}", {wanted})')
        known = bound(self, label, declaration.parameters, texts, declaration.module) if texts else {}
        return Custom(name, tuple(known[parameter] for parameter in declaration.parameters if known))

    def instance(self, path: str, texts: Mapping[str, str]) -> Handle:
        """The handle of a generic function, or of a method of a generic type, for these types as text."""
        function = self.function(path)
        if function.impl is None:
            return self.outline(function).bound(texts)
        owner = next(
            declaration.path
            for declaration in self.types.declarations.by_path.values()
            if function in [method.function for method in self.types.methods[declaration.path]]
        )
        self.type(owner, texts)
        custom = self.types[self._shape(owner, texts)]
        for method, callee in self._callees(custom):
            if method.function == function:
                return self.of(callee)
        raise SymbiontError(f"{self.source.path.name}::{path} is no method of {custom.shown}")

    def bodies(self, path: str) -> list[Handle]:
        """The targets of a type's `impl` blocks, also those that nobody calls by themselves."""
        called = {handle.path: handle for handle in self.methods(path)}
        found = []
        for method in self.types.methods[path]:
            if method.written:
                there = called.get(method.function.path)
                written = self.function(method.function.path)
                found.append(self.target(there) if there else self.outline(written))
        return found

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
                self.revisions[0] = self.revision(0, text)
                self._functions = _functions(text)
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
            self.revisions.append(self.revision(len(self.revisions), text))
            return self.revisions[-1]

    def build(self, revision: Revision, profile: Profile, *, counting: bool = False) -> Build | BuildFailure:
        """Build a revision with the entries of every target that is known by now.

        With ``counting`` the build tells which lines are reached: `Reached.counters` is its last entry.
        """
        for _ in range(_MOST_REFUSALS):
            build = self._built(revision, profile, counting=counting)
            if not isinstance(build, BuildFailure) or revision.number or not self._refuse(revision, build):
                return build
        return build

    def _refuse(self, revision: Revision, failure: BuildFailure) -> bool:
        """Leave out the methods whose calls rustc refuses, so that they do not cost the rest of the file.

        What surrounds the bodies decides that, never a candidate.
        """
        refused = blamed(revision.text, [each.entry for each in self.called()], failure.errors)
        found = [self._called[index] for index in refused]
        if not found or any(isinstance(each, Handle) and each.callee.owner is None for each in found):
            return False
        for each in found:
            each.refused = failure.text.strip().splitlines()[0].removeprefix("error").lstrip(": ")
        return True

    def _built(self, revision: Revision, profile: Profile, *, counting: bool) -> Build | BuildFailure:
        entries = [each.entry for each in self.called()]
        # Whoever wrote what is on disk runs it in ordinary runs, with the user's rights.
        trusted = not revision.number and profile.trusted
        if counting:
            return self.reached.build(revision, profile, entries, trusted=trusted)
        return self.compile(revision.text, entries, profile, trusted=trusted)

    def compile(
        self, text: str, entries: Sequence[Entry], profile: Profile, *, trusted: bool
    ) -> Build | BuildFailure:
        """Compile a text of this file with these entries."""
        return self.workbench.builder.build(
            text, self.name, entries, profile, trusted=trusted, member=self.member
        )

    def use(self, handle: Handle, revision: Revision) -> None:
        """Make a revision what calls of this target, or of its instances, reach."""
        if handle.has_entry:
            self.activate(handle, revision)
            return
        handle.revision = revision
        for instance in self.handles.values():
            if instance.path == handle.path and instance.has_entry:
                self.activate(instance, revision)

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
        if not handle.has_entry:
            raise SymbiontError(f"{handle.label} is generic: pin one that is not, evolvable(..., T=...)")
        with self._lock:
            twin = Handle(self, handle.callee, pinned=revision)
            twin.callable, twin.extension = make(twin, self.workbench.extension)
            if self.workbench.isolation.strict:
                self._elsewhere(twin)
                return twin.callable
            twin.route = self._load(handle, revision)
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
        try:
            home = self._home(handle, revision)
            handle.refuse()
            return home.route(handle)
        except SymbiontError as error:  # its way through this package tells nobody anything
            raise error.with_traceback(None) from None

    def _home(self, handle: Handle, revision: Revision) -> LocalHome:
        # With more targets it is another build, and all of a file's targets are to share its statics.
        key = revision, len(self.called())
        if key not in self._homes:
            self._homes[key] = self._fresh(handle, revision)
        return self._homes[key]

    def _fresh(self, handle: Handle, revision: Revision) -> LocalHome:
        if self.workbench.isolation.strict:
            raise SymbiontError(
                f"{handle.label}: --evolve-isolation=strict loads nothing into this process; call what a "
                "suite is bound to, or use --evolve-isolation=auto"
            )
        counting = self.workbench.counting
        build = self.build(revision, revision.profile, counting=counting)
        if isinstance(build, BuildFailure):
            raise CompileError(build.text)
        if counting:
            self.reached.loaded(build, revision)
        return LocalHome(self, revision, build)


def _functions(text: str) -> dict[str, Function]:
    return {function.path: function for function in parse.bodies(text)}


def _is_of(handle: Handle, path: str) -> bool:
    owner = handle.callee.owner
    return owner is not None and owner.declaration.path == path and handle.callee.written


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
