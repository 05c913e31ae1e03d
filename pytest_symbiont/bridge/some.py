"""`Some`, where None alone would not tell."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Some(Generic[T]):
    """The value of an `Option` whose value may itself be None: ``Option<Option<T>>``, ``Option<()>``.

    There ``None`` is Rust's `None` and ``Some(None)`` its `Some(None)`; other options are None or the value.
    """

    __slots__ = ("value",)
    __match_args__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Some({self.value!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Some) and bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash((Some, self.value))
