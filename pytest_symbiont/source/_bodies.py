"""Where function bodies begin and end, also in a file whose bodies do not parse."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.source import _lex

if TYPE_CHECKING:
    from collections.abc import Sequence

# A file with more open ends than this is no Rust; going on would cost time for nothing.
_MOST_OPEN_ENDS = 32

_PARTNERS = {**_lex.OPENING, "<": ">"}
_ITEM_LINE = (
    rb"(?m)^[ \t]{0,%d}(?:pub\b|fn\b|use\b|mod\b|struct\b|enum\b|impl\b|trait\b|const\b|static\b|type\b"
    rb"|async fn\b|unsafe fn\b|extern\b|\#\[|///)"
)


@dataclass(frozen=True, slots=True)
class Body:
    """The braces of one function body, as byte offsets of ``{`` and behind ``}``.

    Where the body has no end of its own (``closed`` is false), ``end`` is where the next item seems to begin.
    """

    start: int
    end: int
    closed: bool = True


def bodies(data: bytes) -> list[Body]:
    """The outermost function bodies of a Rust text, in order."""
    found: list[Body] = []
    code = _lex.code(data)
    sound = _lex.balanced(code)
    pairs = _lex.braces(code)
    index = open_ends = 0
    while index < len(code) and open_ends <= _MOST_OPEN_ENDS:
        opening = _opening(code, index)
        if opening is None:
            index += 1
            continue
        start = code[opening].start
        closing = pairs.get(opening)
        end = None if closing is None else code[closing].end
        # Where braces do not add up, a body that runs over the next item has swallowed it.
        next_item = None if sound else _next_item(data, code[index].start, code[opening].end)
        if closing is not None and end is not None and (next_item is None or end <= next_item):
            found.append(Body(start, end))
            index = closing + 1
            continue
        open_ends += 1
        resume = len(data) if next_item is None else next_item
        found.append(Body(start, resume, closed=False))
        index = bisect_left(code, resume, key=lambda token: token.start)
        if index and code[index - 1].end > resume:  # an open string swallowed what follows: cut it anew
            code = _lex.code(data, resume)
            pairs = _lex.braces(code)
            index = 0
    return found


def skeleton(data: bytes, found: Sequence[Body]) -> bytes:
    """The text with the inside of these bodies blanked: same offsets, same lines, and it parses."""
    out = bytearray(data)
    for body in found:
        inside = slice(body.start + 1, body.end - 1)
        out[inside] = re.sub(rb"[^\r\n]", b" ", data[inside])
        if not body.closed:
            out[max(body.end - 1, body.start + 1) : body.end] = b"}"
    return bytes(out)


def _opening(code: Sequence[_lex.Token], index: int) -> int | None:
    """The index of the body's ``{`` where ``code[index]`` is the ``fn`` of a function that has a body."""
    if not _names_function(code, index):
        return None
    opened: list[str] = []
    for position in range(index + 2, len(code)):
        text = code[position].text
        if _names_function(code, position) or (text == ";" and not opened):
            return None
        if text == "{" and not opened:
            return position
        # `<` is a bracket among types, but not in `[u8; 1 << 3]`; a brace may be an argument: `Grid<{ N }>`.
        if text in {"(", "[", "{"} or (text == "<" and opened[-1:] in ([], ["<"])):
            opened.append(text)
        elif opened and text == _PARTNERS[opened[-1]]:
            opened.pop()
        elif text == "}":
            return None
    return None


def _names_function(code: Sequence[_lex.Token], index: int) -> bool:
    """Whether ``fn name`` stands here, and not a type such as ``fn(u8) -> u8``."""
    token = code[index]
    return (
        token.kind == "ident"
        and token.text == "fn"
        and index + 1 < len(code)
        and code[index + 1].kind == "ident"
    )


def _next_item(data: bytes, function: int, position: int) -> int | None:
    """Where the next line begins that starts an item no deeper than the function at this offset does."""
    line = data[data.rfind(b"\n", 0, function) + 1 : function]
    column = len(line) - len(line.lstrip())
    match = re.compile(_ITEM_LINE % column).search(data, position)
    return match.start() if match else None
