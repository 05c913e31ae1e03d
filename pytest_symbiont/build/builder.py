"""From the text of a Rust file to a library: one rustc a candidate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from pytest_symbiont.build import cache as caching
from pytest_symbiont.build.diagnostics import Diagnostic, render
from pytest_symbiont.build.isolation import Isolation
from pytest_symbiont.build.jail import Jail
from pytest_symbiont.build.native import CRATE, ENTRIES, Native, rpath
from pytest_symbiont.build.package import symbols
from pytest_symbiont.build.rustc import compile_crate, link_flags
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.source.edit import blank_inner
from pytest_symbiont.source.unwritten import with_types

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pytest_symbiont.build.cache import Cache
    from pytest_symbiont.build.package import Member
    from pytest_symbiont.build.rustc import Compilation
    from pytest_symbiont.build.toolchain import Toolchain

# v0 mangling, a fixed crate name and fixed metadata give an entry the same symbol whatever the body is.
_COMMON = ("--edition=2024", "--crate-type=dylib", f"--crate-name={CRATE}", "-Cprefer-dynamic",
           "-Cmetadata=symbiont", "-Csymbol-mangling-version=v0", "-Ccodegen-units=1", "-Coverflow-checks=on",
           "-Awarnings")  # fmt: skip

# `long_running_const_eval` ends constants that are computed for ever, unless they say that this is allowed.
_FORBIDDEN = ("-Funsafe_code", "-Flong_running_const_eval")


class Profile(Enum):
    """How a file is compiled.

    ``DISK`` is what ordinary runs call: the user's own code, optimised, with the real std. ``TRIAL`` is quick
    to build and has debug assertions, ``PROMOTION`` is optimised; both are for candidates, so they see the
    facade std and may not be unsafe.
    """

    DISK = "disk"
    TRIAL = "trial"
    PROMOTION = "promotion"

    @property
    def flags(self) -> tuple[str, ...]:
        if self is Profile.TRIAL:
            return ("-Copt-level=0", "-Cdebug-assertions=on")
        return ("-Copt-level=3",)

    @property
    def trusted(self) -> bool:
        return self is Profile.DISK

    @property
    def quick(self) -> bool:
        """Whether it is built often and soon forgotten."""
        return self is Profile.TRIAL


@dataclass(frozen=True, slots=True)
class Entry:
    """One function to be called from outside, by its path in the file.

    ``text`` is the function that calls it, named ``ENTRY``; ``shim`` the source of the crate that calls that
    one; ``support`` are the impls that ``text`` needs, for which the codec is linked.
    """

    path: str
    text: str
    shim: str
    support: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Build:
    """A compiled file. ``symbols`` are those of its entries, in their order."""

    library: Path
    symbols: tuple[str, ...]
    seconds: float
    cached: bool


@dataclass(frozen=True, slots=True)
class BuildFailure:
    """rustc's errors."""

    errors: tuple[Diagnostic, ...]
    seconds: float

    @property
    def text(self) -> str:
        return render(self.errors)


