"""The jail: rustc (and rustfmt) sees what it compiles with, writes where it was told to, and comes to an end.

The layers are put on by `native/jail`, which then becomes the program.
"""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.build.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pytest_symbiont.build.isolation import Layer
    from pytest_symbiont.build.package import Compiled
    from pytest_symbiont.build.toolchain import Toolchain

MEMORY = 2 << 30
CPU_SECONDS = 20
WALL_SECONDS = 20.0
FILE_BYTES = 64 << 20

# The exit code of the jail itself, where rustc never ran.
FAILED = 125

_UNDEFINED = re.compile(r"undefined symbol: (\w+)")
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
# Where there is no linker in the toolchain, the system's C compiler links, and is made of many programs.
_WITH_CC = ("/bin", "/usr/bin", "/usr/local", "/usr/lib", "/usr/libexec", "/lib", "/lib64")


@dataclass(frozen=True, slots=True)
class Jail:
    """Which layers hold for a compilation; ``folder`` is where `native/` was built, ``facade`` its std."""

    toolchain: Toolchain
    folder: Path
    facade: Path
    layers: tuple[Layer, ...]

    def command(self, work: Path, crate: Compiled | None = None) -> list[str]:
        """What goes before a command that compiles in ``work``, a file or the ``crate`` of a package."""
        beside = self._beside(crate) if crate else ()
        return [
            str(self.folder / "jail"),
            *self._limits(),
            *self._grants(work),
            *beside,
            *self._calls(),
            "--",
        ]

    def around(self, tool: Path, configuration: Iterable[Path]) -> list[str]:
        """What goes before a command that formats its input: it starts itself alone and reads settings."""
        grants = []
        if "landlock" in self.layers:
            grants = [f"--read={path}" for path in (*_SYSTEM, *configuration)]
            loader = os.path.realpath(self.toolchain.dynamic_linker)
            grants += [
                f"--execute={path}" for path in (self.toolchain.sysroot, os.path.realpath(tool), loader)
            ]
        calls = ["--calls=compiling"] if "seccomp" in self.layers else []
        return [str(self.folder / "jail"), *self._limits(), *grants, *calls, "--"]

    def _limits(self) -> Iterator[str]:
        if "rlimits" in self.layers:
            yield from (f"--memory={MEMORY}", f"--cpu={CPU_SECONDS}", f"--file={FILE_BYTES}")

    def _calls(self) -> Iterator[str]:
        if "seccomp" in self.layers and not self.toolchain.is_script:
            yield "--calls=compiling"

    def _beside(self, crate: Compiled) -> Iterator[str]:
        if self._confines:
            yield from (f"--read={path}" for path in crate.readable)
            yield from (f"--write={path}" for path in crate.writable)

    @property
    def _confines(self) -> bool:
        return "landlock" in self.layers and not self.toolchain.is_script

    def _grants(self, work: Path) -> Iterator[str]:
        if not self._confines:
            return
        yield from (f"--read={path}" for path in (*_SYSTEM, self.folder, self.facade))
        yield f"--execute={self.toolchain.sysroot}"
        yield f"--execute={os.path.realpath(self.toolchain.dynamic_linker)}"
        if self.toolchain.linker is None:
            yield from (f"--execute={path}" for path in _WITH_CC)
        yield f"--write={work}"


def reason(status: int, said: str) -> str:
    """Why a rustc that reported no error came to no end of its own, in words that a model can act on."""
    if "memory allocation of" in said or "out of memory" in said or "Cannot allocate memory" in said:
        return f"rustc needed more than {MEMORY >> 30} GiB of memory; write something smaller"
    if "overflowed its stack" in said or status == -signal.SIGSEGV:
        return "rustc's own stack overflowed: something nests or recurses too deeply; write it flatter"
    if status in {-signal.SIGXCPU, -signal.SIGKILL}:
        return f"rustc needed more than {CPU_SECONDS} s and was stopped; write something simpler"
    if status == -signal.SIGXFSZ or "File too large" in said:
        return f"the build is larger than {FILE_BYTES >> 20} MiB; write something smaller"
    return f"rustc ended with status {status}"


def without_command(error: Diagnostic) -> Diagnostic:
    """A linker's error without its command line, which tells of this machine and not of the candidate."""
    if not error.rendered.startswith("error: linking with"):
        return error
    symbols = sorted(set(_UNDEFINED.findall(error.rendered)))
    why = f"nothing defines {', '.join(symbols)}" if symbols else "it names what is not there"
    return Diagnostic(f"error: the body does not link: {why}", error.file, error.line)
