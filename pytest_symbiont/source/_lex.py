"""Rust text as tokens, the way rustc's own lexer cuts it.

tree-sitter guesses when a text does not parse, and a guess may put a brace or a keyword inside a string or
out of it. What decides where a body ends, and what a body may say, must not depend on a guess.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["comment", "string", "char", "lifetime", "ident", "number", "punct", "error"]

OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = {closing: opening for opening, closing in OPENING.items()}

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_TOKEN = re.compile(
    rb"""
      (?P<space>\s+)
    | (?P<comment>//[^\n]*)
    | (?P<block>/\*)
    | (?P<raw>[bc]?r(?P<hashes>\#*)")
    | (?P<string>[bc]?"[^"\\]*+(?:\\.[^"\\]*+)*+")
    | (?P<error>[bc]?")
    | (?P<char>b?'(?:\\[^\n][^'\n]*|[^\\'\n\x80-\xff]|[\xc2-\xf4][\x80-\xbf]{1,3})')
    | (?P<lifetime>'(?:r\#)?[A-Za-z_\x80-\xff][0-9A-Za-z_\x80-\xff]*)
    | (?P<ident>(?:r\#)?[A-Za-z_\x80-\xff][0-9A-Za-z_\x80-\xff]*)
    | (?P<number>[0-9][0-9A-Za-z_\x80-\xff]*)
    | (?P<punct>::|->|=>|!=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(rb"/\*|\*/")
_SHEBANG = re.compile(rb"#!(?!\s*\[)[^\n]*")


class Token(NamedTuple):
    """One token; ``start`` and ``end`` are byte offsets.

    An ``error`` token is a string or comment that never ends, and reaches to the end of the text.
    """

    kind: Kind
    text: str
    start: int
    end: int


def tokens(data: bytes, start: int = 0) -> list[Token]:
    """All tokens from a byte offset on, comments included, a shebang line being one of them."""
    found: list[Token] = []
    position = len(BYTE_ORDER_MARK) if not start and data.startswith(BYTE_ORDER_MARK) else start
    if not start and (shebang := _SHEBANG.match(data, position)):
        found.append(_token("comment", data, position, shebang.end()))
        position = shebang.end()
    while match := _TOKEN.match(data, position):
        kind, end = _extent(data, match)
        if kind is not None:
            found.append(_token(kind, data, position, end))
        position = end
    return found


def code(data: bytes, start: int = 0) -> list[Token]:
    """The tokens that are not comments."""
    return [token for token in tokens(data, start) if token.kind != "comment"]


def normalised(text: str) -> str:
    """The text without comments and layout, to tell whether two texts say the same."""
    said = ""
    for token in code(text.encode()):
        apart = said[-1:].isidentifier() and token.kind not in {"punct", "lifetime"}
        said += f" {token.text}" if apart else token.text
    return said


def braces(found: Sequence[Token]) -> dict[int, int]:
    """Which token closes which brace, by their indices in ``found``; open ends are left out."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(found):
        if token.kind != "punct":
            continue
        if token.text == "{":
            opened.append(index)
        elif token.text == "}" and opened:
            pairs[opened.pop()] = index
    return pairs


def balanced(found: Sequence[Token]) -> bool:
    """Whether every brace has its partner and every string and comment its end."""
    depth = 0
    for token in found:
        if token.kind == "error":
            return False
        if token.kind == "punct" and token.text in "{}":
            depth += 1 if token.text == "{" else -1
            if depth < 0:
                return False
    return depth == 0


def nested_beyond(found: Sequence[Token], limit: int) -> bool:
    """Whether brackets of any kind are nested deeper than ``limit``.

    A closing bracket also closes what was left open inside it, so that prose does not add up.
    """
    opened: list[str] = []
    for token in found:
        if token.kind != "punct":
            continue
        if token.text in OPENING:
            opened.append(token.text)
            if len(opened) > limit:
                return True
        elif (partner := CLOSING.get(token.text)) and partner in opened:
            while opened.pop() != partner:
                pass
    return False


def is_block(text: str) -> bool:
    """Whether the text is one ``{ … }`` and nothing around it."""
    found = tokens(text.encode())
    if not found or found[0].text != "{" or found[-1].text != "}" or not balanced(found):
        return False
    return braces(found)[0] == len(found) - 1


def _token(kind: Kind, data: bytes, start: int, end: int) -> Token:
    return Token(kind, data[start:end].decode(), start, end)


def _extent(data: bytes, match: re.Match[bytes]) -> tuple[Kind | None, int]:
    """What the match begins and where that ends; None for white space."""
    match match.lastgroup:
        case "space":
            return None, match.end()
        case "block":
            return _closed("comment", data, _comment_end(data, match.end()))
        case "raw":
            end = data.find(b'"' + match["hashes"], match.end())
            return _closed("string", data, end + 1 + len(match["hashes"]) if end >= 0 else -1)
        case "error":
            return "error", len(data)
        case "comment" | "string" | "char" | "lifetime" | "ident" | "number" as kind:
            return kind, match.end()
        case _:
            return "punct", match.end()


def _closed(kind: Kind, data: bytes, end: int) -> tuple[Kind, int]:
    return (kind, end) if end >= 0 else ("error", len(data))


def _comment_end(data: bytes, position: int) -> int:
    """Where a block comment ends that began just before, or -1; block comments nest."""
    depth = 1
    for edge in _COMMENT_EDGE.finditer(data, position):
        depth += 1 if edge[0] == b"/*" else -1
        if not depth:
            return edge.end()
    return -1
