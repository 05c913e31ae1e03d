"""Where an answer's signature is not the declared one: its function nested whole, called by the body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from pytest_symbiont.source import _lex
from pytest_symbiont.source._numbers import holds, is_number, narrowed
from pytest_symbiont.source._parameters import words

if TYPE_CHECKING:
    from pytest_symbiont.source.values import Function

_LIFETIME = re.compile(r"'\w+\s*")
_STD_PATH = re.compile(r"(?:::)?\b(?:std|alloc|core)::(?:string|vec)::")
_VECTOR = re.compile(r"Vec<(.+)>")
_SLICE = re.compile(r"\[([^;]+)\]")
_OWNERS = {"String": "to_string", "Vec": "to_vec"}
_SCALARS = re.compile(r"bool|char|f(?:32|64)|[iu](?:8|16|32|64|128|size)")


class _Shape(NamedTuple):
    """A type, as far as values of it can become another: how it is passed, and what it is a form of."""

    by: Literal["", "&", "&mut"]
    kind: str
    family: Literal["", "text", "list"]
    of: str


def own_call(declared: Function, answered: Function, body: str) -> str:
    """The expression by which ``declared`` calls ``answered``, nested inside; empty where there is no need.

    There is a need where the body speaks of type parameters that the declaration has not, or where the
    declared value first has to become what the answer's body takes (``&str`` for ``&String``, ``usize`` for
    ``u32``), or its result what is declared. A number that the answer's type cannot hold stays as it is
    declared: most bodies fit, and rustc says so where one does not.
    """
    if answered.receiver or declared.impl or len(declared.parameters) != len(answered.parameters):
        return ""
    conversions = []
    for old, new in zip(declared.parameters, answered.parameters, strict=True):
        declared_type, answered_type = _shape(old.type), _shape(new.type)
        if not old.name or _loses(declared_type, answered_type):
            return ""
        conversions.append(_converted(old.name, declared_type, answered_type))
    generic = type_parameters(answered.generics) - type_parameters(declared.generics)
    returned = _returned(_shape(declared.returns), _shape(answered.returns))
    if not (generic & words(body)) and not any(conversions) and not returned:
        return ""
    arguments = ", ".join(
        converted or old.name for converted, old in zip(conversions, declared.parameters, strict=True)
    )
    return f"{answered.name}({arguments}){returned}"


def _converted(name: str, declared: _Shape, answered: _Shape) -> str:
    """An expression of the answer's type for a declared value; empty where it is one, or cannot become it."""
    if not declared.by and not answered.by and declared.of != answered.of and holds(answered.of, declared.of):
        return f"{name} as {answered.of}"
    if declared == answered or (declared.family, declared.of) != (answered.family, answered.of):
        return ""
    if declared.family:
        return _borrowed_or_owned(name, declared, answered)
    signs = {("&", ""): "*", ("", "&"): "&"}
    sign = signs.get((declared.by, answered.by)) if _SCALARS.fullmatch(declared.of) else None
    return f"{sign}{name}" if sign else ""


def _borrowed_or_owned(name: str, declared: _Shape, answered: _Shape) -> str:
    """The same for text and lists, which have an owned form and a borrowed one."""
    owner = f"{name}.{_OWNERS[answered.kind]}()" if answered.kind in _OWNERS else ""
    match declared.by, answered.by:
        case _, "":
            return owner
        case ("&" | "&mut", "&") | ("&mut", "&mut") if not owner or declared.kind == answered.kind:
            return name  # which coerces at the call
        case "", "&":
            return f"&{name}"
        case _, "&":
            return f"&{owner}"
        case _:
            return ""


def _returned(declared: _Shape, answered: _Shape) -> str:
    """What makes the answer's result the declared one, behind the call."""
    same = (declared.family, declared.of) == (answered.family, answered.of)
    if declared.family and same and not declared.by and answered.by and declared.kind in _OWNERS:
        return f".{_OWNERS[declared.kind]}()"
    return "" if declared.by or answered.by else narrowed(declared.of, answered.of)


def _loses(declared: _Shape, answered: _Shape) -> bool:
    """Whether the answer takes a number in a type that does not hold every declared one."""
    numbers = is_number(declared.of) and is_number(answered.of)
    return numbers and not (declared.by or answered.by) and not holds(answered.of, declared.of)


def type_parameters(generics: str) -> frozenset[str]:
    """The types and constants among generics: ``<'a, T: Ord + Copy, const N: usize>`` has ``T`` and ``N``."""
    found: set[str] = set()
    depth = 0
    begins = False
    for token in _lex.code(generics.encode()):
        if token.text in {"<", "(", "["}:
            depth += 1
            begins = depth == 1
        elif token.text in {">", ")", "]"}:
            depth -= 1
        elif token.text == "," and depth == 1:
            begins = True
        elif begins and token.text != "const":
            if token.kind == "ident":
                found.add(token.text)
            begins = False
    return frozenset(found)


def _shape(written: str) -> _Shape:
    """A type without lifetimes and the paths of strings and vectors."""
    text = _lex.normalised(_STD_PATH.sub("", _LIFETIME.sub("", written)))
    by: Literal["", "&", "&mut"] = "&mut" if re.match(r"&mut\b", text) else "&" if text[:1] == "&" else ""
    bare = text.removeprefix(by).strip()
    if bare in {"str", "String"}:
        return _Shape(by, bare, "text", "")
    if vector := _VECTOR.fullmatch(bare):
        return _Shape(by, "Vec", "list", vector[1])
    if vector := _SLICE.fullmatch(bare):
        return _Shape(by, "slice", "list", vector[1])
    return _Shape(by, "", "", bare)
