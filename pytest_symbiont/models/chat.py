"""A model behind an HTTP API: asks, reads the answer as it comes, and says what went wrong."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from pytest_symbiont.models import refusal
from pytest_symbiont.models.decode import decoded
from pytest_symbiont.models.endpoint import Endpoint, Passing
from pytest_symbiont.models.exchange import NO_KEY, Server, StatusError, lines
from pytest_symbiont.models.partial import Partial
from pytest_symbiont.models.told_tools import calls_in
from pytest_symbiont.models.trust import Trust
from pytest_symbiont.models.values import Answer, ModelError, PromptTooLongError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from pytest_symbiont.models.values import Listener, Request

_CONNECT_SECONDS = 10.0
_LONGEST_LIST = 10
_FIELDS_OF_EVENTS = (b"data:", b"event:", b"id:", b"retry:", b"error:", b":")
_MOST_LEFT_OUT = 12


class StreamError(Exception):
    """The server says in an answer's place that it failed; ``status`` is HTTP's, 0 where it says none."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.body = body


class Dialect(Protocol):
    """What tells one API from another. It keeps no state."""

    @property
    def variable(self) -> str:
        """The environment variable that the key comes from."""
        ...

    @property
    def url(self) -> str:
        """Where the API is, unless told otherwise."""
        ...

    @property
    def optional(self) -> Collection[str]:
        """The parameters that a server may refuse, and that can then be sent otherwise or not at all."""
        ...

    def sdk(self) -> Any:
        """Import the SDK: it takes half a second, and a session that asks nobody does not need it."""
        ...

    def client(self, sdk: Any) -> Callable[..., Any]: ...

    def body(self, name: str, url: str, request: Request, left_out: Sequence[str]) -> dict[str, Any]:
        """The request's body; ``left_out`` has a parameter as often as the server refused it."""
        ...

    def send(self, client: Any, body: Mapping[str, Any]) -> AbstractAsyncContextManager[Any]: ...

    def hear(self, event: bytes, heard: Partial) -> None:
        """Read one event of a stream. Raises `StreamError`, and ValueError for what is none."""
        ...

    def read(self, reply: bytes, heard: Partial) -> None:
        """Read a reply that is no stream, in the same way."""
        ...


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A model of a server; ``base_url`` None is the API's own.

    ``timeout`` is seconds for one try of one answer, the whole of it, ``silence`` for which the server may
    say nothing; it is tried ``retries`` times more where the server is busy, fails, breaks off or cannot be
    reached. ``endpoint`` is shared by the models of
    one server. Raises `SymbiontError` for a key that cannot be sent.
    """

    name: str
    base_url: str | None = field(repr=False)
    api_key: str = field(repr=False)
    dialect: Dialect = field(repr=False)
    timeout: float = 1_800.0
    silence: float = 180.0
    retries: int = 4
    endpoint: Endpoint = field(default_factory=Endpoint, repr=False, compare=False)
    _left_out: list[str] = field(default_factory=list, repr=False, compare=False)
    _trust: Trust = field(default_factory=Trust, repr=False, compare=False)

    def __post_init__(self) -> None:
        _ = self._server

    @property
    def replays(self) -> bool:
        return False

    @property
    def _server(self) -> Server:
        return Server(
            self.base_url or self.dialect.url,
            self.api_key,
            self.dialect.variable,
            self.timeout,
            min(self.silence, self.timeout),
        )

    async def answer(self, request: Request, listener: Listener | None = None) -> Answer:
        """Ask once. Raises `ModelError` with one sentence that says why there is no answer and what to do."""
        started = time.perf_counter()
        position = request.position
        heard = await self.endpoint.persist(
            lambda: self._once(request, listener), self.retries, (position.round, position.turn)
        )
        length = sum(len(message.content) for message in request.messages)
        called = sum(len(call.arguments) for call in heard.calls)
        return Answer(
            text=heard.text,
            model=self.name,
            prompt_tokens=_tokens(heard.prompt_tokens, length),
            generated_tokens=_tokens(
                heard.generated_tokens, len(heard.text) + len(heard.thoughts) + called, heard.pieces
            ),
            seconds=time.perf_counter() - started,
            finish=heard.finish or "stop",
            cached_tokens=heard.cached_tokens,
            counted=heard.prompt_tokens is not None and heard.generated_tokens is not None,
            calls=heard.calls or calls_in(heard.text, request.tools),
        )

    async def served(self) -> tuple[str, ...]:
        """The names of the models that the server lists. Raises `ModelError` where it does not answer."""
        return await self.endpoint.persist(self._list, self.retries)

    async def _once(self, request: Request, listener: Listener | None) -> Partial:
        sdk, server = self.dialect.sdk(), self._server
        while True:
            body = self.dialect.body(self.name, server.url, request, self._left_out)
            client = server.client(sdk, self.dialect.client(sdk), self._trust)
            heard = Partial(listener, tools=bool(request.tools))
            try:
                await server.exchange(
                    sdk,
                    client,
                    lambda: self.dialect.send(client, body),  # noqa: B023 - called before the next round
                    lambda chunks: self._hear(chunks, heard),  # noqa: B023
                )
            except StatusError as error:
                failure = error
            else:
                return heard
            sent = self.dialect.optional & body.keys()
            refused = refusal.refused_parameter(failure.status, failure.body, sent)
            too_long = refusal.is_too_long(failure.status, failure.body)
            if not refused or too_long or len(self._left_out) >= _MOST_LEFT_OUT:
                raise await self._explained(failure, too_long=too_long)
            self._left_out.append(refused)

    async def _hear(self, chunks: AsyncIterator[bytes], heard: Partial) -> None:
        """Read a stream of events; or, where the server does not stream, the whole reply."""
        whole: list[bytes] = []
        is_stream, is_over = False, False
        async for line in lines(chunks):
            is_stream = is_stream or (not whole and line.startswith(_FIELDS_OF_EVENTS))
            if not is_stream:
                whole += [line] if line.strip() or whole else []
                continue
            name, _, data = line.partition(b":")
            if data.strip() == b"[DONE]":
                is_over = True
                break
            if name in {b"data", b"error"}:
                self._guarded(self.dialect.hear, data.strip(), heard, is_stream=True)
            if heard.hung_up:
                return
        if not is_stream:
            self._guarded(self.dialect.read, b"\n".join(whole), heard, is_stream=False)
        elif not heard.finish and not is_over:
            raise self._server.broken_off("it ended before the answer did")

    def _guarded(
        self, read: Callable[[bytes, Partial], None], data: bytes, heard: Partial, *, is_stream: bool
    ) -> None:
        server = self._server
        problem: Exception
        try:
            read(data, heard)
        except StreamError as error:
            quoted = server.quote(error.body)
            if refusal.is_too_long(error.status or 400, error.body):
                problem = PromptTooLongError(f"the prompt does not fit into {self.name}'s context ({quoted})")
            elif is_stream and (not error.status or refusal.is_passing(error.status, {})):
                problem = server.broken_off(quoted)
            else:
                said = f" ({quoted})" if error.body else ""
                problem = ModelError(
                    f"{self.name} at {server.shown} sent no choices{said}: try again or name another model"
                )
        except ValueError:
            quoted = server.quote(data.decode(errors="replace"))
            problem = (
                server.broken_off(f"not to be read: {quoted}")
                if is_stream
                else ModelError(
                    f"{server.shown} sent no answer that can be read ({quoted}): is it the API's URL? "
                    "Most end in /v1"
                )
            )
        else:
            return
        raise problem

    async def _list(self) -> tuple[str, ...]:
        sdk, server = self.dialect.sdk(), self._server
        client = server.client(sdk, self.dialect.client(sdk), self._trust)

        async def read(chunks: AsyncIterator[bytes]) -> tuple[str, ...]:
            reply = b"".join([chunk async for chunk in chunks])
            try:
                return tuple(model.id for model in decoded(reply, _ServedList).data)
            except ValueError:
                quoted = server.quote(reply.decode(errors="replace"))
            raise ModelError(
                f"{server.shown} sent no list of models that can be read ({quoted}): is it the API's URL?"
            )

        try:
            return await server.exchange(sdk, client, client.models.with_streaming_response.list, read)
        except StatusError as error:
            failure = error
        raise await self._explained(failure, too_long=False)

    async def _explained(self, failure: StatusError, *, too_long: bool) -> Exception:
        """What a status means, as an exception for whoever asked."""
        server, status = self._server, failure.status
        quoted = server.quote(failure.body)
        if too_long:
            return PromptTooLongError(
                f"{server.shown}: the prompt does not fit into {self.name}'s context ({status}: {quoted})"
            )
        match status:
            case 401 | 403 if self.api_key == NO_KEY:
                problem, advice = "wants a key", f"set {server.variable}"
            case 401 | 403:
                problem = f"refused the key in {server.variable}"
                advice = f"set it to a key that may use {self.name or 'this server'}"
            case 404:
                problem, advice = f"has no {self.name or 'list of models'}", await self._advise_not_found()
            case 429:
                problem = "is too busy, or a quota is used up"
                advice = "wait a while and try again"
            case _ if status in refusal.PASSING or status >= 500:  # noqa: PLR2004 - HTTP's server errors
                problem, advice = "failed", "try again later, or look into the server's log"
            case _:
                problem = f"refused the request to {self.name}"
                advice = "change the setting that it names, or name another model"

        def told(tries: str) -> str:
            return f"{server.shown} {problem} ({status}, {tries}: {quoted}): {advice}"

        if refusal.is_passing(status, failure.headers):
            wait = refusal.retry_after(failure.headers)
            return Passing(told, wait=wait, busy=status in {429, 503, 529})
        return ModelError(told("1 try"))

    async def _advise_not_found(self) -> str:
        if not self.name:
            return "check the URL, most end in /v1"
        # Without a name, so that a 404 to this question as well asks no further.
        probe = replace(
            self, name="", retries=0, timeout=min(self.timeout, _CONNECT_SECONDS), endpoint=Endpoint()
        )
        try:
            return f"it serves {_listed(await probe.served())}"
        except ModelError:
            return "check the model's name and the URL, most end in /v1"


class _Served(msgspec.Struct):
    id: str


class _ServedList(msgspec.Struct):
    data: list[_Served]


def _tokens(counted: int | None, length: int, pieces: int = 1) -> int:
    """The server's count, or where it sends none the usual estimate of four characters a token.

    Most servers send a token a piece, and hardly any less.
    """
    return counted if counted is not None else max(1, pieces, length // 4)


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - _LONGEST_LIST
    listed = ", ".join(sorted(names)[:_LONGEST_LIST]) or "no model at all"
    return f"{listed} and {more} more" if more > 0 else listed
