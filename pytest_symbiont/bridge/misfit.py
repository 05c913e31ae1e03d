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
    """A value with its type, shortened; where it has no ``repr`` that works, its type alone."""
    kind, text = type(value).__name__, _repr(value)
    return kind if text is None else f"{kind} {cut(text, _SHOWN)}"


def told(value: Any, most: int = _SHOWN) -> str:
    """A value's ``repr`` of ``most`` characters; where that raises, the name of its type."""
    text = _repr(value)
    return type(value).__name__ if text is None else cut(text, most)


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _repr(value: Any) -> str | None:
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - a user's repr may do anything; the message must still come
        return None
