"""Digests of what a target is made of, in which comments and layout do not count."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.source import _lex, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytest_symbiont.source._lex import Token
    from pytest_symbiont.source.values import Function

_LENGTH = 32
# Behind these a `(` does not begin the arguments of a call.
_KEYWORDS = frozenset(
    {"as", "break", "else", "if", "in", "let", "match", "move", "mut", "ref", "return", "while"}
)


@dataclass(frozen=True, slots=True)
class Digests:
    """What a body was written for. ``context`` is all of its file but functions and methods, ``helpers`` are
    those that it reaches by name, over others too, and those of traits, which are reached without a name.
    """

    signature: str
    body: str
    context: str
    helpers: Mapping[str, str]


def digest(parts: Iterable[str]) -> str:
    """One digest of texts in their order."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:_LENGTH]


class Anatomy:
    """A Rust file, taken apart: its functions and methods, and what is around them."""

    def __init__(self, text: str) -> None:
        data = text.encode()
        self._functions: dict[str, Function] = {}
        self._words: dict[str, set[str]] = {}
        around = bytearray()
        position = 0
        for path, item in parse.written(text):
            if item.function is None or path in self._functions:
                continue
            self._functions[path] = item.function
            self._words[path] = _words(_lex.code(data[item.start : item.end]))
            around += data[position : item.start] + b"\n"
            position = item.end
        self._around = _lex.code(bytes(around + data[position:]))

    @property
    def paths(self) -> tuple[str, ...]:
        """The functions and methods."""
        return tuple(self._functions)

    def digests(
        self, path: str, *, proven: Iterable[str] = (), helpers: Iterable[str] | None = None
    ) -> Digests | None:
        """Those of one function; None where there is none of this path.

        Of helpers in ``proven`` only the signature counts: what their bodies rest on is known elsewhere.
        ``helpers`` are the ones to look at, as far as they are there; without, those that are reached.
        """
        function = self._functions.get(path)
        if function is None:
            return None
        known = set(proven)
        wanted = self._reached(path) if helpers is None else self._functions.keys() & set(helpers)
        found = {
            other: rust_digest(
                self._functions[other].signature + ("" if other in known else self._functions[other].body)
            )
            for other in sorted(wanted)
        }
        return Digests(
            rust_digest(function.signature),
            rust_digest(function.body),
            digest(_said(self._around)),
            found,
        )

    def _reached(self, path: str) -> set[str]:
        reached = {other for other in self._functions if other.startswith("<") and other != path}
        waiting = self._words[path] | _words(self._around)
        waiting = waiting.union(*(self._words[other] for other in reached))
        while waiting:
            found = {
                other
                for other, function in self._functions.items()
                if function.name in waiting and other != path and other not in reached
            }
            reached |= found
            waiting = set().union(*(self._words[other] for other in found))
        return reached


def rust_digest(text: str) -> str:
    """A digest of Rust text by its tokens, so that rustfmt does not change it."""
    return digest(_said(_lex.code(text.encode())))


def _words(found: Sequence[Token]) -> set[str]:
    return {token.text for token in found if token.kind == "ident"}


def _said(found: Sequence[Token]) -> Iterator[str]:
    """The tokens, without commas that stand behind the last of several: formatters put them and take them."""
    opened: list[tuple[bool, int]] = []
    for index, token in enumerate(found):
        text = token.text if token.kind == "punct" else ""
        if text in _lex.OPENING:
            opened.append((_is_call(found, index), 0))
        elif text in _lex.CLOSING and opened:
            opened.pop()
        elif text == "," and opened:
            call, commas = opened[-1]
            opened[-1] = call, commas + 1
            closing = found[index + 1].text if index + 1 < len(found) else ""
            # `(a,)` is a tuple and `(a)` is none.
            if closing in {"]", "}"} or (closing == ")" and (call or commas)):
                continue
        yield token.text


def _is_call(found: Sequence[Token], index: int) -> bool:
    if not index:
        return False
    before = found[index - 1]
    return (before.kind == "ident" and before.text not in _KEYWORDS) or before.text in {"!", ">"}
