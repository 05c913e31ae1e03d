"""Running rustc."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.build.diagnostics import Diagnostic, parse
from pytest_symbiont.build.jail import FAILED, WALL_SECONDS, reason, without_command
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import FileIO
    from pathlib import Path

    from pytest_symbiont.build.jail import Jail
    from pytest_symbiont.build.package import Compiled
    from pytest_symbiont.build.toolchain import Toolchain

_PART = 64 * 1024
_MOST_SAID = 4 << 20


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
        # A candidate is small, and every thread more takes address space, of which the jail has so much.
        "-Clink-arg=--threads=1",
    ]


def compile_crate(
    toolchain: Toolchain,
    arguments: Sequence[str],
    folder: Path,
    *,
    timeout: float = 120.0,
    jail: Jail | None = None,
    crate: Compiled | None = None,
) -> Compilation:
    """Run rustc in ``folder`` with an empty environment, for candidates in a ``jail``.

    The ``crate`` of a package has its own folder and environment, and other folders beside it.

    The child leads a process group of its own, so that a deadline ends the linker too. ``timeout`` is in
    seconds, and shorter in a jail; passing it is a compile failure, not an exception.
    """
    started = time.perf_counter()
    before = jail.command(folder, crate) if jail else []
    if jail:
        timeout = min(timeout, WALL_SECONDS)
    command = [*before, str(toolchain.rustc), "--error-format=json", *arguments]
    environment = {**(crate.environment if crate else {}), "TMPDIR": str(folder)}
    if toolchain.linker is None:
        environment["PATH"] = os.environ.get("PATH", os.defpath)
    read_end, write_end = os.pipe()
    try:
        process = subprocess.Popen(
            command,
            cwd=crate.folder if crate else folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=write_end,
            start_new_session=True,
        )
    except OSError as error:
        os.close(read_end)
        raise SymbiontError(
            f"rustc could not be started: {error}; is {toolchain.rustc} still there?"
        ) from None
    finally:
        os.close(write_end)
    try:
        with os.fdopen(read_end, "rb", buffering=0) as pipe:
            said = _read(process, pipe, started + timeout)
    except subprocess.TimeoutExpired:
        _kill(process)
        late = Diagnostic(f"error: rustc took longer than {timeout:g} s and was stopped\n", "", 0)
        return Compilation(ok=False, errors=(late,), seconds=time.perf_counter() - started)
    except BaseException:
        _kill(process)
        raise
    text = said.decode("utf-8", "replace")
    if jail and process.returncode == FAILED:
        raise SymbiontError(f"rustc could not be started in its jail: {text.strip()}")
    errors = parse(text) if process.returncode else ()
    if jail:
        errors = tuple(map(without_command, errors))
    if process.returncode and not errors:
        # What is no diagnostic was written by nobody for a model, and may quote anything.
        why = reason(process.returncode, text)
        errors = (Diagnostic(f"error: {why}\n{'' if jail else text[-2000:]}", "", 0),)
    return Compilation(ok=process.returncode == 0, errors=errors, seconds=time.perf_counter() - started)


def _read(process: subprocess.Popen[bytes], pipe: FileIO, deadline: float) -> bytes:
    """What rustc says until it ends, up to the first few megabytes."""
    said = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, deadline - time.perf_counter())):
                raise subprocess.TimeoutExpired(process.args, 0)
            part = pipe.read(_PART)
            if not part:
                break
            said += part[: _MOST_SAID - len(said)]
    process.wait(max(0.0, deadline - time.perf_counter()))
    return bytes(said)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
