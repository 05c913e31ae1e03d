"""The C extension behind the fast calls: compiled by the user's C compiler on first use, then kept.

Without a C compiler or Python's headers there is none, and calls go the slower way; `why_not` says why.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from importlib.resources import files
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

_NAME = "_symbiont_callable"
_PARTS = ("element.c", "packer.c", "unpacker.c", "callable.c")
"""Compiled as one file: each uses what stands in those before it."""

_FLAGS = ("-std=c11", "-O2", "-fPIC", "-shared", "-fvisibility=hidden")
_PATIENCE = 120.0
"""Seconds for a compiler that takes about one."""

_LOADING = Lock()  # two threads must get the same module: its types are told apart by identity


class _Unavailable(Exception):  # noqa: N818 - a reason on its way to `why_not`, not an error
    pass


@dataclass(frozen=True, slots=True)
class _Attempt:
    module: ModuleType | None
    reason: str = ""


def load(folder: Path) -> ModuleType | None:
    """The extension ``_symbiont_callable``, kept in ``folder`` and compiled there when it is missing.

    None where it cannot be had; `why_not` tells the reason. Decided once per process and folder.
    """
    return _attempt_once(folder).module


def why_not(folder: Path) -> str:
    """Why `load` gives None for this folder, with the next step; empty where it gives a module."""
    return _attempt_once(folder).reason


def _attempt_once(folder: Path) -> _Attempt:
    with _LOADING:
        return _attempt(folder.absolute())


@cache
def _attempt(folder: Path) -> _Attempt:
    try:
        return _Attempt(_load_or_compile(folder))
    except (_Unavailable, OSError, ImportError) as error:
        return _Attempt(None, str(error))


def _load_or_compile(folder: Path) -> ModuleType:
    text = source()
    path = folder / f"{_NAME}-{_key(text)}{EXTENSION_SUFFIXES[0]}"
    try:
        return _import(path)
    except ImportError:  # not there yet, or damaged
        _compile(text, path)
    return _import(path)


def source() -> bytes:
    """The C text of the extension."""
    return b"\n".join(map(_part, _PARTS))


def _part(name: str) -> bytes:
    """A part of the source, with its own name and line numbers in a compiler's messages."""
    return f'#line 1 "{name}"\n'.encode() + files(__package__).joinpath(name).read_bytes()


def _key(text: bytes) -> str:
    """What an extension is compiled from and for: it may be loaded where all of this is the same."""
    made_for = (sys.implementation.cache_tag, sysconfig.get_config_var("SOABI"), sysconfig.get_platform())
    return hashlib.sha256(repr((text, _FLAGS, made_for)).encode()).hexdigest()[:16]


def _import(path: Path) -> ModuleType:
    spec = spec_from_file_location(_NAME, path, loader=ExtensionFileLoader(_NAME, str(path)))
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no module")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _compile(text: bytes, path: Path) -> None:
    command = [*_compiler(), *_FLAGS, *(f"-I{folder}" for folder in _headers())]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # In a folder of its own and then moved, because another process may do the same at this moment.
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f"{_NAME}-", ignore_cleanup_errors=True) as made:
        output = Path(made) / path.name
        try:
            run = subprocess.run(
                [*command, "-x", "c", "-o", str(output), "-"],
                input=text,
                capture_output=True,
                check=False,
                timeout=_PATIENCE,
            )
        except subprocess.TimeoutExpired as error:
            raise _Unavailable(f"{command[0]} gave no result within {_PATIENCE:.0f} s") from error
        if run.returncode != 0:
            complaint = run.stderr.decode(errors="replace").strip() or f"exit code {run.returncode}"
            raise _Unavailable(f"{command[0]} could not compile the call extension: {complaint}")
        os.replace(output, path)  # noqa: PTH105 - the atomic one, by its name


def _compiler() -> list[str]:
    """The C compiler that Python was built with, or else the usual ones, as a command."""
    configured = shlex.split(sysconfig.get_config_var("CC") or "")
    for command in (configured, ["cc"], ["gcc"], ["clang"]):
        if command and shutil.which(command[0]):
            return command
    raise _Unavailable("no C compiler on PATH; install gcc or clang")


def _headers() -> list[str]:
    folders = list(dict.fromkeys(sysconfig.get_path(name) for name in ("include", "platinclude")))
    if not any(Path(folder, "Python.h").is_file() for folder in folders):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise _Unavailable(f"no Python.h in {folders[0]}; install Python {version}'s headers (python3-dev)")
    return folders
