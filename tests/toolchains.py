"""Toolchains made up for tests: folders with a rustc of one's own and the real libraries."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_symbiont.build.toolchain import Toolchain


def script(path: Path, text: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def counting(folder: Path, real: Toolchain) -> tuple[Path, Path]:
    """A rustc that logs every compilation, one a line, and does what the real one does; and its log.

    It says that its own folder is its sysroot, so it is not passed over as a rustup shim is.
    """
    log = folder / "compilations"
    log.touch()
    (folder / "lib").symlink_to(real.sysroot / "lib")
    rustc = script(
        folder / "bin" / "rustc",
        f"""case "$*" in
            "--print sysroot") echo {shlex.quote(str(folder))};;
            -vV) exec {shlex.quote(str(real.rustc))} -vV;;
            *) echo "$*" >> {shlex.quote(str(log))}; exec {shlex.quote(str(real.rustc))} "$@";;
        esac""",
    )
    return rustc, log
