"""Bodies that know nothing: a suite that is green with one of them does not tell much."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_symbiont.source.values import Function

# A literal, an empty value, or what `Default` makes.
_CONSTANT = re.compile(
    r"""-?\d[\w.]*([eE]-?\d+)?
    |true|false|\(\)|'[^']*'|b?"[^"]*"(\.to_string\(\)|\.into\(\)|\.to_owned\(\))?
    |None|Some\(-?\d+\)|vec!\[\]|\[\]|\w+(::<?\w+>?)*::(default|new)\(\)""",
    re.VERBOSE,
)


def trivial(body: str, function: Function) -> str:
    """In words, that a body does nothing, is a constant or hands an argument back; else empty."""
    inside = body.strip().removeprefix("{").removesuffix("}").strip().removeprefix("return ").rstrip("; ")
    if not inside:
        return "does nothing"
    if _CONSTANT.fullmatch(inside):
        return f"is the constant `{inside}`"
    names = {parameter.name for parameter in function.parameters}
    plain = re.sub(r"\.(clone|to_vec|to_string|to_owned|into)\(\)$", "", inside)
    return f"hands `{plain}` back" if plain in names else ""
