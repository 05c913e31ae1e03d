"""The same Rust file three times: through the C extension, through Python alone, and in a worker."""

from __future__ import annotations

import array
import ctypes
import struct
from collections import deque
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pytest_symbiont import Mut, RustError, Some
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.bridge.remote import RemoteRoute
from pytest_symbiont.build.builder import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_symbiont.bridge.handle import Handle

WAYS = ("extension", "python", "worker")


@dataclass(frozen=True)
class Ways:
    modules: dict[str, Any]
    registries: dict[str, Registry]

    def __getitem__(self, way: str) -> Any:
        """The file's functions and classes, reached in this way."""
        if way not in self.modules:
            pytest.skip("no C compiler")
        return self.modules[way]

    def handle(self, function: Any) -> Handle:
        """The handle of one of these functions, which are of no session's own registry."""
        found = (registry.handle(function) for registry in self.registries.values())
        return next(handle for handle in found if handle is not None)


@contextmanager
def three_ways(folder: Path, source: str, name: str = "lib.rs") -> Iterator[Ways]:
    """Write the file and open it in every way."""
    path = folder / name
    path.write_text(source)
    modules = {}
    fast = Registry()
    registries = {"extension": fast}
    if fast.workbench.extension is not None:
        modules["extension"] = fast.module(path)
    for way in ("python", "worker"):
        registry = Registry()
        registry.workbench.extension = None  # as where there is no C compiler
        modules[way] = registry.module(path)
        registries[way] = registry
    with in_worker(registry):
        yield Ways(modules, registries)


@contextmanager
def in_worker(registry: Registry) -> Iterator[None]:
    """Send the calls of everything that was declared so far to one worker."""
    handles = [handle for file in registry.files.values() for handle in file.handles.values()]
    route = RemoteRoute(
        registry.workbench.builder.native.worker,
        lambda handle, profile: handle.file.build(handle.revision, profile),
        Profile.DISK,
        timeout=30,
        output=lambda _: None,
        together=handles,
    )
    with closing(route):
        for handle in handles:
            handle.route = route
        yield


def seen(value: Any) -> Any:  # noqa: C901, PLR0911 - one for each kind
    """A value as it is compared: the types of all its parts too, and every bit of a float."""
    if isinstance(value, float):
        return "float", struct.pack("d", value)
    if isinstance(value, Mut | Some | RustError):
        return type(value).__name__, seen(value.value)
    if isinstance(value, np.ndarray):
        return "ndarray", str(value.dtype), value.tolist()
    if isinstance(value, array.array):
        return "array", value.typecode, value.tolist()
    if isinstance(value, memoryview):
        return "memoryview", value.tolist()
    if isinstance(value, ctypes.Array):
        return "ctypes", list(value)
    if isinstance(value, list | tuple | deque):
        return type(value).__name__, [seen(element) for element in value]
    if isinstance(value, dict):
        return type(value).__name__, {(seen_key(key), repr(seen(item))) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return type(value).__name__, {seen_key(element) for element in value}
    if hasattr(value, "__struct_fields__"):
        return type(value).__qualname__, [seen(getattr(value, name)) for name in value.__struct_fields__]
    return type(value).__name__, value


def seen_key(value: Any) -> str:
    return repr(seen(value))