class Builder:
    """Builds with one toolchain into one cache."""

    def __init__(
        self, toolchain: Toolchain, cache: Cache, native: Native, isolation: Isolation | None = None
    ) -> None:
        self.toolchain = toolchain
        self.cache = cache
        self.native = native
        layers = (isolation or Isolation()).layers
        self.jail = Jail(toolchain, native.folder, native.facade_folder, layers) if layers else None
        self.compilations = 0
        self._failures: dict[str, BuildFailure] = {}

    def build(
        self,
        text: str,
        file_name: str,
        entries: Sequence[Entry],
        profile: Profile,
        *,
        trusted: bool = False,
        member: Member | None = None,
    ) -> Build | BuildFailure:
        """Compile the file ``text`` as it would be written. ``file_name`` is what diagnostics call it.

        What is not ``trusted`` is compiled in the jail. A ``member`` of a package is compiled with its crate.
        """
        if member is not None:
            return self._build_member(text, member, entries, profile, trusted=trusted)
        source = crate_root(text, entries)
        codec = any(entry.support for entry in entries)
        arguments = self.arguments(file_name, profile, codec=codec)
        key = caching.key("build", self.native.key, file_name, source, *arguments, profile.value)
        names = tuple(self.native.symbol(index) for index in range(len(entries)))

        def compile_in(work: Path) -> Compilation:
            (work / file_name).write_bytes(source.encode())
            return compile_crate(self.toolchain, arguments, work, jail=None if trusted else self.jail)

        return self._made(key, names, compile_in)

    def _build_member(
        self, text: str, member: Member, entries: Sequence[Entry], profile: Profile, *, trusted: bool
    ) -> Build | BuildFailure:
        names = symbols(len(entries))
        source = with_entries(member.text(text), entries, exported=names)
        key = caching.key("member", self.native.key, member.key, member.name, source, profile.value)

        def compile_in(work: Path) -> Compilation:
            with member.laid_out(source, work, self.native, profile) as crate:
                return compile_crate(
                    self.toolchain,
                    crate.arguments,
                    work,
                    jail=None if trusted else self.jail,
                    crate=crate,
                )

        return self._made(key, names, compile_in)

    def _made(
        self, key: str, names: tuple[str, ...], compile_in: Callable[[Path], Compilation]
    ) -> Build | BuildFailure:
        """What is in the cache by this key, or what is compiled in a folder; ``names`` are its entries'."""
        folder = self.cache.get(key)
        if folder is not None:
            return Build(folder / "lib.so", names, 0.0, cached=True)
        if key in self._failures:
            return self._failures[key]
        seconds = 0.0

        def produce(work: Path) -> bool:
            nonlocal seconds
            self.compilations += 1
            done = compile_in(work)
            seconds = done.seconds
            if not done.ok:
                # Kept for the session: what every call of a test asks for is compiled once.
                self._failures[key] = BuildFailure(done.errors, 0.0)
            return done.ok

        folder = self.cache.put(key, produce)
        if folder is None:
            return replace(self._failures[key], seconds=seconds)
        return Build(folder / "lib.so", names, seconds, cached=False)

    def arguments(self, file_name: str, profile: Profile, *, codec: bool = False) -> list[str]:
        """What rustc gets to compile the crate root ``file_name`` into ``lib.so``."""
        extern = [self.native.codec] if codec else []
        untrusted = [] if profile.trusted else [*_FORBIDDEN, *self.native.facade]
        link = link_flags(self.toolchain, self.native.folder)
        return [*_COMMON, *profile.flags, *untrusted, *extern, *link, "-olib.so", *_input(file_name)]

    def shim(self, source: str) -> Path:
        """The library of a shim; compiled once per signature."""
        key = caching.key("shim", self.native.key, source)
        folder = self.cache.get(key)
        if folder is None:
            arguments = [
                *("--edition=2024", "--crate-type=dylib", "--crate-name=shim", "-Cprefer-dynamic"),
                *("-Copt-level=3", "-Cpanic=unwind", "-Awarnings", "-Ccodegen-units=1"),
                f"--extern=symbiont_runtime={self.native.runtime}",
                self.native.codec,
                *link_flags(self.toolchain, self.native.folder),
                rpath(self.toolchain, self.native.folder),
                *("-oshim.so", "shim.rs"),
            ]

            def produce(work: Path) -> bool:
                (work / "shim.rs").write_text(source, "utf-8")
                self.compilations += 1
                done = compile_crate(self.toolchain, arguments, work)
                if not done.ok:
                    raise SymbiontError(
                        f"this shim does not compile; please report it:\n{source}\n{render(done.errors)}"
                    )
                return True

            folder = self.cache.put(key, produce)
            if folder is None:
                raise SymbiontError("the shim was not built")
        return folder / "shim.so"


def _input(file_name: str) -> list[str]:
    """The arguments that name the file to compile, as diagnostics and panics shall name it."""
    if file_name.startswith("@"):  # even behind `--` rustc reads arguments from such a file
        return ["--remap-path-prefix=./=", "--", f"./{file_name}"]
    return ["--", file_name]


def crate_root(text: str, entries: Sequence[Entry]) -> str:
    """The file as the root of a crate."""
    return with_entries(blank_inner(text), entries)


def with_entries(text: str, entries: Sequence[Entry], *, exported: Sequence[str] = ()) -> str:
    """The file with a module behind it that calls its functions from outside.

    In a package, which names its crates as it likes, the entries are ``exported`` under these names.

    Line numbers stay the file's. A text that leaves something open cannot swallow the module: it is balanced
    and without quotes, so what is open stays open and rustc refuses the whole; a dangling attribute is caught
    by the constant before it. Types are written out in full, so that a `type f64 = f32;` in the file changes
    nothing here: then rustc finds the two sides of the call to differ.
    """
    # A crate without std is linked with it here, for its panics.
    lines = ["const _: () = ();", f"pub mod {ENTRIES} {{{' extern crate std as _;' if exported else ''}"]
    for index, entry in enumerate(entries):
        # Without `inline(never)` rustc leaves small bodies to be inlined elsewhere and exports nothing.
        attribute = f'unsafe(export_name = "{exported[index]}")' if exported else "inline(never)"
        lines.append(f"    #[{attribute}] {entry.text.replace('ENTRY', f'entry{index}', 1)}")
    lines += dict.fromkeys(impl for entry in entries for impl in entry.support)
    return "\n".join([with_types(text), *lines, "}", ""])


def blamed(text: str, entries: Sequence[Entry], errors: Sequence[Diagnostic]) -> frozenset[int]:
    """Which entries rustc refuses, where it refuses nothing else of `with_entries`; otherwise none."""
    line = text.count("\n") + 4
    owners: dict[int, set[int]] = {}
    for index, entry in enumerate(entries):
        for _ in range(entry.text.count("\n") + 1):
            owners[line] = {index}
            line += 1
    for impl in dict.fromkeys(impl for entry in entries for impl in entry.support):
        users = {index for index, entry in enumerate(entries) if impl in entry.support}
        for _ in range(impl.count("\n") + 1):
            owners[line] = users
            line += 1
    if not all(error.line in owners for error in errors):
        return frozenset()
    return frozenset().union(*(owners[error.line] for error in errors))
