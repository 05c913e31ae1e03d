"""Anthropic's messages."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_symbiont.models.chat import ChatModel, StreamError
from pytest_symbiont.models.decode import decoded
from pytest_symbiont.models.told_tools import described

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from pytest_symbiont.models.partial import Partial
    from pytest_symbiont.models.values import Message, Request, Thinking

ANTHROPIC_URL = "https://api.anthropic.com"

# Tokens to think with, for models that take a number in place of a level; the least they take is 1,024.
_THOUGHT_TOKENS: Mapping[Thinking, int] = {"low": 1_024, "medium": 4_096, "high": 12_288, "max": 24_576}
_LEAST_ANSWER = 512
_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_FINISH = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length"}


class _Usage(msgspec.Struct):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


class _Block(msgspec.Struct):
    type: str = ""
    id: str | None = None
    name: str | None = None
    input: dict[str, object] | None = None
    text: str | None = None
    thinking: str | None = None


class _Delta(msgspec.Struct):
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None


class _Message(msgspec.Struct):
    usage: _Usage | None = None
    content: list[_Block] | None = None
    stop_reason: str | None = None


class _Error(msgspec.Struct):
    type: str = ""
    message: str = ""


class _Event(msgspec.Struct):
    type: str = ""
    index: int = 0
    message: _Message | None = None
    content_block: _Block | None = None
    delta: _Delta | None = None
    usage: _Usage | None = None
    error: _Error | None = None


class _Whole(_Message):
    error: _Error | None = None


class _Anthropic:
    """The dialect."""

    variable = "ANTHROPIC_API_KEY"
    url = ANTHROPIC_URL
    optional = frozenset({"output_config", "stop_sequences", "temperature", "thinking", "tools", "top_p"})

    def sdk(self) -> Any:
        import anthropic  # noqa: PLC0415 - see Dialect.sdk

        return anthropic

    def client(self, sdk: Any) -> Callable[..., Any]:
        made: Callable[..., Any] = sdk.AsyncAnthropic
        return made

    def body(self, name: str, url: str, request: Request, left_out: Sequence[str]) -> dict[str, Any]:  # noqa: ARG002 - as Dialect has it
        generation = request.generation
        # Behind calls of tools the API would want the thoughts that led to them back, and they are not kept.
        called = any(message.calls for message in request.messages)
        level = "off" if called and generation.thinking else generation.thinking
        thinking = _thinking(level, request.max_tokens, left_out)
        is_thinking = thinking.get("thinking", {}).get("type") in {"enabled", "adaptive"}
        parameters: dict[str, Any] = {
            # A model that thinks has a temperature of its own, and this API's ends at 1.
            "temperature": None if is_thinking else min(request.temperature, 1.0),
            "top_p": generation.top_p,
            "stop_sequences": list(generation.stop) or None,
            "tools": [
                {
                    "name": tool.name,
                    "description": tool.description,
                    "input_schema": msgspec.json.decode(tool.parameters),
                }
                for tool in request.tools
            ]
            or None,
        }
        kept = {key: value for key, value in parameters.items() if value is not None and key not in left_out}
        extra = msgspec.json.decode(generation.extra) if generation.extra else {}
        return {
            "model": name,
            "max_tokens": request.max_tokens,
            "stream": True,
            **_messages(
                described(request.messages, request.tools)
                if request.tools and "tools" in left_out
                else request.messages
            ),
            **kept,
            **thinking,
            **extra,
        }

    def send(self, client: Any, body: Mapping[str, Any]) -> AbstractAsyncContextManager[Any]:
        known = ("model", "max_tokens", "messages", "stream")
        more = {key: value for key, value in body.items() if key not in known}
        asked: AbstractAsyncContextManager[Any] = client.messages.with_streaming_response.create(
            **{key: body[key] for key in known}, extra_body=more
        )
        return asked

    def hear(self, event: bytes, heard: Partial) -> None:
        told = decoded(event, _Event)
        if told.error is not None:
            raise StreamError(_STATUS.get(told.error.type, 0), {"message": told.error.message})
        if told.message is not None:
            _count(told.message.usage, heard)
        if told.usage is not None:
            _count(told.usage, heard)
        if (block := told.content_block) and block.type == "tool_use":
            heard.add_call(told.index, id=block.id or "", name=block.name or "")
        if delta := told.delta:
            heard.add(delta.text or "", delta.thinking or "")
            if delta.partial_json:
                heard.add_call(told.index, arguments=delta.partial_json)
            if delta.stop_reason:
                heard.finish = heard.finish or _FINISH.get(delta.stop_reason, delta.stop_reason)

    def read(self, reply: bytes, heard: Partial) -> None:
        whole = decoded(reply, _Whole)
        if whole.error is not None or whole.content is None:
            error = whole.error or _Error()
            raise StreamError(
                _STATUS.get(error.type, 0), {"message": error.message} if error.message else None
            )
        _count(whole.usage, heard)
        for number, block in enumerate(whole.content):
            heard.add(block.text or "", block.thinking or "")
            if block.type == "tool_use":
                arguments = msgspec.json.encode(block.input or {}).decode()
                heard.add_call(number, id=block.id or "", name=block.name or "", arguments=arguments)
        heard.finish = heard.finish or _FINISH.get(whole.stop_reason or "", "stop")


ANTHROPIC = _Anthropic()
# A model of Anthropic's API: name, URL (None is Anthropic's own) and key.
anthropic_model = partial(ChatModel, dialect=ANTHROPIC)


def _messages(told: Sequence[Message]) -> dict[str, Any]:
    """System and messages. What stays the same in every round, up to the first question, is to be cached.

    What tools came to is one message of the user's: roles have to take turns here.
    """
    cached = {"type": "ephemeral"}
    system = [
        {"type": "text", "text": message.content, "cache_control": cached}
        for message in told
        if message.role == "system"
    ]
    messages: list[dict[str, Any]] = []
    for message in (message for message in told if message.role != "system"):
        content = _content(message)
        if not messages:
            content[0]["cache_control"] = cached
        role = "user" if message.role == "tool" else message.role
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] += content
        else:
            messages.append({"role": role, "content": content})
    return {"system": system, "messages": messages} if system else {"messages": messages}


def _content(message: Message) -> list[dict[str, Any]]:
    if message.role == "tool":
        return [{"type": "tool_result", "tool_use_id": message.answers, "content": message.content}]
    # The API takes no empty text.
    said = [{"type": "text", "text": message.content}] if message.content or not message.calls else []
    called = [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": _object(call.arguments)}
        for call in message.calls
    ]
    return [*said, *called]


def _object(arguments: str) -> object:
    """The arguments as the API wants them: an object, whatever the model wrote."""
    try:
        value = msgspec.json.decode(arguments)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {}


def _thinking(level: Thinking | None, max_tokens: int, left_out: Sequence[str]) -> dict[str, Any]:
    """What asks for this much thinking: a level, or where the model takes none, a number of tokens."""
    if level is None:
        return {}
    if level == "off":
        return {} if "thinking" in left_out else {"thinking": {"type": "disabled"}}
    refused = left_out.count("thinking") + left_out.count("output_config")
    if not refused:
        return {"thinking": {"type": "adaptive"}, "output_config": {"effort": level}}
    tokens = min(_THOUGHT_TOKENS[level], max_tokens - _LEAST_ANSWER)
    if refused == 1 and tokens >= _THOUGHT_TOKENS["low"]:
        return {"thinking": {"type": "enabled", "budget_tokens": tokens}}
    return {}


def _count(usage: _Usage | None, heard: Partial) -> None:
    """Tokens that were read from or written to the cache are part of the prompt."""
    if usage is None:
        return
    if usage.input_tokens is not None:
        cached = usage.cache_read_input_tokens or 0
        heard.prompt_tokens = usage.input_tokens + cached + (usage.cache_creation_input_tokens or 0)
        heard.cached_tokens = cached
    if usage.output_tokens is not None:
        heard.generated_tokens = usage.output_tokens
