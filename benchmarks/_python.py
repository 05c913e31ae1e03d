"""The functions of `_crossing` in Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Record:
    """Also what PyO3 by attributes is given."""

    id: int
    name: str
    x: float
    y: float
    active: bool


def add(a: int, b: int) -> int:
    return a + b


def reversed(texts: list[str]) -> list[str]:  # noqa: A001 - named as in Rust
    return texts[::-1]


def transposed(rows: list[list[int]]) -> list[list[int]]:
    return [list(column) for column in zip(*rows, strict=True)]


def negated(series: dict[str, list[float]]) -> dict[str, list[float]]:
    return {name: [-value for value in values] for name, values in series.items()}


def moved(records: list[Record]) -> list[Record]:
    return [Record(each.id, each.name, each.x + each.y, each.y, each.active) for each in records]


def middle(values: Any) -> float:
    found: float = values[len(values) // 2]
    return found


def total(values: Any) -> float:
    found = 0.0
    for value in values:
        found += value
    return found
