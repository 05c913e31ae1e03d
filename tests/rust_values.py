"""Rust's types as a table: each with values that come back from it as they went in."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from three_ways import seen

from pytest_symbiont import RustError, Some
from pytest_symbiont.bridge.scalars import SCALARS

if TYPE_CHECKING:
    from collections.abc import Callable

_ALL = frozenset({"Clone", "Copy", "Hash", "Ord"})
_OWNED = frozenset({"Clone", "Hash", "Ord"})
_FLOAT = frozenset({"Clone", "Copy"})


@dataclass(frozen=True)
class Type:
    """A Rust type with values that come back from it as they went in.

    ``traits`` are those that decide where it may stand; ``nullable`` says whether a value may be None.
    """

    rust: str
    values: tuple[Any, ...]
    traits: frozenset[str] = _OWNED
    nullable: bool = False


def frozen(value: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """A value as it is returned where it must be hashed."""
    if isinstance(value, list):
        return tuple(map(frozen, value))
    if isinstance(value, set):
        return frozenset(map(frozen, value))
    if isinstance(value, dict):
        return tuple((key, frozen(item)) for key, item in value.items())
    if isinstance(value, tuple):
        return tuple(map(frozen, value))
    if isinstance(value, Some):
        return Some(frozen(value.value))
    if isinstance(value, RustError):
        return RustError(frozen(value.value))
    return value


def scalar(rust: str) -> Type:
    found = SCALARS[rust]
    match found.family:
        case "int":
            low, high = found.bounds
            return Type(rust, (low, high, 0, 1, 2**7 - 1), _ALL)
        case "float":
            tiny = 2.0**-149 if rust == "f32" else 5e-324
            return Type(rust, (0.0, -0.0, 1.5, math.inf, -math.inf, math.nan, -math.nan, tiny), _FLOAT)
        case "bool":
            return Type(rust, (True, False), _ALL)
        case _:
            return Type(rust, ("a", "\0", "ß", "\ud7ff", "\ue000", "🦀", "\U0010ffff"), _ALL)


_TEXTS = ("", "a", "é🦀\0", "x" * 31, "x" * 32, "x" * 300)

# What holds nothing else.
LEAVES = [
    *map(scalar, SCALARS),
    *(
        Type(f"NonZero{rust.capitalize()}", (SCALARS[rust].bounds[1], 1), _ALL)
        for rust in SCALARS
        if SCALARS[rust].family == "int"
    ),
    Type("NonZero<i32>", (-(2**31), 7), _ALL),
    Type("()", (None,), _ALL, nullable=True),
    Type("String", _TEXTS),
    Type("&'a str", _TEXTS, _ALL),
    Type("Box<str>", _TEXTS),
    Type("Rc<str>", _TEXTS),
    Type("Cow<'a, str>", _TEXTS),
    Type("Ordering", (-1, 0, 1), _ALL),
    Type("Duration", (dt.timedelta(), dt.timedelta(days=9, microseconds=999_999)), _ALL),
    Type("Range<i32>", (range(2, 5), range(-3, 0)), frozenset({"Clone"})),
    Type("RangeInclusive<u8>", (range(256), range(3, 4)), frozenset({"Clone"})),
    Type("RangeInclusive<char>", (slice("a", "z"),), frozenset({"Clone"})),
    Type("RangeFrom<u64>", (slice(3, None), slice(2**64 - 1, None)), frozenset({"Clone"})),
    Type("RangeTo<i8>", (slice(None, -128), slice(None, 0)), frozenset({"Clone", "Copy"})),
    Type("RangeToInclusive<i64>", (slice(None, -3),), frozenset({"Clone", "Copy"})),
    Type("Range<f64>", (slice(0.5, math.inf),), frozenset({"Clone"})),
    Type("RangeFull", (slice(None),), frozenset({"Clone", "Copy"})),
]


@dataclass(frozen=True)
class Wrapper:
    """A constructor: its Rust text, the value around a value, what the type inside must be able to do, and
    what the whole then is."""

    rust: str
    make: Callable[[Any], Any]
    needs: frozenset[str] = frozenset()
    keeps: frozenset[str] = frozenset()
    nullable: bool | None = False  # None: as what is inside
    bytes: bool = False

    def of(self, inner: Type) -> Type | None:
        if not self.needs <= inner.traits:
            return None
        values = tuple(_made(self, inner, value) for value in inner.values)
        nullable = inner.nullable if self.nullable is None else self.nullable
        return Type(self.rust.replace("_", inner.rust), values, inner.traits & self.keeps, nullable)


def _made(wrapper: Wrapper, inner: Type, value: Any) -> Any:
    if wrapper.rust == "Option<_>":
        return Some(value) if inner.nullable else value
    made = wrapper.make(value)
    return bytes(made) if wrapper.bytes and inner.rust == "u8" else made


def _same(value: Any) -> Any:
    return value


def _list(value: Any) -> Any:
    return [value, value]


def _set(value: Any) -> Any:
    return {frozen(value)}


_NO_COPY = frozenset({"Clone", "Hash", "Ord"})
_CLONE = frozenset({"Clone"})
_HASH, _ORD, _COPY = frozenset({"Hash"}), frozenset({"Ord"}), frozenset({"Copy"})

WRAPPERS = [
    Wrapper("Vec<_>", _list, keeps=_NO_COPY, bytes=True),
    Wrapper("VecDeque<_>", _list, keeps=_NO_COPY, bytes=True),
    Wrapper("LinkedList<_>", _list, keeps=_NO_COPY),
    Wrapper("[_; 2]", _list, keeps=_ALL, bytes=True),
    Wrapper("&'a [_]", _list, keeps=_ALL, bytes=True),
    Wrapper("Box<[_]>", _list, keeps=_NO_COPY, bytes=True),
    Wrapper("Cow<'a, [_]>", _list, needs=_CLONE, keeps=_NO_COPY, bytes=True),
    Wrapper("BinaryHeap<_>", _list, needs=_ORD, keeps=_CLONE),
    Wrapper("Box<_>", _same, keeps=_NO_COPY, nullable=None),
    Wrapper("Rc<_>", _same, keeps=_NO_COPY, nullable=None),
    Wrapper("Arc<_>", _same, keeps=_NO_COPY, nullable=None),
    Wrapper("&'a _", _same, keeps=_ALL, nullable=None),
    Wrapper("Cow<'a, _>", _same, needs=_CLONE, keeps=_NO_COPY, nullable=None),
    Wrapper("Cell<_>", _same, needs=_COPY, nullable=None),
    Wrapper("RefCell<_>", _same, keeps=_CLONE, nullable=None),
    Wrapper("Mutex<_>", _same, nullable=None),
    Wrapper("RwLock<_>", _same, nullable=None),
    Wrapper("Reverse<_>", _same, keeps=_ALL, nullable=None),
    Wrapper("Option<_>", _same, keeps=_ALL, nullable=True),
    Wrapper("Result<_, String>", _same, keeps=_NO_COPY, nullable=None),
    Wrapper("Result<bool, _>", RustError, keeps=_NO_COPY),
    Wrapper("(_,)", lambda value: (value,), keeps=_ALL),
    Wrapper("(u8, _)", lambda value: (7, value), keeps=_ALL),
    Wrapper("HashMap<u8, _>", lambda value: {1: value, 200: value}, keeps=_CLONE),
    Wrapper("BTreeMap<String, _>", lambda value: {"a": value, "b": value}, keeps=_NO_COPY),
    Wrapper("HashMap<_, i64>", lambda value: {frozen(value): -1}, needs=_HASH, keeps=_CLONE),
    Wrapper("BTreeMap<_, ()>", lambda value: {frozen(value): None}, needs=_ORD, keeps=_NO_COPY),
    Wrapper("HashSet<_>", _set, needs=_HASH, keeps=_CLONE),
    Wrapper("BTreeSet<_>", _set, needs=_ORD, keeps=_NO_COPY),
]


_INNER = scalar("u16")
ALONE = [*LEAVES, *(made for wrapper in WRAPPERS if (made := wrapper.of(_INNER)))]
# Of a Result in a Result nobody can tell which of them a RustError is the Err of.
INSIDE = {
    wrapper.rust: [
        made
        for inner in ALONE
        if (made := wrapper.of(replace(inner, values=inner.values[:2])))
        and not made.rust.startswith("Result<Result<")
    ]
    for wrapper in WRAPPERS
}
MEMBERS = 12
"""As many members as a tuple may have."""


def chunks(types: list[Type]) -> list[list[Type]]:
    return [types[at : at + MEMBERS] for at in range(0, len(types), MEMBERS)]


def rows(types: list[Type]) -> list[tuple[Any, ...]]:
    """Every value of every type at least once, one of each type in a row."""
    longest = max(len(made.values) for made in types)
    return [tuple(made.values[row % len(made.values)] for made in types) for row in range(longest)]


def named(types: list[Type], values: tuple[Any, ...]) -> dict[str, Any]:
    return {made.rust: seen(value) for made, value in zip(types, values, strict=True)}


HEAD = """
use std::borrow::Cow; use std::cell::*; use std::cmp::*; use std::collections::*; use std::num::*;
use std::ops::*; use std::rc::Rc; use std::sync::*; use std::time::Duration;
pub struct Own;
"""
"""Functions that take an `Own` have one shim, whatever else they take."""
