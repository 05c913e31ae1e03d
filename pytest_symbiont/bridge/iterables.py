"""Parameters that are iterators: any Python iterable.

What knows its length goes with the call. Of anything else Rust asks for one element after the other, unless
the parameter wants more than an iterator can do that comes so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pytest_symbiont.source._adapt import type_parameters

if TYPE_CHECKING:
    from pytest_symbiont.source.values import Function

_ITERATOR = r"(?:\w+\s*::\s*)*(?:Into|ExactSize|DoubleEnded|Fused)?Iterator\s*<\s*Item\s*=\s*"
_PLACES = (
    (re.compile(rf"impl\s+{_ITERATOR}"), "{0}.into_iter()"),
    (re.compile(rf"&\s*mut\s+(?:impl|dyn)\s+{_ITERATOR}"), "&mut {0}.into_iter()"),
    (re.compile(rf"Box\s*<\s*dyn\s+{_ITERATOR}"), "::std::boxed::Box::new({0}.into_iter())"),
)


class Iterable(NamedTuple):
    """``item`` is the type of the elements, ``handed`` how a vector of them is handed over."""

    item: str
    handed: str
    lazy: bool = True


def iterable(function: Function, text: str) -> Iterable | None:
    """What a parameter's type says, if it is an iterator; a type parameter is one by its bounds."""
    for pattern, handed in _PLACES:
        if found := pattern.match(text):
            return _iterable(text, found, handed)
    name = text.removeprefix("&mut ").strip()
    if name not in type_parameters(function.generics):
        return None
    bounds = f"{function.generics} {function.where}"
    found = re.search(rf"\b{re.escape(name)}\s*:\s*{_ITERATOR}", bounds)
    if found is None:
        return None
    handed = "&mut {0}.into_iter()" if text.startswith("&") else "{0}.into_iter()"
    return _iterable(bounds, found, handed)


def _iterable(text: str, found: re.Match[str], handed: str) -> Iterable:
    item = _until_closed(text[found.end() :])
    more = found[0] + text[found.end() :].replace(item, "", 1).partition(",")[0]
    # Elements that borrow need what they borrow from to stay, and these bounds all elements at once.
    lazy = not re.search(r"\b(Clone|ExactSize|DoubleEnded|Send|Sync)", more) and not re.search(r"[&']", item)
    return Iterable(item, handed, lazy)


def iterators(function: Function) -> frozenset[str]:
    """The type parameters that are iterators: which ones need not be known."""
    return frozenset(
        parameter.type.removeprefix("&mut ").strip()
        for parameter in function.parameters
        if iterable(function, parameter.type)
    )


def _until_closed(text: str) -> str:
    """The type that ends where its bracket is closed."""
    depth = 0
    for index, letter in enumerate(text):
        if letter in "<([":
            depth += 1
        elif letter in ">)]" and text[index - 1 : index + 1] != "->":
            if not depth:
                return text[:index].strip()
            depth -= 1
    return text.strip()
