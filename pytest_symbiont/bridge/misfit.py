"""A Python value that is not what Rust declares: one message that names the place, the type and the value."""

from __future__ import annotations

from typing import Any

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True

_SHOWN = 60


class Misfit(Exception):  # noqa: N818 - on its way to become a TypeError or an OverflowError
    """``said`` is what is wrong (``expected float, got str 'a'``), ``path`` where inside of the argument."""

    def __init__(self, kind: type[Exception], said: str) -> None:
        super().__init__(said)
        self.kind = kind
        self.said = said
        self.path = ""

    def inside(self, step: str) -> Misfit:
        """The same, seen from one level further out: ``[3]``, ``.x``."""
        self.path = step + self.path
        return self

    def error(self, function: str, argument: str) -> Exception:
        """The exception that the caller sees."""
        joint = "" if self.said.startswith("is ") else ":"
        return self.kind(f"{function}(): argument '{argument}'{self.path}{joint} {self.said}")


def unlike(expected: str, value: Any) -> Misfit:
    """The value is of another kind."""
    return Misfit(TypeError, f"expected {expected}, got {shown(value)}")


def beyond(value: Any, rust: str) -> Misfit:
    """The value is of the right kind and does not fit."""
    return Misfit(OverflowError, f"{shown(value)} is out of range for {rust}")


def shown(value: Any) -> str:
    """A value with its type, shortened; whatever its ``repr`` may do."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a user's repr may do anything; the message must still come
        return type(value).__name__
    text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"{type(value).__name__} {text}"
