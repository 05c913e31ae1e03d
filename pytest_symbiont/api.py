"""What a test writes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_symbiont.bridge import mapping, measuring
from pytest_symbiont.build.package import Where
from pytest_symbiont.current import current
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.shipping.installed import INSTALLED, installed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.bridge.measuring import Measurement
    from pytest_symbiont.bridge.revision import Revision

F = TypeVar("F")

# What marks a function as a tool.
TOOL = "__symbiont_tool__"


def evolvable(
    declaration: str,
    *,
    file: str | None = None,
    crate: str | None = None,
    features: str | Sequence[str] = (),
    **types: str,
) -> Any:
    """Declare a Rust function that tests call and that `pytest --evolve` may write.

    ``evolvable("sort.rs::sort")`` is the function ``sort`` of a file beside the calling one, as a callable
    (``"sort.rs::inner::sort"`` one in a module of the file); ``evolvable("sort.rs")`` the whole file, with
    every `pub fn` as attribute; ``evolvable("fn gcd(a: u64, b: u64) -> u64", file="gcd.rs")`` a function
    that may not be on disk yet: it panics (``not yet implemented``) until it is evolved.

    ``evolvable("stack.rs::Stack")`` is the class of a type, whose methods evolve together. Type parameters of
    generic functions are found out by the arguments, or given: ``evolvable("stack.rs::Stack", T="i64")``.

    ``evolvable("src/parse.rs::number", crate="..")`` is a function of a Cargo package, private ones included:
    ``crate`` is the folder of its Cargo.toml, relative to the calling file's, the file relative to that, and
    ``features`` are those of the package that are switched on beside its default ones.

    Calls convert by the declared types and raise TypeError or OverflowError before Rust is entered; a panic
    is `RustPanic`, a body that does not compile `CompileError`. Raises `SymbiontError` where there is no
    such file or function, or where a type cannot be carried.

    Where the environment says ``PYTEST_SYMBIONT_INSTALLED=PACKAGE``, it is the function of that name in a
    package that ``pytest-symbiont export`` wrote and that is installed.
    """
    if package := os.environ.get(INSTALLED):
        return installed(package, declaration, file, types)
    folder = Path(sys._getframe(1).f_code.co_filename).parent  # noqa: SLF001 - paths are the caller's
    if file is not None:
        if crate is not None:
            raise SymbiontError(
                f"evolvable({declaration!r}, file=..., crate=...): name a function that the package has, "
                'evolvable("src/FILE.rs::FUNCTION", crate=...)'
            )
        if types:
            raise SymbiontError(f"evolvable({declaration!r}, file=...) takes no {next(iter(types))}=")
        if not file.endswith(".rs"):
            raise SymbiontError(f"evolvable({declaration!r}, file={file!r}): a Rust file's name ends in .rs")
        return current().registry.declared(declaration, folder / file)
    where = _package(declaration, folder, crate, features)
    path, _, name = declaration.partition("::")
    if not path.endswith(".rs"):
        raise SymbiontError(
            f'evolvable({declaration!r}): expected "FILE.rs::FUNCTION", "FILE.rs", or a signature with '
            'file="FILE.rs"'
        )
    if types and not name:
        raise SymbiontError(
            f"evolvable({declaration!r}, {next(iter(types))}=...): say of which function or type"
        )
    there = (where.folder if where else folder) / path
    if not name:
        return current().registry.module(there, where)
    return current().registry.function(there, name, types, where)


def _package(
    declaration: str, folder: Path, crate: str | None, features: str | Sequence[str]
) -> Where | None:
    """The package that a declaration names; None where it names none."""
    named = features.split(",") if isinstance(features, str) else features
    if crate is not None:
        return Where((folder / crate).resolve(), tuple(sorted(filter(None, named))))
    if features:
        raise SymbiontError(f"evolvable({declaration!r}, features=...): say of which package, crate=...")
    return None


def tool(function: F) -> F:
    """Offer a function of a conftest file or test module to the model, which may call it before it answers.

    The docstring says what it is for, the parameters' types what it takes (anything that msgspec reads from
    JSON). What it returns is told as text, JSON where it can be; what it raises is told too and ends nothing.
    A call gets ``--evolve-tool-timeout`` seconds. The function stays what it is for everybody else.
    """
    if not isinstance(function, FunctionType):
        raise SymbiontError(f"@tool: {function!r} is no function; mark a function of a module")
    vars(function)[TOOL] = True
    return function


def revisions(target: Callable[..., Any]) -> tuple[Revision, ...]:
    """The revisions of a target's file, by number; 0 is what was on disk."""
    return tuple(_handle(target).file.revisions)


def active(target: Callable[..., Any]) -> Revision:
    """The revision that calls of ``target`` reach at the moment; in a trial, the one that is tried."""
    return _handle(target).revision


def activate(target: Callable[..., Any], number: int) -> None:
    """Make a revision what calls of ``target`` reach, in this process. Safe while other threads call."""
    handle = _handle(target)
    handle.file.use(handle, _revision(handle, number))


def revision(target: Callable[..., Any], number: int) -> Callable[..., Any]:
    """A callable pinned to a revision, whatever is active."""
    handle = _handle(target)
    pinned: Callable[..., Any] = handle.file.pinned(handle, _revision(handle, number))
    return pinned


def measure(target: Callable[..., Any], /, *args: Any, samples: int = 21, **kwargs: Any) -> Measurement:
    """How long one call with these arguments takes, in nanoseconds, without Python and pipes.

    The optimised build is timed, where calls of ``target`` go at this moment: during trials in the worker.
    Each of the calls gets the arguments as they are now, and none changes them. A sample is a batch of calls,
    as many as the clock needs; there are fewer samples where the deadline of a call would not hold more.

    Conversions are not counted, but for types that the Rust file itself declares. Raises what a call raises,
    and `SymbiontError` where two calls with the same arguments do not give the same.
    """
    return measuring.measure(_handle(target), args, kwargs, samples)


def vmap(target: Callable[..., Any], /, *arrays: Any) -> np.ndarray[Any, Any]:
    """``target`` called for each element of numpy arrays, natively; a new array of the results.

    The function takes and gives numbers (integers of up to 64 bits, floats) and bools. The arrays have one
    shape, and exactly the declared types (``f64`` is float64, ``usize`` uint64); instead of an array one
    value for all may be given. Raises what a call raises; a panic says at which element it was (in C order,
    from 0).
    """
    return mapping.vmap(_handle(target), arrays)


def _handle(target: Callable[..., Any]) -> Handle:
    handle = current().registry.handle(target)
    if handle is None:
        raise SymbiontError(f"{target!r} is no evolvable: pass what evolvable(...) returned")
    return handle


def _revision(handle: Handle, number: int) -> Revision:
    there = handle.file.revisions
    if not 0 <= number < len(there):
        raise SymbiontError(f"{handle.label} has no revision {number} (there are 0..={len(there) - 1})")
    return there[number]
