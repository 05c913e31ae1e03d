"""What a server means by a status: it passes, the prompt is too long, a parameter is one it does not take."""

from __future__ import annotations

import email.utils
import re
import time
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PASSING = frozenset({408, 409, 425, 429})
_SERVER_ERRORS = 500

# Each server's wording: OpenAI and vLLM, llama.cpp, SGLang, LM Studio, Anthropic, TGI, Ollama, OpenRouter.
_TOO_LONG = re.compile(
    r"""context_length_exceeded|maximum\ context\ length|reduce\ the\ length\ of\ the\ messages
      | exceed_context_size|exceeds?\ (?:the\ )?(?:available\ |model'?s?\ )?(?:maximum\ )?context
      | longer\ than\ the\ (?:model'?s?\ )?(?:maximum\ )?context|input\ tokens\ exceed
      | greater\ than\ the\ context\ length|context\ (?:the\ )?overflows?
      | prompt\ is\ too\ long|exceed\ context\ limit|input\ is\ too\ long|request_too_large
      | inputs?`?\ tokens?\ \+\ `?max_new_tokens
      | context\ (?:length|window|size)\ (?:is\ |was\ )?(?:exceeded|overflow)""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_TAKEN = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed|extra input"
    r"|invalid (?:param|argument|field)|deprecated|only the default|cannot be (?:used|set|specified)"
    r"|not available|must be (?:unset|omitted)",
    re.IGNORECASE,
)

# llama.cpp without --jinja, vLLM without a parser for tool calls, Ollama, OpenRouter.
_NO_TOOLS = re.compile(
    r"tools? (?:param )?requires? --jinja|unsupported param: tools|--enable-auto-tool-choice|support tool use"
    r"|not support (?:tools?|tool calling|function calling|functions)\b|tool choice requires",
    re.IGNORECASE,
)


def is_passing(status: int, headers: Mapping[str, str]) -> bool:
    """Whether the same request may be answered in a while. The server's own word on it counts most."""
    match headers.get("x-should-retry"):
        case "true":
            return True
        case "false":
            return False
        case _:
            return status in PASSING or status >= _SERVER_ERRORS


def is_too_long(status: int, body: object) -> bool:
    """Whether the prompt does not fit. Some servers say so with 400, some with 413, 422 or 500."""
    return status not in {401, 403, 429} and bool(_TOO_LONG.search(said(body)))


def refused_parameter(status: int, body: object, sent: Collection[str]) -> str:
    """The parameter that a server does not take, of those that were sent; empty where it is about none."""
    text = said(body)
    if "tools" in sent and status in {400, 404, 422, 500, 501} and _NO_TOOLS.search(text):
        return "tools"
    if status not in {400, 404, 422}:
        return ""
    if not _NOT_TAKEN.search(text):
        return ""
    named = body.get("param") if isinstance(body, dict) else None
    if isinstance(named, str) and named.split(".")[0] in sent:
        return named.split(".")[0]
    places = {name: match.start() for name in sent if (match := re.search(rf"\b{name}\b", text))}
    return min(places, key=lambda name: places[name], default="")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that the server asks to wait for, None where it does not say."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    date = email.utils.parsedate_tz(headers.get("retry-after", ""))
    return max(0.0, email.utils.mktime_tz(date) - time.time()) if date else None


def said(body: object) -> str:
    """What the body of an error says, in its own words where it has any."""
    match body:
        case str():
            return body
        case {"message": str(text)} | {"detail": str(text)} | {"error": str(text)}:
            return text
        case {"error": {"message": str(text)}}:
            return text
        case None:
            return ""
        case _:
            return msgspec.json.encode(body).decode()
