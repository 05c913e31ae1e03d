"""Finding rustc, and what a link without a C compiler needs."""

from __future__ import annotations

import platform
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST = (1, 85)
_HOW_TO_GET = "install Rust from https://rustup.rs (or your system's rustc package) and try again"
_DYNAMIC_LINKERS = {"x86_64": "/lib64/ld-linux-x86-64.so.2", "aarch64": "/lib/ld-linux-aarch64.so.1"}


@dataclass(frozen=True)
class Toolchain:
    """One rustc: its executable, its sysroot, and ``identity``, the text of ``rustc -vV``."""

    rustc: Path
    sysroot: Path
    identity: str

    @cached_property
    def facts(self) -> dict[str, str]:
        """The fields of ``rustc -vV``: ``release``, ``host``, ``commit-hash``…"""
        return dict(line.split(": ", 1) for line in self.identity.splitlines() if ": " in line)

    @property
    def release(self) -> str:
        return self.facts["release"]

    @property
    def host(self) -> str:
        return self.facts["host"]

    @property
    def libraries(self) -> Path:
        """Where the shared libstd is."""
        return self.sysroot / "lib" / "rustlib" / self.host / "lib"

    @property
    def linker(self) -> Path | None:
        """The toolchain's own linker, or None where it ships none."""
        linker = self.sysroot / "lib" / "rustlib" / self.host / "bin" / "rust-lld"
        return linker if linker.is_file() else None

    @cached_property
    def is_script(self) -> bool:
        """Whether what is called is no compiler itself, but starts one: from where, nobody knows."""
        with self.rustc.open("rb") as file:
            return file.read(2) == b"#!"

    @property
    def dynamic_linker(self) -> str:
        """The ``ld.so`` of this machine, which an executable names."""
        machine = platform.machine()
        if machine not in _DYNAMIC_LINKERS:
            known = ", ".join(sorted(_DYNAMIC_LINKERS))
            raise SymbiontError(f"no worker can be linked on a {machine} machine (supported: {known})")
        return _DYNAMIC_LINKERS[machine]


def discover(environ: Mapping[str, str]) -> Toolchain:
    """The toolchain of ``RUSTC`` or of the rustc on ``PATH``.

    A rustup shim is resolved to the toolchain's own rustc, which starts 5 to 9 ms faster. Raises
    `SymbiontError` where there is no rustc, where it does not answer, or where it is too old.
    """
    named = environ.get("RUSTC")
    asked = named or "rustc"
    found = shutil.which(asked, path=environ.get("PATH"))
    if found is None:
        where = "RUSTC names it" if named else "looked on PATH"
        raise SymbiontError(f"no Rust compiler: {asked!r} was not found ({where}); {_HOW_TO_GET}")
    sysroot = Path(_ask(found, environ, "--print", "sysroot").strip())
    own = sysroot / "bin" / "rustc"
    rustc = own if sysroot.is_absolute() and own.is_file() else Path(found).absolute()
    toolchain = Toolchain(rustc, sysroot, _ask(str(rustc), environ, "-vV"))
    if not {"release", "host"} <= toolchain.facts.keys():
        raise SymbiontError(f"{found} is no Rust compiler: `-vV` tells no release and host; {_HOW_TO_GET}")
    _check_age(toolchain)
    return toolchain


def _ask(rustc: str, environ: Mapping[str, str], *arguments: str) -> str:
    try:
        done = subprocess.run(
            [rustc, *arguments],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip().splitlines() or [f"exit code {error.returncode}"]
        raise SymbiontError(
            f"the Rust compiler {rustc} does not work: `rustc {' '.join(arguments)}` failed with "
            f"{said[-1]!r}; {_HOW_TO_GET}"
        ) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SymbiontError(f"the Rust compiler {rustc} does not work: {error}; {_HOW_TO_GET}") from None
    return done.stdout


def _check_age(toolchain: Toolchain) -> None:
    numbers = toolchain.release.split("-")[0].split(".")[:2]
    version = tuple(int(number) for number in numbers if number.isdigit())
    if version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise SymbiontError(
            f"rustc {toolchain.release} ({toolchain.rustc}) is too old: pytest-symbiont needs {oldest} or "
            "newer (edition 2024); run `rustup update`"
        )


def system_libraries(toolchain: Toolchain) -> dict[str, Path | None]:
    """The C libraries that rustc asks the linker for, each with its file; None where libc holds it.

    Without C development files there is no ``libc.so`` to link against, only ``libc.so.6`` to run with; the
    linker takes that as well.
    """
    names = {"gcc_s": 1, "util": 1, "rt": 1, "pthread": 0, "m": 6, "dl": 2, "c": 6}
    folders = [
        Path(root) / part
        for root in ("/lib", "/usr/lib", "/lib64", "/usr/lib64")
        for part in (f"{platform.machine()}-linux-gnu", "")
    ]
    found = {
        name: next(
            (path for folder in folders if (path := folder / f"lib{name}.so.{number}").is_file()), None
        )
        for name, number in names.items()
    }
    for name in ("c", "gcc_s"):
        if found[name] is None:
            raise SymbiontError(
                f"lib{name}.so was not found in {', '.join(map(str, folders))}; rustc {toolchain.release} "
                f"for {toolchain.host} needs it (Debian: libc6, libgcc-s1)"
            )
    return found
