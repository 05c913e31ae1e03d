"""A file of a Cargo package: its crate compiled by one rustc, as by cargo, with another text for the file."""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.build import cache as caching
from pytest_symbiont.build.cargo import ask, record
from pytest_symbiont.build.rustc import link_flags
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.source.rust_tests import exposed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from pytest_symbiont.build.builder import Profile
    from pytest_symbiont.build.cache import Cache
    from pytest_symbiont.build.cargo import Crate, Recorded, Targets
    from pytest_symbiont.build.native import Native
    from pytest_symbiont.build.toolchain import Toolchain

# What is ours to say: what comes out, where, and how.
_OURS_ALONE = ("--emit", "--out-dir", "--error-format", "--json", "--diagnostic-width", "--color",
               "--cap-lints", "--crate-type")  # fmt: skip
_OURS_OF_CODEGEN = ("codegen-units", "debuginfo", "debug-assertions", "embed-bitcode", "extra-filename",
                    "incremental", "linker", "linker-flavor", "lto", "metadata", "opt-level",
                    "overflow-checks", "panic", "prefer-dynamic", "split-debuginfo", "strip")  # fmt: skip
# A package's lints are about its own text, not about what is put behind it; without std it has std beside it.
_OURS = ("--crate-type=cdylib", "-Cprefer-dynamic", "-Cmetadata=symbiont", "-Coverflow-checks=on",
         "--cap-lints=allow", "--extern=std", "--extern=core")  # fmt: skip
