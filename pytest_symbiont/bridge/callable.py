"""The object that tests hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from pytest_symbiont.bridge.handle import Handle

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


class RustFunction:
    """A Rust function where there is no C compiler.

    With one, the type of the same name in `callable.c` takes its place. Attributes belong to Rust names;
    what can be done with a target are functions of `pytest_symbiont`.
    """

    __slots__ = ("__weakref__", "_handle")
    _handle: Handle

    def __init__(self, handle: Handle) -> None:
        object.__setattr__(self, "_handle", handle)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self._handle(*args, **kwargs)

    def __repr__(self) -> str:
        return repr(self._handle)

    @property
    def __signature__(self) -> Any:
        return self._handle.__signature__

    def __getattr__(self, name: str) -> Any:
        # No __name__: pytest would take the only argument of a marker for the test that it decorates.
        raise AttributeError(f"Rust function {self._handle.label} has no attribute {name!r}")


def make(handle: Handle, extension: ModuleType | None) -> tuple[Any, ModuleType | None]:
    """The callable around a handle, and the extension that it is of, if any."""
    if extension is None:
        # A type of its own, because Python looks `__call__` up there: `bind` leaves no other call in between.
        return type("RustFunction", (RustFunction,), {"__slots__": ()})(handle), None
    return extension.RustFunction(handle), extension


def bind(function: RustFunction, call: Callable[..., Any]) -> None:
    """Make calls of the function go to ``call``."""
    type(function).__call__ = staticmethod(call)  # type: ignore[method-assign]


def unbind(function: RustFunction) -> None:
    """Let every call of the function go to its handle."""
    type(function).__call__ = RustFunction.__call__  # type: ignore[method-assign]


def handle_of(value: object, extension: ModuleType | None) -> Handle | None:
    """The handle behind a callable of ours, or None."""
    if isinstance(value, RustFunction):
        return value._handle  # noqa: SLF001 - the two are one
    if extension is not None and isinstance(value, extension.RustFunction):
        handle: Handle | None = extension.handle(value)
        return handle
    return None
