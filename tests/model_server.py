"""A model server that answers by script, over real HTTP: what every end-to-end test evolves against.

with ModelServer(["```rust\\nfn f() {}\\n```", Fault(500), "better"]) as server:
    ...  # OPENAI_BASE_URL=server.url
assert server.requests[0].body["messages"]
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


def _retry_at_once() -> Mapping[str, str]:
    # The SDK takes Retry-After: 0 for "not said" and backs off for seconds; this one it obeys.
    return {"retry-after-ms": "1"}


@dataclass(frozen=True, slots=True)
class Fault:
    """Any other response than an answer. A ``body`` that is no text is sent as JSON."""

    status: int
    body: object = ""
    headers: Mapping[str, str] = field(default_factory=_retry_at_once)
    content_type: str = "application/json"

    def encoded(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()

    def all_headers(self) -> Mapping[str, str]:
        length = str(len(self.encoded()))
        return {"content-type": self.content_type, "content-length": length, **self.headers}

    def written(self) -> Iterable[bytes]:
        yield self.encoded()


@dataclass(frozen=True, slots=True)
class Drip(Fault):
    """A stream whose pieces are sent one by one, each when `pieces` yields it; it ends where they end."""

    status: int = 200
    content_type: str = "text/event-stream"
    pieces: Callable[[], Iterable[str]] = tuple

    def all_headers(self) -> Mapping[str, str]:
        return {"content-type": self.content_type, **self.headers}

    def written(self) -> Iterable[bytes]:
        for piece in self.pieces():
            yield piece.encode()


@dataclass(frozen=True, slots=True)
class Received:
    """One request for an answer; header names are in lower case."""

    body: Any
    headers: Mapping[str, str]


Scripted = str | Fault | Callable[[Any], str | Fault]


class Loopback:
    """Serves HTTP on loopback while it is entered, by ``handler``."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._http = _HTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class ModelServer(Loopback):
    """Serves ``script`` in order, an entry a request: the text of an answer, a fault, or what a function of
    the request's JSON returns. After the last entry it repeats that (``repeat``) or fails for good.

    ``models`` are the names under ``/v1/models``; None, and there is no such list.
    """

    def __init__(
        self,
        script: Sequence[Scripted],
        *,
        repeat: bool = False,
        models: Sequence[str] | None = ("scripted",),
    ) -> None:
        self.requests: list[Received] = []
        self._script = list(script)
        self._repeat = repeat
        self._models = models
        self._lock = threading.Lock()
        super().__init__(self._handler())

    def respond_to_chat(self, received: Received) -> Fault:
        with self._lock:
            number = len(self.requests)
            self.requests.append(received)
        if number >= len(self._script) and not (self._repeat and self._script):
            return _final(f"script exhausted: request {number + 1} of {len(self._script)}")
        scripted = self._script[min(number, len(self._script) - 1)]
        try:
            response = scripted(received.body) if callable(scripted) else scripted
        except Exception as error:  # noqa: BLE001 - a bug in a test's function is to show in that test
            return _final(f"script failed: {error!r}")
        if isinstance(response, Fault):
            return response
        if received.body.get("stream"):
            return Fault(200, _stream(received.body, response), content_type="text/event-stream")
        return Fault(200, _completion(received.body, response))

    def respond_to_models(self) -> Fault:
        if self._models is None:
            return _final("no list of models", 404)
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": "tests"} for name in self._models]
        return Fault(200, {"object": "list", "data": listed})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                if self.path in {"/v1/chat/completions", "/v1/messages"}:
                    self._send(script.respond_to_chat(Received(json.loads(body), headers)))
                else:
                    self._send(_final(f"no {self.path}", 404))

            def do_GET(self) -> None:
                known = self.path == "/v1/models"
                self._send(script.respond_to_models() if known else _final(f"no {self.path}", 404))

            def _send(self, response: Fault) -> None:
                self.send_response(response.status)
                for name, value in response.all_headers().items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in response.written():
                    self.wfile.write(piece)
                    self.wfile.flush()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                """Keep standard error to the test."""

        return Handler


class _HTTPServer(ThreadingHTTPServer):
    request_queue_size = 64  # lanes ask at the same time

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone away is what some tests are about."""


def _final(message: str, status: int = 500) -> Fault:
    """An error that the SDK does not retry."""
    return Fault(status, {"error": {"message": message}}, {"x-should-retry": "false"})


def events(*parts: object) -> str:
    """A stream of server-sent events with these values as JSON, and the end of it."""
    told = [part if isinstance(part, str) else json.dumps(part) for part in (*parts, "[DONE]")]
    return "".join(f"data: {event}\n\n" for event in told)


def delta(text: str = "", finish: str | None = None, **more: object) -> dict[str, object]:
    """A piece of an answer, as an event."""
    return {"choices": [{"index": 0, "delta": {"content": text, **more}, "finish_reason": finish}]}


def called(*calls: tuple[str, str], text: str = "") -> Fault:
    """An answer that calls tools, each with its arguments in two pieces, as servers stream them."""
    parts: list[object] = [delta(text)] if text else []
    for number, (name, arguments) in enumerate(calls):
        half = len(arguments) // 2
        begun = {"index": number, "id": f"call-{number}", "type": "function"}
        parts.append(delta(tool_calls=[{**begun, "function": {"name": name, "arguments": arguments[:half]}}]))
        parts.append(delta(tool_calls=[{"index": number, "function": {"arguments": arguments[half:]}}]))
    usage = {"prompt_tokens": 100, "completion_tokens": 10}
    told = events(*parts, delta(finish="tool_calls"), {"choices": [], "usage": usage})
    return Fault(200, told, content_type="text/event-stream")


def usage_of(request: Any, text: str) -> dict[str, int]:
    """What an answer costs: a token for every four characters."""
    prompt = sum(len(message["content"]) for message in request["messages"])
    usage = {"prompt_tokens": prompt // 4 + 1, "completion_tokens": len(text) // 4 + 1}
    return usage | {"total_tokens": sum(usage.values())}


def _stream(request: Any, text: str) -> str:
    pieces = [delta(text[start : start + 4]) for start in range(0, len(text), 4)]
    return events(*pieces, delta(finish="stop"), {"choices": [], "usage": usage_of(request, text)})


def _completion(request: Any, text: str) -> dict[str, object]:
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion",
        "created": 0,
        "model": request["model"],
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": usage_of(request, text),
    }
