"""Tools told in plain text: for servers that take none, and models that call them by writing so."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from pytest_symbiont.models.values import Message, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_symbiont.models.values import Tool

_HOW = (
    "You have tools. To use one, answer with nothing but a JSON object, like"
    ' {"name": "TOOL", "arguments": {}}; you are then told what it says. These there are:'
)
# Whoever writes a function means it as the answer, whatever JSON stands around it.
_FUNCTION = re.compile(r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:const\s+)?fn\s+\w+", re.MULTILINE)
_MOST_CALLS = 8


class _Written(msgspec.Struct):
    name: str
    arguments: dict[str, object] | str = ""
    parameters: dict[str, object] | str = ""


def described(messages: Sequence[Message], tools: Sequence[Tool]) -> tuple[Message, ...]:
    """The messages for a server that knows of no tools: described in the first, calls and results as text."""
    listed = [f"- {tool.name}: {tool.description}\n  arguments: {tool.parameters}" for tool in tools]
    text = "\n".join([_HOW, *listed])
    first, *rest = (_plain(message) for message in messages)
    return (replace(first, content=f"{first.content}\n\n{text}"), *rest)


def calls_in(text: str, tools: Sequence[Tool]) -> tuple[ToolCall, ...]:
    """The calls of offered tools that an answer has as JSON in its text; none where it has a function too."""
    names = {tool.name for tool in tools}
    if not names or _FUNCTION.search(text):
        return ()
    found = [call for call in _written(text) if call.name in names]
    distinct = list({(call.name, str(call.arguments or call.parameters)): call for call in found}.values())
    return tuple(
        ToolCall(f"call_{number}", call.name, _arguments(call))
        for number, call in enumerate(distinct[:_MOST_CALLS], start=1)
    )


def _plain(message: Message) -> Message:
    if message.role == "tool":
        return Message("user", f"The tool says: {message.content}")
    if message.calls:
        said = [f'{{"name": "{call.name}", "arguments": {call.arguments}}}' for call in message.calls]
        # What was written as text stands there already.
        return Message("assistant", message.content or "\n".join(said))
    return message


def _written(text: str) -> Iterator[_Written]:
    """Every JSON object in a text that may be a call, outermost ones first."""
    end = 0
    for match in re.finditer(r"\{", text):
        if match.start() < end:
            continue
        closing = _closing(text, match.start())
        try:
            yield msgspec.json.decode(text[match.start() : closing], type=_Written)
        except ValueError:  # no JSON, or none that has a name: msgspec's errors are some
            continue
        end = closing


def _closing(text: str, start: int) -> int:
    """Where the brace that opens at ``start`` closes; the end of the text where it does not."""
    depth, quoted, escaped = 0, False, False
    for index in range(start, len(text)):
        letter = text[index]
        if quoted:
            quoted = escaped or letter != '"'
            escaped = letter == "\\" and not escaped
        elif letter == '"':
            quoted = True
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
            if not depth:
                return index + 1
    return len(text)


def _arguments(call: _Written) -> str:
    given = call.arguments or call.parameters
    return given if isinstance(given, str) and given else msgspec.json.encode(given or {}).decode()
