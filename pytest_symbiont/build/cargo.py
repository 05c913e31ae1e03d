"""Asking cargo: which crate a file belongs to, and how cargo has it compiled.

Cargo builds the dependencies once, with its user's rights, before any model is asked: their `build.rs` and
proc macros run here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pytest_symbiont.build import cache as caching
from pytest_symbiont.build import recorder
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.build.cache import Cache
    from pytest_symbiont.build.toolchain import Toolchain

_MOST_TOLD = 12
# What a package's own settings may say otherwise, and a library that is loaded and unwound cannot have.
_PROFILE = {
    "CARGO_PROFILE_RELEASE_PANIC": "unwind",
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_STRIP": "none",
    "CARGO_INCREMENTAL": "0",
}
_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")
_LIBRARIES = {"lib", "rlib", "dylib", "cdylib", "staticlib"}


class Recorded(msgspec.Struct, frozen=True):
    """A rustc that cargo ran: its command, the folder it ran in, and what cargo told it by environment."""

    command: list[str]
    folder: str
    environment: dict[str, str]


class _Target(msgspec.Struct, frozen=True):
    name: str
    kind: list[str]
    src_path: str
    edition: str

    @property
    def is_library(self) -> bool:
        return not _LIBRARIES.isdisjoint(self.kind)


class _Dependency(msgspec.Struct, frozen=True):
    name: str
    kind: str | None
    rename: str | None
    optional: bool


class _Package(msgspec.Struct, frozen=True):
    name: str
    manifest_path: str
    targets: list[_Target]
    dependencies: list[_Dependency]


class _Metadata(msgspec.Struct, frozen=True):
    packages: list[_Package]


@dataclass(frozen=True, slots=True)
class Crate:
    """One crate of a package.

    ``folder`` and ``name`` are the package's, ``root`` is the crate's first file, ``dependencies`` are the
    crates that it can name, and ``selected`` is how cargo is told to build it.
    """

    folder: Path
    name: str
    root: Path
    edition: str
    dependencies: tuple[str, ...]
    selected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Targets:
    """The crates of the package in a folder, of which no part is a symbolic link."""

    folder: Path
    package: _Package

    def crate_of(self, file: Path) -> Crate:
        """The crate to which a file belongs. Raises `SymbiontError`."""
        target = self._target(file.resolve())
        if target.edition == "2015":
            raise SymbiontError(
                f"{self.package.name} has edition 2015, which crate= does not support; `cargo fix --edition` "
                "moves it to 2018"
            )
        root = Path(target.src_path).resolve()
        if not root.is_relative_to(self.folder):
            raise SymbiontError(f"{self.package.name}: its root {root} is not in {self.folder}")
        selected = ("--lib",) if target.is_library else ("--bin", target.name)
        return Crate(self.folder, self.package.name, root, target.edition, self._dependencies(), selected)

    def _dependencies(self) -> tuple[str, ...]:
        """Those that are always there, as they are named in Rust."""
        named = [
            dependency.rename or dependency.name
            for dependency in self.package.dependencies
            if dependency.kind is None and not dependency.optional
        ]
        return tuple(name.replace("-", "_") for name in sorted(set(named)))

    def _target(self, file: Path) -> _Target:
        """A binary of which the file is the root, else the library, else the only binary."""
        name, targets = self.package.name, self.package.targets
        binaries = [target for target in targets if "bin" in target.kind]
        libraries = [target for target in targets if target.is_library]
        own = [target for target in binaries if Path(target.src_path).resolve() == file]
        found = own or libraries or (binaries if len(binaries) == 1 else [])
        if found:
            return found[0]
        if any("proc-macro" in target.kind for target in targets):
            raise SymbiontError(f"{name} is a crate of proc macros, which run inside of rustc only")
        names = ", ".join(target.name for target in binaries) or "none"
        raise SymbiontError(
            f"{name} has no library, and nobody knows to which of its binaries ({names}) {file.name} "
            "belongs; move it to a library"
        )


def ask(folder: Path, toolchain: Toolchain) -> Targets:
    """What cargo knows of the package in this folder. Raises `SymbiontError`."""
    manifest = folder / "Cargo.toml"
    if not manifest.is_file():
        raise SymbiontError(
            f"crate: there is no Cargo.toml in {folder}; name the folder of a package, relative to the "
            "test's own folder"
        )
    asked = ("metadata", "--no-deps", "--format-version=1", f"--manifest-path={manifest}")
    done = _run(toolchain, asked, folder, dict(os.environ))
    if done.returncode:
        raise SymbiontError(f"cargo cannot read {manifest}: {_told(done.stderr)}")
    packages = msgspec.json.decode(done.stdout, type=_Metadata).packages
    for package in packages:
        if Path(package.manifest_path).resolve() == manifest.resolve():
            return Targets(folder, package)
    members = ", ".join(sorted(each.name for each in packages))
    raise SymbiontError(f"{manifest} is of a workspace; name the folder of one of its packages ({members})")


def record(
    crate: Crate, features: Sequence[str], toolchain: Toolchain, cache: Cache, *, tests: bool = False
) -> tuple[Recorded, Path]:
    """How cargo has the crate compiled, and the folder in which it has built its dependencies.

    That is where an earlier session built them, so that there is little to do. With ``tests`` it is the crate
    as ``cargo test`` has it. Raises `SymbiontError` where cargo cannot build what the crate depends on.
    """
    home = _home(crate, [*features, *(["--test"] if tests else [])], toolchain, cache)
    kept = home / "record.jsonl"
    for attempt in (1, 2):
        fresh = home / f"record-{os.getpid()}.jsonl"
        done = _build(crate, features, toolchain, home, fresh, tests=tests)
        if (found := recorded(fresh, crate.root)) is not None:
            fresh.replace(kept)
            return found, home / "target"
        fresh.unlink(missing_ok=True)
        if done.returncode:
            raise SymbiontError(
                f"cargo cannot build what {crate.name} needs: {_told(done.stderr)}; run `cargo build` in "
                f"{crate.folder} and mend it"
            )
        if (found := recorded(kept, crate.root)) is not None:
            return found, home / "target"
        if attempt == 1:  # built long ago, and nobody has written down how
            shutil.rmtree(home / "target", ignore_errors=True)
    raise SymbiontError(f"cargo built {crate.name} without a rustc of its own that could be seen")


def _home(crate: Crate, features: Sequence[str], toolchain: Toolchain, cache: Cache) -> Path:
    """Where this package's dependencies are built, in our cache: `cargo clean` does not reach it."""
    key = caching.key(
        "package",
        str(crate.folder),
        str(crate.root),
        *features,
        toolchain.identity,
        str(toolchain.rustc),
    )
    home = cache.root / caching.PACKAGES / key
    home.mkdir(parents=True, exist_ok=True)
    return home


