"""The items that stand around a function in an answer, and which of them its body needs."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.source import _lex
from pytest_symbiont.source._lines import line_margin, moved
from pytest_symbiont.source._parameters import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_symbiont.source._items import Item

METHOD = "method"
"""The kind of a helper that is an ``impl`` block with one method for a type of the file."""
_FUNCTION_NAME = re.compile(r"\bfn\s+(\w+)")
_TRANSPARENT = frozenset({"trait_item", "foreign_mod_item"})


@dataclass(frozen=True, slots=True)
class Helper:
    """One item. ``names`` are those by which other code mentions it; ``text`` begins in the first column.

    ``near`` says that it stands beside a function that was asked for, and not in another block of the answer.
    """

    kind: str
    name: str
    names: frozenset[str]
    text: str
    near: bool = True

    @property
    def shown(self) -> str:
        """How a note names it."""
        return f"`{self.text if self.kind == 'use_declaration' else self.name}`"


def helper(item: Item, code: str, *, near: bool) -> Helper:
    """The helper that an item of this code is."""
    data = code.encode()
    start = len(data[: item.start].decode())
    text = moved(data[item.start : item.end].decode(), line_margin(code, start), "")
    return Helper(item.kind, item.name, _names(item, text), text, near)


def placed(bodies: Mapping[str, str], helpers: Sequence[Helper]) -> dict[str, list[Helper]]:
    """Which helpers go into which body: those that it mentions, and those that these mention in turn.

    A ``use`` that nothing mentions may bring a trait's methods, so it goes into every body; an ``impl`` goes
    with the types and traits that it names, and into the first body if they are all declared elsewhere.
    """
    web = _Web(helpers)
    chosen = {path: web.reached(words(body)) for path, body in bodies.items()}
    anywhere = set().union(*chosen.values())
    for number, each in enumerate(helpers):
        if each.kind == "use_declaration" and each.near and number not in anywhere:
            for path, inside in chosen.items():
                chosen[path] = inside | {number} | web.reached(words(each.text))
    for number in web.homeless:
        first = next(iter(chosen))
        chosen[first] |= {number} | web.reached(words(helpers[number].text))
    return {path: [helpers[number] for number in sorted(inside)] for path, inside in chosen.items()}


class _Web:
    """Who mentions whom among helpers."""

    def __init__(self, helpers: Sequence[Helper]) -> None:
        self._mentions = [words(each.text) for each in helpers]
        self._followers: defaultdict[str, list[int]] = defaultdict(list)
        self.homeless: list[int] = []
        named = {name for each in helpers for name in each.names}
        for number, each in enumerate(helpers):
            owners = words(each.name) & named if each.kind == "impl_item" else each.names
            for name in owners:
                self._followers[name].append(number)
            if each.kind == "impl_item" and each.near and not owners:
                self.homeless.append(number)

    def reached(self, mentioned: Iterable[str]) -> set[int]:
        """The helpers that one gets to from these words."""
        found: set[int] = set()
        seen: set[str] = set()
        waiting = list(mentioned)
        while waiting:
            word = waiting.pop()
            if word in seen or word not in self._followers:
                continue
            seen.add(word)
            for number in self._followers[word]:
                if number not in found:
                    found.add(number)
                    waiting.extend(self._mentions[number])
        return found


def _names(item: Item, text: str) -> frozenset[str]:
    if item.kind == "use_declaration":
        return frozenset(_imported(text))
    if item.kind == "impl_item":
        return frozenset()
    inside = _FUNCTION_NAME.findall(text) if item.kind in _TRANSPARENT else []
    return frozenset({item.name, *inside} - {""})


def _imported(text: str) -> list[str]:
    """The names that a ``use`` brings into scope, as far as it says."""
    found: list[str] = []
    code = _lex.code(text.encode())
    for index, token in enumerate(code):
        after = code[index + 1].text if index + 1 < len(code) else ";"
        if token.kind != "ident" or after not in {",", "}", ";"}:
            continue
        if token.text == "self":  # `use std::fmt::{self, Write}` brings `fmt`
            found.extend(each.text for each in code[:index] if each.kind == "ident")
        else:
            found.append(token.text)
    return found
