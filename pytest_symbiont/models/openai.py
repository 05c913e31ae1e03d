"""OpenAI's chat completions, as every server that is compatible with them speaks it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from pytest_symbiont.models.chat import ChatModel, StreamError
from pytest_symbiont.models.decode import decoded
from pytest_symbiont.models.told_tools import described

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from pytest_symbiont.models.partial import Partial
    from pytest_symbiont.models.values import Message, Request, Thinking

OPENAI_URL = "https://api.openai.com/v1"


# What is read of a server's reply. Servers leave out or null what they like, so hardly anything is required.
class _Part(msgspec.Struct):
    text: str | None = None


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | dict[str, object] | None = None


class _ToolCall(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Message(msgspec.Struct):
    content: str | list[_Part] | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    delta: _Message | None = None
    finish_reason: str | None = None


class _Details(msgspec.Struct):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: object = None


class _OpenAI:
    """The dialect."""

    variable = "OPENAI_API_KEY"
    url = OPENAI_URL
    optional = frozenset(
        {
            "chat_template_kwargs",
            "max_tokens",
            "reasoning",
            "reasoning_effort",
            "seed",
            "stop",
            "stream_options",
            "temperature",
            "tools",
            "top_p",
        }
    )

    def sdk(self) -> Any:
        import openai  # noqa: PLC0415 - see Dialect.sdk

        return openai

    def client(self, sdk: Any) -> Callable[..., Any]:
        made: Callable[..., Any] = sdk.AsyncOpenAI
        return made

    def body(self, name: str, url: str, request: Request, left_out: Sequence[str]) -> dict[str, Any]:
        generation = request.generation
        parameters: dict[str, Any] = {
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
            "top_p": generation.top_p,
            "stop": list(generation.stop) or None,
            "stream_options": {"include_usage": True},
        }
        kept = {key: value for key, value in parameters.items() if value is not None and key not in left_out}
        if "max_tokens" in left_out:  # what reasoning models have in its place
            kept["max_completion_tokens"] = request.max_tokens
        thinking = _thinking(generation.thinking, url, left_out)
        told = request.messages
        if request.tools and "tools" in left_out:
            told = described(told, request.tools)
        elif request.tools:
            kept["tools"] = [
                {
                    "type": "function",
                    "function": {
                        "name": tool.name,
                        "description": tool.description,
                        "parameters": msgspec.json.decode(tool.parameters),
                    },
                }
                for tool in request.tools
            ]
        messages = [_message(message) for message in told]
        extra = msgspec.json.decode(generation.extra) if generation.extra else {}
        return {"model": name, "messages": messages, "stream": True, **kept, **thinking, **extra}

    def send(self, client: Any, body: Mapping[str, Any]) -> AbstractAsyncContextManager[Any]:
        known = ("model", "messages", "stream")
        more = {key: value for key, value in body.items() if key not in known}
        asked: AbstractAsyncContextManager[Any] = client.chat.completions.with_streaming_response.create(
            **{key: body[key] for key in known}, extra_body=more
        )
        return asked

    def hear(self, event: bytes, heard: Partial) -> None:
        self._take(decoded(event, _Completion), heard)

    def read(self, reply: bytes, heard: Partial) -> None:
        completion = decoded(reply, _Completion)
        if not completion.choices and completion.error is None:
            raise StreamError(0, None)
        self._take(completion, heard)
        heard.finish = heard.finish or "stop"

    def _take(self, completion: _Completion, heard: Partial) -> None:
        if completion.error is not None:
            raise StreamError(_status(completion.error), completion.error)
        if usage := completion.usage:
            heard.prompt_tokens = usage.prompt_tokens
            heard.generated_tokens = usage.completion_tokens
            heard.cached_tokens = (usage.prompt_tokens_details or _Details()).cached_tokens or 0
        for choice in (completion.choices or [])[:1]:
            message = choice.delta or choice.message or _Message()
            text = _text(message)
            heard.add(text, message.reasoning_content or message.reasoning or "")
            # Beside a text, a call that nobody offered is no part of the answer.
            for number, call in enumerate(message.tool_calls or () if heard.tools or not text else ()):
                function = call.function or _Function()
                heard.add_call(
                    number if call.index is None else call.index,
                    id=call.id or "",
                    name=function.name or "",
                    arguments=_arguments(function.arguments),
                )
            heard.finish = heard.finish or choice.finish_reason or ""


OPENAI = _OpenAI()
# A model of an OpenAI-compatible server: name, URL (None is OpenAI's own) and key.
openai_model = partial(ChatModel, dialect=OPENAI)


def _text(message: _Message) -> str:
    if isinstance(message.content, list):
        return "".join(part.text or "" for part in message.content)
    return message.content or message.refusal or ""


def _arguments(given: str | dict[str, object] | None) -> str:
    # Some servers send them as JSON, not as a text that holds JSON.
    return given or "" if not isinstance(given, dict) else msgspec.json.encode(given).decode()


def _message(message: Message) -> dict[str, Any]:
    told: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.calls:
        told["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.calls
        ]
    if message.role == "tool":
        told["tool_call_id"] = message.answers
    return told


def _status(error: object) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else 0


def _thinking(level: Thinking | None, url: str, left_out: Sequence[str]) -> dict[str, Any]:
    """What asks for this much thinking. Servers differ; what one does not know is left out the next time."""
    if level is None:
        return {}
    host = urlsplit(url).hostname or ""
    refused = left_out.count("reasoning_effort")
    effort = "none" if level == "off" else "high" if level == "max" and refused else level
    if host == "openrouter.ai":
        if "reasoning" in left_out:
            return {}
        return {"reasoning": {"enabled": False} if level == "off" else {"effort": effort}}
    asked: dict[str, Any] = {"reasoning_effort": effort} if refused < _EFFORTS.get(level, 1) else {}
    if not host.endswith("openai.com") and "chat_template_kwargs" not in left_out:
        # vLLM, SGLang and llama.cpp have a switch in the chat template.
        asked["chat_template_kwargs"] = {"enable_thinking": level != "off"}
    return asked


_EFFORTS = {"max": 2}  # how many spellings of a level there are to try
