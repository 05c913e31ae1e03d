"""Moving lines of Rust text sideways, without touching the inside of string literals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.source import _lex

if TYPE_CHECKING:
    from collections.abc import Iterator


def reindent(block: str, indent: str) -> str:
    """The block with every line but the first moved, so that it stands where lines begin with ``indent``.

    Lines keep their place relative to each other; those that begin inside a string literal stay as they are.
    Line ends are LF.
    """
    movable = [line for line, free in list(_lines(block))[1:] if free and line.strip()]
    margin = _shared([_leading(line) for line in movable])
    return moved(block, margin, indent)


def moved(text: str, margin: str, indent: str) -> str:
    """The text with ``indent`` in place of ``margin`` at the beginning of every line but the first."""
    first, *rest = _lines(text)
    out = [first[0]]
    for line, free in rest:
        if not free:
            out.append(line)
        elif not line.strip():
            out.append("")
        else:
            out.append(indent + line[len(_shared([margin, _leading(line)])) :])
    return "\n".join(out)


def line_margin(text: str, offset: int) -> str:
    """The white space at the beginning of the line that a character offset is in."""
    begin = text.rfind("\n", 0, offset) + 1
    return _leading(text[begin:offset])


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it begins outside string literals."""
    data = text.encode()
    literals = iter(
        [token for token in _lex.tokens(data) if token.kind in {"string", "error"} and "\n" in token.text]
    )
    literal = next(literals, None)
    position = 0
    for line in data.split(b"\n"):
        while literal and literal.end <= position:
            literal = next(literals, None)
        yield line.decode(), literal is None or position <= literal.start
        position += len(line) + 1


def _leading(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _shared(margins: list[str]) -> str:
    """The longest beginning that all of them have."""
    shortest = min(margins, key=len, default="")
    while not all(margin.startswith(shortest) for margin in margins):
        shortest = shortest[:-1]
    return shortest
