"""All evolvables of a session: one file, one set of revisions, however many test modules name it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge.callable import handle_of
from pytest_symbiont.bridge.evolving import EvolvingFile, read
from pytest_symbiont.bridge.workbench import Workbench
from pytest_symbiont.errors import CompileError, SymbiontError
from pytest_symbiont.source import parse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_symbiont.bridge.custom import CustomType
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.build.package import Where


class Registry:
    """Evolvables by file."""

    def __init__(self) -> None:
        self.workbench = Workbench()
        self.files: dict[Path, EvolvingFile] = {}
        self._where: dict[Path, Where | None] = {}
        # Packages that are built with their tests, by folder.
        self.tested: dict[Path, Where] = {}

    def function(
        self, path: Path, name: str, types: Mapping[str, str] | None = None, where: Where | None = None
    ) -> Any:
        """The callable of a function that is in its file, or a type's class; ``types`` are type arguments.

        ``where`` says of which package the file is a part.
        """
        file = self.on_disk(path, where)
        if file.kind(name) == "type":
            made = file.type(name, types)
            file.whole_types.add(name)
            return made
        return (file.instance(name, types) if types else file.handle(name)).callable

    def module(self, path: Path, where: Where | None = None) -> RustModule:
        """Every `pub fn` of a file, as attributes."""
        return RustModule(self.on_disk(path, where))

    def declared(self, signature: str, path: Path) -> Any:
        """The callable of a function that need not be on disk yet."""
        function = parse.declaration(signature)
        file = self._file(path)
        file.declare(function)
        return file.handle(function.path).callable

    def prepare(self) -> None:
        """Build and load every target, so that no test's clock includes it.

        What fails here (no rustc, a body that does not compile) fails again, and is told, at the call.
        """
        handles = [handle for file in self.files.values() for handle in file.handles.values()]
        idle = [handle for handle in handles if not handle.route]
        for handle in idle:
            with suppress(SymbiontError, CompileError):
                handle.file.use(handle, handle.revision)

    def handle(self, value: object) -> Handle | None:
        """The handle behind a callable, or None where the value is no evolvable."""
        extension = self.workbench.__dict__.get("extension")
        return handle_of(value, extension)

    def handles(self, value: object) -> tuple[Handle, ...]:
        """The targets that a value stands for: one, or a type's methods, if it was declared for itself."""
        if (handle := self.handle(value)) is not None:
            return (handle.file.target(handle),)
        for file in self.files.values():
            if (custom := file.owner(value)) is not None:
                return tuple(file.bodies(custom.declaration.path))
        return ()

    def named_type(self, value: object) -> CustomType | None:
        """The type whose class this is, where it was not declared by itself (``evolvable("f.rs::T")``)."""
        for file in self.files.values():
            custom = file.owner(value)
            if custom is not None and custom.declaration.path not in file.whole_types:
                return custom
        return None

    def on_disk(self, path: Path, where: Where | None) -> EvolvingFile:
        """A file that has to be there. Raises `SymbiontError`."""
        file = self._file(path, where)
        if file.source.raw is None:
            raise SymbiontError(
                f"{path.name}: no such file (looked for {path}); write it, or declare a function that is not "
                f'there yet: evolvable("fn name(x: u64) -> u64", file="{path.name}")'
            )
        return file

    def _file(self, path: Path, where: Where | None = None) -> EvolvingFile:
        path = path.absolute()
        key = path.resolve()
        if where is not None and where.folder in self.tested:
            where = replace(where, tests=True)
        if self._where.setdefault(key, where) != where:
            raise SymbiontError(
                f"{path.name} was declared in two ways: say of which package it is (crate=, features=) "
                "wherever it is declared, or nowhere"
            )
        if key not in self.files:
            source = read(path)
            member = self.workbench.member(path, where) if where else None
            self.files[key] = EvolvingFile(source, self.workbench, member)
        return self.files[key]


class RustModule(ModuleType):
    """A Rust file, or a module inside of one: what can be named of it from outside are attributes.

    Those are its public functions and constants, its types, and its modules. ``path`` is the module's path in
    the file, empty for the file itself.
    """

    def __init__(self, file: EvolvingFile, path: str = "") -> None:
        super().__init__(".".join([file.source.path.stem, *path.split("::")]).rstrip("."))
        self.__file__ = str(file.source.path)
        self.__dict__["_file"] = file
        self.__dict__["_path"] = path
        # All at once: a build has an entry for every target that is known when it is made.
        for function in file.public:
            with suppress(SymbiontError):
                file.handle(function.path)
        for name in file.names(path):
            inner = f"{path}::{name}".removeprefix("::")
            if file.kind(inner) == "type":
                with suppress(SymbiontError):
                    file.type(inner)

    def __getattr__(self, name: str) -> Any:
        file: EvolvingFile = self.__dict__["_file"]
        path = f"{self.__dict__['_path']}::{name}".removeprefix("::")
        match file.kind(path):
            case "function":
                return file.handle(path).callable
            case "type":
                return file.type(path)
            case "constant":
                return file.constants[path]
            case "module":
                return RustModule(file, path)
        label = f"{file.source.path.name}::{self.__dict__['_path']}".removesuffix("::")
        found = ", ".join(dir(self)) or "none"
        raise AttributeError(f"{label} has no public function, type or constant {name!r} (found: {found})")

    def __dir__(self) -> list[str]:
        file: EvolvingFile = self.__dict__["_file"]
        return file.names(self.__dict__["_path"])
