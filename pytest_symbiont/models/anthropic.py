"""Anthropic's messages."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_symbiont.models.chat import ChatModel, StreamError
from pytest_symbiont.models.decode import decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from pytest_symbiont.models.partial import Partial
    from pytest_symbiont.models.values import Request, Thinking

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
    message: _Message | None = None
    delta: _Delta | None = None
    usage: _Usage | None = None
    error: _Error | None = None


class _Whole(_Message):
    error: _Error | None = None


class _Anthropic:
    """The dialect."""

    variable = "ANTHROPIC_API_KEY"
    url = ANTHROPIC_URL
    optional = frozenset({"output_config", "stop_sequences", "temperature", "thinking", "top_p"})

    def sdk(self) -> Any:
        import anthropic  # noqa: PLC0415 - see Dialect.sdk

        return anthropic

    def client(self, sdk: Any) -> Callable[..., Any]:
        made: Callable[..., Any] = sdk.AsyncAnthropic
        return made

    def body(self, name: str, url: str, request: Request, left_out: Sequence[str]) -> dict[str, Any]:  # noqa: ARG002 - as Dialect has it
        generation = request.generation
        thinking = _thinking(generation.thinking, request.max_tokens, left_out)
        is_thinking = thinking.get("thinking", {}).get("type") in {"enabled", "adaptive"}
        parameters: dict[str, Any] = {
            # A model that thinks has a temperature of its own, and this API's ends at 1.
            "temperature": None if is_thinking else min(request.temperature, 1.0),
            "top_p": generation.top_p,
            "stop_sequences": list(generation.stop) or None,
        }
        kept = {key: value for key, value in parameters.items() if value is not None and key not in left_out}
        extra = msgspec.json.decode(generation.extra) if generation.extra else {}
        return {
            "model": name,
            "max_tokens": request.max_tokens,
            "stream": True,
            **_messages(request),
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
        if delta := told.delta:
            heard.add(delta.text or delta.partial_json or "", delta.thinking or "")
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
        for block in whole.content:
            heard.add(block.text or "", block.thinking or "")
        heard.finish = heard.finish or _FINISH.get(whole.stop_reason or "", "stop")


ANTHROPIC = _Anthropic()
# A model of Anthropic's API: name, URL (None is Anthropic's own) and key.
anthropic_model = partial(ChatModel, dialect=ANTHROPIC)


def _messages(request: Request) -> dict[str, Any]:
    """System and messages. What stays the same in every round, up to the first question, is to be cached."""
    cached = {"type": "ephemeral"}
    system = [
        {"type": "text", "text": message.content, "cache_control": cached}
        for message in request.messages
        if message.role == "system"
    ]
    others = [message for message in request.messages if message.role != "system"]
    messages = [
        {
            "role": message.role,
            "content": [
                {"type": "text", "text": message.content, **({} if number else {"cache_control": cached})}
            ],
        }
        for number, message in enumerate(others)
    ]
    return {"system": system, "messages": messages} if system else {"messages": messages}


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
