"""Parameters that an answer names in its own way, bound to the declared ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_symbiont.source.values import Function, Parameter

_TUPLE_OF_NAMES = re.compile(r"\(\s*(?!_\b)\w+(?:\s*,\s*(?!_\b)\w+)*\s*,?\s*\)")


class Binding(NamedTuple):
    """``let pattern = value;``"""

    pattern: str
    value: str


def words(text: str) -> frozenset[str]:
    """Every word of a text, those in strings too, because ``format!`` takes names from there."""
    return frozenset(re.findall(r"\w+", text))


def bindings(declared: Function, answered: Function, body: str) -> tuple[list[Binding], list[str]]:
    """What the body of ``answered`` needs bound to stand in ``declared``, and the names that cannot be."""
    found: list[Binding] = []
    unbound: list[str] = []
    used = words(body)
    for old, new in _pairs(declared, answered):
        names = words(new.pattern) - {"mut", "ref", "_"}
        if not _differs(old, new) or not names & used:
            continue
        if value := _value(old):
            found.append(Binding(new.pattern, value))
        else:
            unbound.append(new.pattern)
    return found, unbound


def let_lines(found: list[Binding]) -> list[str]:
    """One ``let`` a binding, or one for all where a new name would hide an old one that is still needed."""
    bound: set[str] = set()
    for binding in found:
        if words(binding.value) & bound:
            patterns = ", ".join(each.pattern for each in found)
            values = ", ".join(each.value for each in found)
            return [f"let ({patterns}) = ({values});"]
        bound |= words(binding.pattern)
    return [f"let {binding.pattern} = {binding.value};" for binding in found]


def _pairs(declared: Function, answered: Function) -> Iterator[tuple[Parameter, Parameter]]:
    """By position, or by name where their numbers differ."""
    if len(declared.parameters) == len(answered.parameters):
        yield from zip(declared.parameters, answered.parameters, strict=True)
        return
    by_name = {parameter.name: parameter for parameter in declared.parameters if parameter.name}
    yield from ((by_name[new.name], new) for new in answered.parameters if new.name in by_name)


def _differs(old: Parameter, new: Parameter) -> bool:
    """Whether the body sees another name, or may change what the declaration does not let it change."""
    if new.name and new.name == old.name:
        return new.pattern.startswith("mut ") and not old.pattern.startswith("mut ")
    return "".join(new.pattern.split()) != "".join(old.pattern.split())


def _value(parameter: Parameter) -> str:
    """An expression for a declared parameter's value, empty where there is none."""
    if parameter.name or _TUPLE_OF_NAMES.fullmatch(parameter.pattern):
        return parameter.name or parameter.pattern
    return ""
