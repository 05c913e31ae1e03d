"""Which registry `evolvable` declares into.

Light on purpose: pytest opens a session in every run, and only the first declaration imports what is heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_symbiont.bridge.registry import Registry


class Scope:
    """The length of one pytest session, or of the process outside of pytest."""

    def __init__(self) -> None:
        self._counting = False
        self._registry: Registry | None = None

    @property
    def used(self) -> bool:
        """Whether anything was declared."""
        return self._registry is not None

    @property
    def registry(self) -> Registry:
        """The registry of this scope, made at its first use."""
        if self._registry is None:
            from pytest_symbiont.bridge.registry import Registry  # noqa: PLC0415

            self._registry = Registry()
            self._registry.workbench.counting = self._counting
        return self._registry

    def count(self) -> None:
        """From now on count the lines of Rust that are reached."""
        self._counting = True
        if self._registry is not None:
            self._registry.workbench.counting = True


_SCOPES = [Scope()]


def current() -> Scope:
    """The innermost scope."""
    return _SCOPES[-1]


def enter() -> Scope:
    """Begin a scope. Sessions nest where a plugin's tests run pytest inside of pytest."""
    _SCOPES.append(Scope())
    return _SCOPES[-1]


def leave(scope: Scope) -> None:
    """End a scope."""
    if scope in _SCOPES[1:]:
        _SCOPES.remove(scope)
