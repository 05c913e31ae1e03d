"""Running rustc."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.build.diagnostics import Diagnostic, parse
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_symbiont.build.toolchain import Toolchain


@dataclass(frozen=True, slots=True)
class Compilation:
    """What one rustc did: whether it built, the errors where it did not, and the seconds it took."""

    ok: bool
    errors: tuple[Diagnostic, ...]
    seconds: float


def link_flags(toolchain: Toolchain, link_folder: Path) -> list[str]:
    """Flags that link with the toolchain's own linker, or with ``cc`` where it has none."""
    rpath = f"-rpath={toolchain.libraries}"
    if toolchain.linker is None:
        return [f"-Clink-arg=-Wl,{rpath}"]
    return [
        f"-Clinker={toolchain.linker}",
        "-Clinker-flavor=ld.lld",
        f"-Lnative={link_folder}",
        f"-Clink-arg={rpath}",
    ]


def compile_crate(
    toolchain: Toolchain, arguments: Sequence[str], folder: Path, *, timeout: float = 120.0
) -> Compilation:
    """Run rustc in ``folder`` with an empty environment.

    The child leads a process group of its own, so that a deadline ends the linker too. ``timeout`` is in
    seconds; passing it is a compile failure, not an exception.
    """
    started = time.perf_counter()
    command = [str(toolchain.rustc), "--error-format=json", *arguments]
    environment = {"TMPDIR": str(folder), "LC_ALL": "C"}
    if toolchain.linker is None:
        environment["PATH"] = os.environ.get("PATH", os.defpath)
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise SymbiontError(
            f"rustc could not be started: {error}; is {toolchain.rustc} still there?"
        ) from None
    try:
        _, said = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        _kill(process)
        late = Diagnostic(f"error: rustc took longer than {timeout:g} s and was stopped\n", "", 0)
        return Compilation(ok=False, errors=(late,), seconds=time.perf_counter() - started)
    except BaseException:
        _kill(process)
        raise
    text = said.decode("utf-8", "replace")
    errors = parse(text) if process.returncode else ()
    if process.returncode and not errors:
        errors = (Diagnostic(f"error: rustc ended with status {process.returncode}\n{text[-2000:]}", "", 0),)
    return Compilation(ok=process.returncode == 0, errors=errors, seconds=time.perf_counter() - started)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
