"""What is called with what: for each case the same call by every way that has one."""

from __future__ import annotations

import ctypes
import random
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import _python
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _measure import Statement

COMPOSED, DIRECT = 1.5, 1.0
"""How much of PyO3's time ours may take: with values that are converted, with words and buffers."""
_RECORDS = 1000
_SIDE = 100
_KEYS, _EACH = 100, 10
_ELEMENTS = 1_000_000
_FIELDS = ("id", "name", "x", "y", "active")
_READ = f"[({', '.join(f'each.{name}' for name in _FIELDS)}) for each in call(value)]"


@dataclass(frozen=True, slots=True)
class Natives:
    """The Rust functions: as a module of ours, as one of PyO3, and what of them C can call, by ctypes."""

    ours: Any
    pyo3: Any
    c: ctypes.CDLL


@dataclass(frozen=True, slots=True)
class Case:
    """One call in several ways: ``ways`` are statements by name; ours, PyO3 and Python are among them.

    ``goal`` is the most that ours may take of PyO3's time, None where that says nothing. ``plain`` makes
    of any way's result what all of them must be equal in.
    """

    name: str
    goal: float | None
    ways: Mapping[str, Statement]
    plain: Callable[[Any], Any] = lambda result: result


def scalars(natives: Natives) -> list[Case]:
    c_add = natives.c.c_add
    c_add.argtypes, c_add.restype = [ctypes.c_int64, ctypes.c_int64], ctypes.c_int64
    calls = {"ours": natives.ours.add, "PyO3": natives.pyo3.add, "ctypes": c_add, "Python": _python.add}
    return [Case("two scalars", DIRECT, {way: ("call(1, 2)", {"call": call}) for way, call in calls.items()})]


def strings(natives: Natives) -> list[Case]:
    texts = _texts()
    return [
        Case(f"{count:,} strings", COMPOSED, _ways(natives, "reversed", texts[:count]))
        for count in (10, len(texts))
    ]


def vectors(natives: Natives) -> list[Case]:
    chance = _chance()
    rows = [[chance.randint(-(10**6), 10**6) for _ in range(_SIDE)] for _ in range(_SIDE)]
    return [Case(f"{_SIDE} x {_SIDE} integers", COMPOSED, _ways(natives, "transposed", rows))]


def maps(natives: Natives) -> list[Case]:
    chance = _chance()
    series = {text: [chance.random() for _ in range(_EACH)] for text in _texts()[:_KEYS]}
    return [Case(f"{_KEYS} keys of {_EACH} floats", COMPOSED, _ways(natives, "negated", series))]


def structs(natives: Natives) -> list[Case]:
    """One struct in both ways of PyO3; every way takes objects of its own.

    By attributes PyO3 reads any objects and makes dicts. Its classes hold Rust's own values, which become
    Python's only when somebody looks at them: the last case looks at all.
    """
    chance, texts = _chance(), _texts()
    fields = [(id_, texts[id_], chance.random(), chance.random(), id_ % 3 == 0) for id_ in range(_RECORDS)]
    own, anybody, classes = (
        [kind(*values) for values in fields]
        for kind in (natives.ours.Record, _python.Record, natives.pyo3.classes.Record)
    )
    python = _python.moved, anybody
    ours, ours_given_any = (natives.ours.moved, own), (natives.ours.moved, anybody)
    by_attributes, by_class = (natives.pyo3.moved, anybody), (natives.pyo3.classes.moved, classes)

    def case(name: str, goal: float | None, mine: Any, theirs: Any, text: str = "call(value)") -> Case:
        calls = {"ours": mine, "PyO3": theirs, "Python": python}
        ways = {way: (text, {"call": call, "value": value}) for way, (call, value) in calls.items()}
        return Case(f"{_RECORDS:,} structs, {name}", goal, ways, _fields)

    return [
        case("by attributes", COMPOSED, ours, by_attributes),
        case("#[pyclass]", None, ours, by_class),
        case("dataclasses in", None, ours_given_any, by_attributes),
        case("#[pyclass], read", COMPOSED, ours, by_class, _READ),
    ]


def buffers(natives: Natives) -> list[Case]:
    """`total` takes so long itself that the ways to it are all the same: it has no goal."""
    values = np.random.default_rng(0).random(_ELEMENTS)
    made = []
    for name, goal in (("middle", DIRECT), ("total", None)):
        function = natives.c[f"c_{name}"]
        function.argtypes, function.restype = [ctypes.c_void_p, ctypes.c_size_t], ctypes.c_double
        ways = _ways(natives, name, values)
        ways["ctypes"] = ("call(value.ctypes.data, len(value))", {"call": function, "value": values})
        made.append(Case(f"numpy, {_ELEMENTS:,} floats, {name}", goal, ways))
    return made


CASES: dict[str, Callable[[Natives], list[Case]]] = {
    "scalars": scalars,
    "strings": strings,
    "vectors": vectors,
    "maps": maps,
    "structs": structs,
    "buffers": buffers,
}


def _ways(natives: Natives, name: str, value: Any) -> dict[str, Statement]:
    modules = {"ours": natives.ours, "PyO3": natives.pyo3, "Python": _python}
    return {
        way: ("call(value)", {"call": getattr(module, name), "value": value})
        for way, module in modules.items()
    }


def _chance() -> random.Random:
    return random.Random(0)  # noqa: S311 - the same values in every run


def _texts() -> list[str]:
    chance = _chance()
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ["".join(chance.choices(letters, k=chance.randint(4, 24))) for _ in range(1000)]


def _fields(records: list[Any]) -> list[tuple[Any, ...]]:
    return [
        record if isinstance(record, tuple) else tuple(map(_field(record), _FIELDS)) for record in records
    ]


def _field(record: Any) -> Callable[[str], Any]:
    return record.__getitem__ if isinstance(record, dict) else partial(getattr, record)
