"""The blocks of code in an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

_OPENING = re.compile(r"([ \t]*(?:(?:[-*+]|\d+[.)])[ ][ \t]*)?)(`{3,}|~{3,})[ \t]*([^`\n]*)")
_THOUGHT = re.compile(
    r"[<\[◁](/?)(?:seed:)?(?:think|thinking|thought|thoughts|reasoning|reflection|scratchpad|analysis)[>\]▷]",
    re.IGNORECASE,
)
_RUST = re.compile(r"|rust\b.*|rs\b.*|.*\.rs\b.*", re.IGNORECASE)

_FENCE_ANYWHERE = re.compile(r"(?:`{3,}|~{3,})(?:[ \t]*(?:rust|rs)\b)?[^\S\n]*", re.IGNORECASE)
_ITEM_LINE = re.compile(
    r"(?m)^[ \t]*(?:(?:pub(?:\([^)\n]*\))?|const|async|unsafe|extern(?: \"[^\"\n]*\")?)[ \t]+)*"
    r"(?:fn|use|mod|struct|enum|union|impl|trait|const|static|type|macro_rules!)\b|^[ \t]*(?:#!?\[|///|//!)"
)
_END_OF_CODE = re.compile(r"[};][^\S\n]*(?://[^\n]*)?(?=\n|\Z)")


@dataclass(frozen=True, slots=True)
class Block:
    """The inside of one fence, and its info string (``rust``, ``src/lib.rs``)."""

    info: str
    code: str
    closed: bool = True

    @property
    def is_rust(self) -> bool:
        """Whether the info string does not say that it is something else."""
        return bool(_RUST.fullmatch(self.info))


def without_thoughts(text: str) -> str:
    """The answer without what stands between ``<think>`` and ``</think>``, either of which may be missing."""
    kept: list[str] = []
    position: int | None = 0  # where the text goes on that is no thought, None inside one
    for tag in _THOUGHT.finditer(text):
        before = text[text.rfind("\n", 0, tag.start()) + 1 : tag.start()]
        after = text[tag.end() : (text.find("\n", tag.end()) + 1 or len(text))]
        if not tag[1] and position is not None and not before.strip():
            kept.append(text[position : tag.start()])
            position = None
        elif tag[1] and position is None:
            position = tag.end()
        elif tag[1] and not after.strip():
            kept.clear()  # the opening tag was part of the prompt
            position = tag.end()
    return "".join(kept) + ("" if position is None else text[position:])


def blocks(text: str) -> tuple[Block, ...]:
    """The fenced blocks, by CommonMark's rules; the last one may have no end."""
    found: list[Block] = []
    fence = info = ""
    indent = 0
    inside: list[str] = []
    for line in text.split("\n"):
        if not fence:
            if opening := _OPENING.fullmatch(line):
                indent, fence, info = len(opening[1]), opening[2], opening[3].strip()
                inside = []
            continue
        last = _before_closing(line, fence)
        inside.append(_outdented(line if last is None else last, indent))
        if last is not None:
            found.append(Block(info, "\n".join(inside)))
            fence = ""
    if fence:
        found.append(Block(info, "\n".join(inside), closed=False))
    return tuple(found)


def without_language(code: str) -> str:
    """The code without a first line that is the fence's info string, gone astray."""
    return re.sub(r"\A\s*(?:rust|rs)[ \t]*\n", "", code, flags=re.IGNORECASE)


def unfenced(text: str) -> str:
    """The answer as if it had no fences: from where items begin to where the last one ends."""
    bare = _FENCE_ANYWHERE.sub("\n", text)
    starts = [match.start() for match in _ITEM_LINE.finditer(bare)]
    if not starts:
        return bare
    ends = [match.end() for match in _END_OF_CODE.finditer(bare, starts[-1])]
    return bare[starts[0] : ends[-1] if ends else len(bare)]


def _before_closing(line: str, fence: str) -> str | None:
    """What stands before the closing fence if this line has it; small models glue it to the last brace."""
    bare = line.strip()
    if bare.endswith(fence) and not bare.startswith(("//", "*")):
        rest = bare.rstrip(fence[0])
        return line[: line.index(bare) + len(rest)]
    return None


def _outdented(line: str, indent: int) -> str:
    """The line without as much of its indentation as the fence has."""
    return line[min(indent, len(line) - len(line.lstrip(" "))) :]
