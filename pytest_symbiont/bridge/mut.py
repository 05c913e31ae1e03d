"""The place behind a `&mut`."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Mut(Generic[T]):
    """A value that Rust may change: ``counter = Mut(0); step(counter); counter.value``.

    For `&mut` parameters whose Python value cannot change in place (numbers, bools, strings, tuples).
    """

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Mut({self.value!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mut) and bool(self.value == other.value)

    __hash__ = None  # type: ignore[assignment]