_NOT_SOURCES = {"target", "node_modules", "__pycache__"}
_NOT_TOLD = ("LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "CARGO_MAKEFLAGS", "RUST_RECURSION_COUNT")


@dataclass(frozen=True, slots=True)
class Where:
    """A package by the folder of its Cargo.toml, and the features that it is built with.

    With ``tests`` it is built as ``cargo test`` does.
    """

    folder: Path
    features: tuple[str, ...] = ()
    tests: bool = False


@dataclass(frozen=True, slots=True)
class Compiled:
    """How a text becomes a library: rustc's arguments, its environment, and where.

    rustc runs in ``folder``, and may read and write others beside.
    """

    arguments: list[str]
    environment: dict[str, str]
    folder: Path
    readable: tuple[Path, ...]
    writable: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """A place for one build at a time: a tree of sources, and what rustc remembers of the last one there."""

    tree: Path
    remembered: Path


class Package:
    """The files of a package with some features.

    Cargo builds what they need at the first build of ours. What the package holds is taken as it is then, for
    the whole session.
    """

    def __init__(self, where: Where, toolchain: Toolchain, cache: Cache) -> None:
        self.where, self._toolchain, self._cache = where, toolchain, cache
        self._folder = where.folder.resolve()
        self._crates: dict[Crate, CargoCrate] = {}

    def member(self, file: Path) -> Member:
        """Raises `SymbiontError` where the file belongs to no crate of the package."""
        try:
            name = file.resolve().relative_to(self._folder)
        except ValueError:
            raise SymbiontError(f"{file} is no file of the package in {self._folder}") from None
        crate = self._asked.crate_of(file)
        if crate not in self._crates:
            self._crates[crate] = CargoCrate(self, crate)
        return Member(self._crates[crate], name)

    @cached_property
    def _asked(self) -> Targets:
        return ask(self._folder, self._toolchain)

    @cached_property
    def _temporary(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="symbiont-package-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    @cached_property
    def sources(self) -> Path:
        """A copy of what the package holds, without what is hidden or built."""
        copy = self._temporary / "package"
        shutil.copytree(self._folder, copy, ignore=_left_out, ignore_dangling_symlinks=True)
        return copy

    def bench(self, number: int) -> Bench:
        """A new bench."""
        folder = self._temporary / f"bench{number}"
        (folder / "remembered").mkdir(parents=True)
        return Bench(folder / "tree", folder / "remembered")

    @cached_property
    def digests(self) -> dict[Path, str]:
        """The SHA-256 of every source, by its path in the package."""
        return {path.relative_to(self.sources): caching.digest(path) for path in _files(self.sources)}

    def record(self, crate: Crate) -> tuple[Recorded, Path]:
        """How cargo compiles a crate, and where it has built what that needs."""
        return record(crate, self.where.features, self._toolchain, self._cache, tests=self.where.tests)

    def link_flags(self, native: Native) -> list[str]:
        return link_flags(self._toolchain, native.folder)


class CargoCrate:
    """One crate of a package."""

    def __init__(self, package: Package, facts: Crate) -> None:
        self._package, self.facts = package, facts
        self._lock = threading.Lock()
        self._free: list[Bench] = []
        self._benches = count()

    @property
    def tested(self) -> bool:
        """Whether it is compiled with its tests."""
        return self._package.where.tests

    def prepare(self) -> None:
        """Let cargo build what the crate needs. Raises `SymbiontError` where it cannot."""
        _ = self._record

    def key(self, file: Path) -> str:
        """What a build depends on beside the text of ``file``."""
        sources = [f"{path} {digest}" for path, digest in self._package.digests.items() if path != file]
        return caching.key("package", *self._surroundings, *sources)

    @contextmanager
    def laid_out(
        self, file: Path, text: str, work: Path, native: Native, profile: Profile
    ) -> Iterator[Compiled]:
        """The crate with this text for ``file``, to be compiled to ``lib.so`` in ``work``.

        Candidates are many, and differ by a body: what rustc knows of the rest it keeps from one to the next.
        """
        with self._lock:
            bench = self._free.pop() if self._free else self._package.bench(next(self._benches))
        try:
            _overlay(self._package.sources, bench.tree, file, text)
            yield self._compiled(bench, work, native, profile)
        finally:
            shutil.rmtree(bench.tree, ignore_errors=True)
            with self._lock:
                self._free.append(bench)

    def _compiled(self, bench: Bench, work: Path, native: Native, profile: Profile) -> Compiled:
        recorded, built = self._record
        # Optimised builds are made once, and are better as a whole.
        remembered = (bench.remembered,) if profile.quick else ()
        generated = recorded.environment.get("OUT_DIR")
        readable = [self._package.sources, *built.glob("**/deps"), *([Path(generated)] if generated else [])]
        arguments = [
            *_kept(recorded.command[1:]),
            str(self.facts.root.relative_to(self.facts.folder)),
            *_OURS,
            *(["--cfg=test"] if self.tested else []),
            *profile.flags,
            *(f"-Cincremental={folder}" for folder in remembered),
            native.codec,
            *self._package.link_flags(native),
            f"-o{work / 'lib.so'}",
        ]
        environment = {**self._told, "CARGO_MANIFEST_DIR": str(bench.tree)}
        return Compiled(arguments, environment, bench.tree, (bench.tree, *readable), remembered)

    @cached_property
    def _record(self) -> tuple[Recorded, Path]:
        return self._package.record(self.facts)

    @cached_property
    def _surroundings(self) -> list[str]:
        """How cargo compiles the crate, and the libraries that it has built."""
        recorded, built = self._record
        facts = [(path, path.stat()) for path in _files(built) if path.suffix in {".rlib", ".so"}]
        libraries = [f"{path} {fact.st_size} {fact.st_mtime_ns}" for path, fact in facts]
        told = [f"{name}={value}" for name, value in sorted(self._told.items())]
        return [*recorded.command, *told, *libraries]

    @cached_property
    def _told(self) -> dict[str, str]:
        recorded, _ = self._record
        return {name: value for name, value in recorded.environment.items() if name not in _NOT_TOLD}


class Member:
    """One file of a crate, by its path in the package, which is what rustc calls it."""

    def __init__(self, crate: CargoCrate, path: Path) -> None:
        self.crate, self._path = crate, path
        self.name = str(path)

    def text(self, text: str) -> str:
        """The file's text as it is compiled."""
        return exposed(text) if self.crate.tested else text

    @cached_property
    def key(self) -> str:
        """What a build depends on beside the file's text."""
        return self.crate.key(self._path)

    def laid_out(
        self, text: str, work: Path, native: Native, profile: Profile
    ) -> AbstractContextManager[Compiled]:
        """This text of the file together with its crate, to be compiled in ``work``."""
        return self.crate.laid_out(self._path, text, work, native, profile)


def symbols(count: int) -> tuple[str, ...]:
    """The names of the entries in a library of a package, whatever its crate and the module are called."""
    return tuple(f"symbiont_entry{index}" for index in range(count))


def _kept(command: Sequence[str]) -> Iterator[str]:
    """What of cargo's own arguments stays."""
    arguments = iter(command)
    for argument in arguments:
        flag, joined, _ = argument.partition("=")
        if argument == "--test":
            continue  # that would make a program; the tests are functions here
        if flag in _OURS_ALONE:
            if not joined:
                next(arguments, None)
        elif argument in {"-C", "--codegen"}:
            option = next(arguments, "")
            if not option.startswith(_OURS_OF_CODEGEN):
                yield from (argument, option)
        elif argument.endswith(".rs") or (
            argument.startswith("-C") and argument[2:].startswith(_OURS_OF_CODEGEN)
        ):
            continue
        else:
            # Cargo lets rustc begin when it knows what is in a library; to link it, all of it is needed.
            yield f"{argument.removesuffix('.rmeta')}.rlib" if argument.endswith(".rmeta") else argument


def _left_out(_: str, names: list[str]) -> set[str]:
    """What is no source: hidden files, among them those with keys, and what was built."""
    return {name for name in names if name.startswith(".") or name in _NOT_SOURCES}


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _overlay(sources: Path, tree: Path, changed: Path, text: str) -> None:
    """The sources at ``tree``, by symbolic links, and one file of them with another text."""
    tree.mkdir(parents=True)
    first, *rest = changed.parts
    for path in sources.iterdir():
        if path.name != first:
            (tree / path.name).symlink_to(path)
    if rest:
        _overlay(sources / first, tree / first, Path(*rest), text)
    else:
        (tree / first).write_bytes(text.encode())
