"""Any server that speaks OpenAI's chat completions, through the openai SDK."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit

import msgspec

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models.redact import REDACTED, SHORTEST_SECRET, public_url
from pytest_symbiont.models.values import Answer, ModelError, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import openai
    from openai.types.chat import ChatCompletionMessageParam

OPENAI_URL = "https://api.openai.com/v1"
NO_KEY = "none"  # what servers without keys are sent: the SDK insists on one

_CONNECT_SECONDS = 10.0
_LARGEST_REPLY = 16 << 20
_LONGEST_QUOTE = 300
_LONGEST_LIST = 10


# What is read of a server's reply. Servers leave out or null what they like, so hardly anything is required.
class _Part(msgspec.Struct):
    text: str | None = None


class _Message(msgspec.Struct):
    content: str | list[_Part] | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: object = None


class _Served(msgspec.Struct):
    id: str


class _ServedList(msgspec.Struct):
    data: list[_Served]


_Reply = TypeVar("_Reply", _Completion, _ServedList)


def _decoded(content: bytes, reply: type[_Reply]) -> _Reply:
    """A server's reply. Half a character in a text (a lone surrogate, broken UTF-8) becomes a question mark:
    what a model says must not end a session.
    """
    try:
        return msgspec.json.decode(content, type=reply)
    except (msgspec.MsgspecError, ValueError):
        lenient = json.loads(content.decode("utf-8", "replace"))
        whole = json.dumps(lenient, ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(whole, type=reply)


@dataclass(frozen=True, slots=True)
class OpenAIModel:
    """A model of an OpenAI-compatible server; ``base_url`` None is OpenAI's own.

    ``timeout`` is seconds for one try of one answer, the whole of it; the SDK tries ``retries`` times more
    where the server is busy, fails or cannot be reached. Raises `SymbiontError` for a key that no HTTP header
    can carry, because the HTTP library would quote it in its own error.
    """

    name: str
    base_url: str | None = field(repr=False)
    api_key: str = field(repr=False)
    timeout: float = 600.0
    retries: int = 4

    def __post_init__(self) -> None:
        if not (self.api_key.isascii() and self.api_key.isprintable()) or " " in self.api_key:
            raise SymbiontError(
                "OPENAI_API_KEY holds a space, a line end or a character beyond ASCII: copy the key again"
            )

    @property
    def replays(self) -> bool:
        return False

    def answer(self, request: Request) -> Answer:
        """Ask once. Raises `ModelError` with one sentence that says why there is no answer and what to do."""
        messages = cast(
            "list[ChatCompletionMessageParam]",
            [{"role": message.role, "content": message.content} for message in request.messages],
        )
        started = time.perf_counter()
        completion = self._ask(
            lambda client: (
                client.chat.completions.with_raw_response.create(
                    model=self.name,
                    messages=messages,
                    max_tokens=request.max_tokens,
                    temperature=request.temperature,
                    seed=request.seed,
                ).content
            ),
            _Completion,
        )
        seconds = time.perf_counter() - started
        if not completion.choices:
            said = f" ({self._quote(completion.error)})" if completion.error else ""
            raise ModelError(
                f"{self.name} at {self._url} sent no choices{said}: try again or name another model"
            )
        choice, usage = completion.choices[0], completion.usage or _Usage()
        text = _text(choice.message)
        prompt_length = sum(len(message.content) for message in request.messages)
        return Answer(
            text=text,
            model=self.name,
            prompt_tokens=_tokens(usage.prompt_tokens, prompt_length),
            generated_tokens=_tokens(usage.completion_tokens, len(text)),
            seconds=seconds,
            finish=choice.finish_reason or "stop",
        )

    def served(self) -> tuple[str, ...]:
        """The names of the models that the server lists. Raises `ModelError` where it does not answer."""
        listed = self._ask(lambda client: client.models.with_raw_response.list().content, _ServedList)
        return tuple(model.id for model in listed.data)

    def _ask(self, ask: Callable[[openai.OpenAI], bytes], reply: type[_Reply]) -> _Reply:
        import openai  # noqa: PLC0415 - takes half a second, and a session that asks nobody does not need it

        # A client an answer: setting one up takes 30 ms, an answer seconds, and nothing is left open.
        try:
            with self._client() as client:
                content = ask(client)
        except openai.APIStatusError as error:
            problem = self._explain_status(error)
        except openai.APIConnectionError as error:
            problem = self._explain_connection(error)
        except _Unbounded as error:  # new SDKs let it through; old ones ask again, then blame the connection
            problem = f"{self._url} {error}"
        except (openai.OpenAIError, ValueError) as error:  # also a request that cannot be encoded
            problem = f"{self._url} cannot be asked: {self._quote(str(error))}"
        else:
            try:
                return _decoded(content, reply)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                sent = self._quote(content.decode(errors="replace"))
                problem = (
                    f"{self._url} sent no answer that can be read ({sent}): is it the API's URL? Most end in "
                    "/v1"
                )
        # Raised out here so that the SDK's exception, which may quote the key, is not chained to it.
        raise ModelError(problem)

    def _client(self) -> openai.OpenAI:
        import openai  # noqa: PLC0415 - see _ask

        url = self.base_url or OPENAI_URL
        timeout = openai.Timeout(self.timeout, connect=min(self.timeout, _CONNECT_SECONDS))
        try:
            # A proxy of the environment cannot reach this machine's own loopback.
            http = openai.DefaultHttpxClient(
                trust_env=not _is_loopback(url),
                timeout=timeout,
                event_hooks=_Bounds(self.timeout).hooks,
            )
            return openai.OpenAI(
                api_key=self.api_key,
                base_url=url,
                timeout=timeout,
                max_retries=self.retries,
                http_client=http,
            )
        except Exception as error:  # noqa: BLE001 - a bad proxy is a ValueError, an ImportError or httpx's own
            problem = self._quote(str(error))
        raise ModelError(
            f"{self._url} cannot be asked ({problem}): check the URL and the environment's proxy variables"
        )

    @property
    def _url(self) -> str:
        return public_url(self.base_url or OPENAI_URL)

    def _explain_connection(self, error: openai.APIConnectionError) -> str:
        import openai  # noqa: PLC0415 - see _ask

        if isinstance(error, openai.APITimeoutError):
            problem, tries = f"gave no answer within {self.timeout:g} s", _tries(error)
            return f"{self._url} {problem} ({tries}): is it overloaded?"
        if isinstance(error.__cause__, _Unbounded):
            return f"{self._url} {error.__cause__}"
        cause = self._quote(str(error.__cause__ or error))
        return f"{self._url} cannot be reached ({cause}; {_tries(error)}): is the server running?"

    def _explain_status(self, error: openai.APIStatusError) -> str:
        status = error.status_code
        match status:
            case 401 | 403 if self.api_key == NO_KEY:
                problem, advice = "wants a key", "set OPENAI_API_KEY"
            case 401 | 403:
                problem = "refused the key in OPENAI_API_KEY"
                advice = f"set it to a key that may use {self.name or 'this server'}"
            case 404:
                problem, advice = f"has no {self.name or 'list of models'}", self._advise_not_found()
            case 429:
                problem = "is too busy, or a quota is used up"
                advice = "wait a while and try again"
            case _ if status in {408, 409} or status >= 500:  # noqa: PLR2004 - HTTP's server errors
                problem, advice = "failed", "try again later, or look into the server's log"
            case _:
                problem = f"refused the request to {self.name}"
                advice = "change the setting that it names, or name another model"
        return f"{self._url} {problem} ({status}, {_tries(error)}: {self._quote(error.body)}): {advice}"

    def _advise_not_found(self) -> str:
        if not self.name:
            return "check the URL, most end in /v1"
        # Without a name, so that a 404 to this question as well asks no further.
        probe = replace(self, name="", retries=0, timeout=min(self.timeout, _CONNECT_SECONDS))
        try:
            return f"it serves {_listed(probe.served())}"
        except ModelError:
            return "check the model's name and the URL, most end in /v1"

    def _quote(self, said: object) -> str:
        """What a server or library said, on one line, of bounded length and without the key."""
        text = said if isinstance(said, str) else _said(said)
        if len(self.api_key) >= SHORTEST_SECRET:
            text = text.replace(self.api_key, REDACTED)
        line = " ".join(text.split())
        return f"{line[:_LONGEST_QUOTE]}…" if len(line) > _LONGEST_QUOTE else line or "no reason given"


class _Unbounded(Exception):  # noqa: N818 - a fact, turned into a ModelError by whoever asked
    """The server sends more than any answer is, or is not done in time; the text ends a sentence on it."""


class _Bounds:
    """Bounds a whole reply in seconds and bytes, by hooks of an HTTP client that sends one request at a time.

    The HTTP library's own timeout is for each read, so a server that sends a byte now and then would hold the
    session for ever. The library is httpx or httpx2, as the SDK's version has it, so neither is named here.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._deadline = 0.0

    @property
    def hooks(self) -> dict[str, list[Callable[..., None]]]:
        return {"request": [self._begin], "response": [self._bound]}

    def _begin(self, _: object) -> None:
        self._deadline = time.monotonic() + self._timeout

    def _bound(self, response: object) -> None:
        # Both: packed bytes may stand for many more, or for none at all.
        for name in ("iter_raw", "iter_bytes"):
            setattr(response, name, self._bounded(getattr(response, name)))

    def _bounded(self, read: Callable[..., Iterator[bytes]]) -> Callable[..., Iterator[bytes]]:
        def bounded(*args: int | None, **kwargs: int | None) -> Iterator[bytes]:
            size = 0
            for chunk in read(*args, **kwargs):
                size += len(chunk)
                if size > _LARGEST_REPLY:
                    raise _Unbounded(
                        f"sent more than {_LARGEST_REPLY >> 20} MiB: is it the API's URL? Most end in /v1"
                    )
                if time.monotonic() > self._deadline:
                    raise _Unbounded(f"gave no whole answer within {self._timeout:g} s: is it overloaded?")
                yield chunk

        return bounded


def _text(message: _Message) -> str:
    if isinstance(message.content, list):
        return "".join(part.text or "" for part in message.content)
    return message.content or message.refusal or ""


def _tokens(counted: int | None, length: int) -> int:
    """The server's count, or where it sends none the usual estimate of four characters a token."""
    return counted if counted is not None else max(1, length // 4)


def _said(body: object) -> str:
    match body:
        case {"message": str(text)} | {"detail": str(text)} | {"error": str(text)}:
            return text
        case None:
            return ""
        case _:
            return msgspec.json.encode(body).decode()


def _tries(error: openai.APIError) -> str:
    # The SDK counts its retries in a header of each request.
    tries = int(error.request.headers.get("x-stainless-retry-count", "0")) + 1
    return "1 try" if tries == 1 else f"{tries} tries"


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - _LONGEST_LIST
    listed = ", ".join(sorted(names)[:_LONGEST_LIST]) or "no model at all"
    return f"{listed} and {more} more" if more > 0 else listed


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
