"""Which number types hold every value of which others."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?P<kind>[iuf])(?P<bits>8|16|32|64|128|size)")
_SIZE = 64  # what this package runs on


def is_number(name: str) -> bool:
    """Whether this is a primitive number type."""
    return bool(_NUMBER.fullmatch(name))


def holds(wide: str, narrow: str) -> bool:
    """Whether ``narrow as wide`` keeps every value."""
    one, other = _NUMBER.fullmatch(wide), _NUMBER.fullmatch(narrow)
    if one is None or other is None:
        return False
    more, less = (_SIZE if each["bits"] == "size" else int(each["bits"]) for each in (one, other))
    match one["kind"], other["kind"]:
        case ("u", "u") | ("i", "i") | ("f", "f"):
            return more >= less
        case "i", "u":
            return more > less
        case _:
            return False


def narrowed(wanted: str, given: str) -> str:
    """What makes a ``given`` number, behind an expression, a ``wanted`` one; empty where nothing does.

    An integer that does not fit panics.
    """
    if not (is_number(wanted) and is_number(given)) or wanted == given:
        return ""
    if holds(wanted, given) or wanted[0] == given[0] == "f":
        return f" as {wanted}"
    return "" if "f" in {wanted[0], given[0]} else ".try_into().unwrap()"
