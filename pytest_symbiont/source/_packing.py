"""What an answer may be packed in beside Markdown: control tokens, markup, JSON, escapes, quoted lines."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The tokens by which chat templates end a turn. A server that does not know them sends them as text.
_BAR = "\N{FULLWIDTH VERTICAL LINE}"  # DeepSeek's
_END_OF_TURN = re.compile(
    r"<\|(?:im_end|endoftext|end|eot|eot_id|eom_id|end_of_text|return|call|EOT|END_OF_TURN_TOKEN)\|>"
    rf"|<{_BAR}(?:end▁of▁sentence|User){_BAR}>|<end_of_turn>|</s>|\[/INST\]"
)
_BEGIN_OF_TURN = re.compile(
    r"(?:<\|(?:im_start|start|begin_of_text|startoftext)\|>(?:assistant)?|<start_of_turn>(?:model)?|<s>"
    rf"|<\|start_header_id\|>assistant<\|end_header_id\|>|<{_BAR}(?:begin▁of▁sentence|Assistant){_BAR}>)\s*"
)
# gpt-oss thinks in a channel of its own.
_FINAL_CHANNEL = re.compile(r"<\|channel\|>final[^<]*<\|message\|>")

_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
_TAG = re.compile(
    r"</?(?:answer|artifact|body|br|code|content|div|file|final|final_answer|function|output|p|parameter|pre"
    r"|result|rust|solution|source|tool_call|tt|invoke|write_file)\b[^<>\n]*>",
    re.IGNORECASE,
)
_INLINE_TAG = re.compile(r"</?(?:b|em|i|span|strong)(?: [^<>\n]*)?>", re.IGNORECASE)
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(n|r|t|\"|'|\\)")
_ESCAPED = {"n": "\n", "r": "", "t": "\t"}
_QUOTED_LINE = re.compile(r"(?m)^[ \t]*>[ ]?")
_NUMBERED_LINE = re.compile(r"(?m)^[ \t]*\d{1,5}[ ]?[|:│][ ]?")
_LEAST_NUMBERED = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read an answer: its text, and what was done to get it (empty where nothing was).

    ``complete`` says that a body without its function is no whole body here.
    """

    text: str
    note: str = ""
    complete: bool = False


def without_control_tokens(text: str) -> str:
    """The first turn of an answer whose server lets the tokens between turns through as text."""
    final = list(_FINAL_CHANNEL.finditer(text))
    if final:
        text = text[final[-1].end() :]
    while begin := _BEGIN_OF_TURN.match(text.lstrip()):
        text = text.lstrip()[begin.end() :]
    for end in _END_OF_TURN.finditer(text):
        if text[: end.start()].strip():
            return text[: end.start()]
    return _END_OF_TURN.sub("", text)


def unpacked(text: str) -> Iterator[Reading]:
    """Other ways to read a text than as it stands, the likelier ones first."""
    if _ENTITY.search(text):
        yield Reading(_plain(text), "HTML entities replaced")
    if _TAG.search(text):
        yield Reading(_plain(_TAG.sub("\n", _INLINE_TAG.sub("", text))), "markup left out")
    if codes := [code for code in _literals(text) if re.search(r"[{};]", code)]:
        yield Reading("\n\n".join(map(_as_block, codes)), "taken from JSON")
    if _ESCAPE.search(text):
        yield Reading(_unescaped(text), "escapes replaced")
    if _QUOTED_LINE.search(text):
        yield Reading(_QUOTED_LINE.sub("", text), "quote marks left out")
    if len(_NUMBERED_LINE.findall(text)) >= _LEAST_NUMBERED:
        yield Reading(_NUMBERED_LINE.sub("", text), "line numbers left out")


def _plain(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text).replace("\xa0", " ")


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text)


def _literals(text: str) -> Iterator[str]:
    """The values of the JSON strings in a text, which need not be JSON as a whole."""
    for match in _LITERAL.finditer(text):
        try:
            # Not strict: models write line ends into strings as they are.
            # A backslash before a line end is no JSON either, and means that the line goes on.
            value = json.loads(match[0].replace("\\\n", ""), strict=False)
        except ValueError:
            continue
        if _is_json(value):
            yield from _literals(value)
        elif "\\n" in _LITERAL.sub("", value):  # a stray quote before it: this is still inside of a string
            yield _unescaped(value)
        else:
            yield value.replace("\r\n", "\n")


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text, strict=False), (dict, list, str))
    except ValueError:
        return False


def _as_block(code: str) -> str:
    if "```" in code or "~~~" in code:
        return code
    return f"```rust\n{code}\n```"
