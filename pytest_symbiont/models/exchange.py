"""One request over HTTP through an SDK, bounded in time and size, and what can become of it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models import refusal
from pytest_symbiont.models.endpoint import Passing
from pytest_symbiont.models.redact import REDACTED, SHORTEST_SECRET, public_url
from pytest_symbiont.models.values import ModelError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from pytest_symbiont.models.trust import Trust

T = TypeVar("T")

NO_KEY = "none"  # what servers without keys are sent: the SDKs insist on one

_CONNECT_SECONDS = 10.0
_LARGEST_REPLY = 16 << 20
_LONGEST_QUOTE = 300
# Whoever hung twice will most likely hang for ever, and each time costs minutes.
_RETRIES_OF_SILENCE = 1


class TooLarge(Exception):  # noqa: N818 - a fact, turned into a ModelError by whoever asked
    """The server sends more than any answer is."""


@dataclass(frozen=True, slots=True)
class Server:
    """An API of a host, and how messages speak of it.

    ``variable`` is where its key comes from. ``timeout`` is seconds for one try of one answer, the whole of
    it, ``silence`` those for which it may say nothing meanwhile. Raises `SymbiontError` for a key that no
    HTTP header can carry, because the HTTP library would quote it in its own error.
    """

    url: str = field(repr=False)
    key: str = field(repr=False)
    variable: str
    timeout: float
    silence: float

    def __post_init__(self) -> None:
        if not (self.key.isascii() and self.key.isprintable()) or " " in self.key:
            raise SymbiontError(
                f"{self.variable} holds a space, a line end or a character beyond ASCII: copy the key again"
            )

    @property
    def shown(self) -> str:
        """The URL as messages have it."""
        return public_url(self.url)

    def client(self, sdk: Any, make: Callable[..., T], trust: Trust) -> T:
        """A client of the SDK's for one request. Raises `ModelError` for a URL or proxy that is none."""
        timeout = sdk.Timeout(self.timeout, connect=min(self.timeout, _CONNECT_SECONDS), read=self.silence)
        # A proxy of the environment cannot reach this machine's own loopback.
        trust_env = not _is_loopback(self.url)
        try:
            http = sdk.DefaultAsyncHttpxClient(
                trust_env=trust_env, verify=trust.verify(sdk, trust_env=trust_env), timeout=timeout,
                event_hooks={"response": [_bound]},
            )  # fmt: skip
            return make(api_key=self.key, base_url=self.url, timeout=timeout, max_retries=0, http_client=http)
        except Exception as error:  # noqa: BLE001 - a bad proxy is a ValueError, an ImportError or httpx's own
            problem = self.quote(str(error))
        raise ModelError(
            f"{self.shown} cannot be asked ({problem}): check the URL and the environment's proxy variables"
        )

    async def exchange(
        self,
        sdk: Any,
        client: Any,
        send: Callable[[], AbstractAsyncContextManager[Any]],
        read: Callable[[AsyncIterator[bytes]], Awaitable[T]],
    ) -> T:
        """Send, and read what comes.

        Raises `Passing`, `StatusError` or `ModelError`, not chained to the SDK's exceptions, which may quote
        the key.
        """
        try:
            async with asyncio.timeout(self.timeout), client, send() as response:
                return await read(response.iter_bytes())
        except (Passing, ModelError):
            raise
        except sdk.APIStatusError as error:
            problem: Exception = StatusError(error.status_code, error.response.headers, error.body)
        except Exception as error:  # noqa: BLE001 - what is none of theirs is raised again
            problem = self._problem(sdk, error)
        raise problem

    def quote(self, words: object) -> str:
        """What a server or library said, on one line, of bounded length and without the key."""
        text = refusal.said(words)
        if len(self.key) >= SHORTEST_SECRET:
            text = text.replace(self.key, REDACTED)
        line = " ".join(text.split())
        return f"{line[:_LONGEST_QUOTE]}…" if len(line) > _LONGEST_QUOTE else line or "no reason given"

    def _problem(self, sdk: Any, error: Exception) -> Exception:
        cause = error.__cause__ if isinstance(error, sdk.APIConnectionError) else error
        if isinstance(cause, TooLarge):
            return ModelError(f"{self.shown} {cause}")
        if isinstance(error, (TimeoutError, sdk.APITimeoutError)) or _is_silence(cause):
            return self._late(is_silence=_is_silence(cause))
        quoted = self.quote(_cause(cause or error))
        if isinstance(error, sdk.APIConnectionError):
            return Passing(
                lambda tries: f"{self.shown} cannot be reached ({quoted}; {tries}): is the server running?"
            )
        if type(error).__module__.partition(".")[0] in {"httpx", "httpx2", "httpcore", "anyio", "ssl"}:
            return self.broken_off(quoted)
        if isinstance(error, (sdk.APIError, ValueError)):  # also a request that cannot be encoded
            return ModelError(f"{self.shown} cannot be asked: {quoted}")
        return error

    def _late(self, *, is_silence: bool) -> Passing:
        late = (
            f"said nothing for {self.silence:g} s"
            if is_silence
            else f"gave no whole answer within {self.timeout:g} s"
        )
        advice = "is it overloaded? --evolve-answer-timeout gives it longer"
        return Passing(lambda tries: f"{self.shown} {late} ({tries}): {advice}", retries=_RETRIES_OF_SILENCE)

    def broken_off(self, cause: str) -> Passing:
        """The failure of an answer that ended in the middle."""
        return Passing(
            lambda tries: (
                f"{self.shown} broke off in the middle of an answer ({cause}; {tries}): try again later"
            )
        )


class StatusError(Exception):
    """The server answered with a status that is no success."""

    def __init__(self, status: int, headers: Mapping[str, str], body: object) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.headers = headers
        self.body = body


def _is_silence(error: BaseException | None) -> bool:
    return type(error).__name__ == "ReadTimeout"  # httpx's or httpx2's


def _cause(error: BaseException) -> str:
    """What an error says, or the operating system about what is behind it."""
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, OSError) and behind.errno and behind.errno > 0:
            return os.strerror(behind.errno)
        behind = behind.__cause__ or behind.__context__
    return str(error) or type(error).__name__


async def lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The lines of a reply, whole, without their ends."""
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.rstrip(b"\r")
    if rest:
        yield rest


async def _bound(response: Any) -> None:
    """A hook of the HTTP client that bounds the reply in bytes.

    The library is httpx or httpx2, as the SDK's version has it, so neither is named here.
    """
    # Both: packed bytes may stand for many more, or for none at all.
    for name in ("aiter_raw", "aiter_bytes"):
        setattr(response, name, _bounded(getattr(response, name)))


def _bounded(read: Callable[..., AsyncIterator[bytes]]) -> Callable[..., AsyncIterator[bytes]]:
    async def bounded(*args: int | None, **kwargs: int | None) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in read(*args, **kwargs):
            size += len(chunk)
            if size > _LARGEST_REPLY:
                raise TooLarge(
                    f"sent more than {_LARGEST_REPLY >> 20} MiB: is it the API's URL? Most end in /v1"
                )
            yield chunk

    return bounded


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
