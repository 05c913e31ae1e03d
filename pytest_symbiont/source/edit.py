"""Changing a Rust file's text, and nothing of it that is not meant to change."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_symbiont.source import _lex, parse
from pytest_symbiont.source._lex import normalised
from pytest_symbiont.source._lines import line_margin, reindent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_symbiont.source.values import Function

__all__ = ["append_function", "blank_inner", "normalised", "reindent", "replace_bodies"]


def replace_bodies(text: str, bodies: Mapping[str, str]) -> str:
    """The file's text with these bodies, blocks with their braces by function path.

    Everything outside the bodies stays byte for byte. A new body takes on the file's line ends and is moved
    to where its function stands; one that is there already is left alone.
    Raises `SymbiontError` for a path that the text does not have, ValueError for a body that is no block.
    """
    if not bodies:
        return text
    ends = line_ends(text)
    data = text.encode()
    places = [(parse.find(text, path, file="the file"), body) for path, body in bodies.items()]
    for function, body in sorted(places, key=lambda place: place[0].start, reverse=True):
        if not _lex.is_block(body):
            raise ValueError(f"the new body of '{function.path}' is not one block: {body[:60]!r}")
        if body == function.body:
            continue
        margin = line_margin(text, len(data[: function.start].decode()))
        block = reindent(body.replace("\r\n", "\n"), margin).replace("\n", ends)
        data = data[: function.body_start] + block.encode() + data[function.body_end :]
    return data.decode()


def append_function(text: str, function: Function) -> str:
    """The text with a declared function at its end, one blank line between."""
    ends = line_ends(text)
    docs = "".join(f"/// {line}".rstrip() + "\n" for line in function.doc.split("\n") if function.doc)
    written = f"{docs}{function.signature} {function.body}\n".replace("\r\n", "\n").replace("\n", ends)
    if not text.strip("\ufeff"):
        return text + written
    before = text if text.endswith("\n") else text + ends
    gap = "" if before.endswith((ends * 2, "\n\n")) else ends
    return before + gap + written


@lru_cache(maxsize=16)  # every target of a file asks for it
def blank_inner(text: str) -> str:
    """The text as it can be ``include!``d: what belongs to the file as a whole is blanked.

    That is a shebang line, inner doc comments (``//!``, ``/*! */``) and inner attributes (``#![…]``) before
    the first item, each character by a space, so that lines and columns stay; a byte order mark, which rustc
    counts as no column, is dropped.
    """
    data = text.encode()
    out = bytearray()
    position = 0
    for start, end in _inner(_lex.tokens(data)):
        out += data[position:start] + re.sub(r"[^\r\n]", " ", data[start:end].decode()).encode()
        position = end
    return (out + data[position:]).decode().removeprefix("\ufeff")


def line_ends(text: str) -> str:
    """What ends most lines of the text: CR LF or LF."""
    windows = text.count("\r\n")
    return "\r\n" if windows * 2 > text.count("\n") else "\n"


def _inner(found: list[_lex.Token]) -> list[tuple[int, int]]:
    """Byte ranges of what is blanked."""
    ranges: list[tuple[int, int]] = []
    index = 0
    while index < len(found):
        token = found[index]
        if token.kind == "comment":
            if token.text.startswith(("///", "/**")) and not token.text.startswith(("////", "/***", "/**/")):
                break  # the first item's own
            if token.text.startswith(("#!", "//!", "/*!")):
                ranges.append((token.start, token.end))
            index += 1
            continue
        end = _attribute_end(found, index)
        if end is None:
            break
        ranges.append((token.start, found[end].end))
        index = end + 1
    return ranges


def _attribute_end(found: list[_lex.Token], index: int) -> int | None:
    """The index of the ``]`` of the inner attribute that begins here, if one does."""
    if [token.text for token in found[index : index + 3]] != ["#", "!", "["]:
        return None
    depth = 0
    for position in range(index + 2, len(found)):
        if found[position].kind == "punct" and found[position].text in "[]":
            depth += 1 if found[position].text == "[" else -1
            if not depth:
                return position
    return None