def _build(
    crate: Crate, features: Sequence[str], toolchain: Toolchain, home: Path, record: Path, *, tests: bool
) -> subprocess.CompletedProcess[str]:
    environment = watched({**_PROFILE, "RUSTC": str(toolchain.rustc)}, home, record)
    asked = [
        *(("test", "--no-run") if tests else ("build",)),
        *("--release", "--color=never", f"--manifest-path={crate.folder / 'Cargo.toml'}"),
        *(f"--target-dir={home / 'target'}", *crate.selected),
        *([f"--features={','.join(features)}"] if features else []),
    ]
    return _run(toolchain, asked, crate.folder, environment)


def watched(settings: Mapping[str, str], home: Path, record: Path) -> dict[str, str]:
    """The environment in which cargo, with these settings, has its rustc written down in ``record``.

    ``home`` is where the program for that is put; it has no keys of models.
    """
    # Its path is a part of what cargo goes by when it asks what is fresh.
    wrapper = home / "recorder"
    python, program = sys.executable, recorder.__file__
    wrapper.write_text(f"#!/bin/sh\nexec '{python}' -IS '{program}' \"$@\"\n", "utf-8")
    wrapper.chmod(0o700)
    environment = {name: value for name, value in os.environ.items() if name not in (*_KEYS, "RUSTC_WRAPPER")}
    environment |= {**settings, "RUSTC_WORKSPACE_WRAPPER": str(wrapper), recorder.RECORD: str(record)}
    environment[recorder.KNOWN] = ",".join((*environment, recorder.KNOWN))
    return environment


def recorded(path: Path, root: Path) -> Recorded | None:
    """The last rustc that compiled a crate by its root file, where there was one."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return None
    for line in reversed(lines):
        found = msgspec.json.decode(line, type=Recorded)
        sources = (Path(found.folder, part) for part in found.command if part.endswith(".rs"))
        if any(source.resolve() == root for source in sources):
            return found
    return None


def _run(
    toolchain: Toolchain, asked: Sequence[str], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    own = toolchain.sysroot / "bin" / "cargo"
    cargo = str(own) if own.is_file() else shutil.which("cargo")
    if cargo is None:
        raise SymbiontError("no cargo: crate= needs it; install Rust from https://rustup.rs and try again")
    try:
        return subprocess.run(
            [cargo, *asked],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise SymbiontError(f"cargo could not be started: {error}") from None


def _told(said: str) -> str:
    """The errors among what cargo said."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    first = next((index for index, line in enumerate(lines) if line.startswith("error")), 0)
    return "\n".join(lines[first : first + _MOST_TOLD]) or "it says nothing"
