"""A model server in front of another one: what was answered before is answered again, from a folder.

The same request (prompt, seed, temperature, …) gets the same answer: strategies share what they ask alike, a
comparison that was stopped goes on where it was, and what was recorded is replayed without a model.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from model_server import Loopback

_TIMEOUT = 600
_PIECE = 4096
_OK = 200


class AnswerServer(Loopback):
    """Serves on loopback; ``upstream`` is the base URL of the real server, None and nobody is asked.

    An answer is read to its end and kept whole, also where whoever asked has heard enough or did not wait;
    the next one hangs up at the same place.
    """

    def __init__(self, folder: Path, upstream: str | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.asked = self.reused = 0
        self._folder = folder
        self._upstream = upstream
        self._one_at_a_time = threading.Lock()
        super().__init__(self._handler())

    def _place(self, body: bytes) -> Path:
        """Where a request's answer is, by all that the request says."""
        asked = json.dumps(json.loads(body), sort_keys=True)
        return self._folder / f"{hashlib.sha256(asked.encode()).hexdigest()[:40]}.sse"

    def _handler(self) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - a class of small methods
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                place = server._place(body)
                if place.is_file():
                    server.reused += 1
                    self._begin()
                    self.wfile.write(place.read_bytes())
                    return
                if server._upstream is None:
                    self._refuse(404, "not recorded")
                    return
                with server._one_at_a_time:
                    if place.is_file():  # somebody has asked again while the first one waited
                        self._begin()
                        self.wfile.write(place.read_bytes())
                    else:
                        self._forward(server._upstream, body, place)

            def do_GET(self) -> None:
                self._refuse(404, "no list of models")

            def _forward(self, upstream: str, body: bytes, place: Path) -> None:
                server.asked += 1
                url = urlsplit(upstream)
                connection = http.client.HTTPConnection(url.hostname or "", url.port or 80, timeout=_TIMEOUT)
                try:
                    headers = {"content-type": "application/json", "authorization": "Bearer none"}
                    connection.request("POST", f"{url.path}/chat/completions", body, headers)
                    reply = connection.getresponse()
                    if reply.status != _OK:
                        self._refuse(reply.status, reply.read().decode("utf-8", "replace"))
                        return
                    self._begin()
                    heard = self._pass_on(reply)
                    if not heard.rstrip().endswith(b"[DONE]"):
                        return
                finally:
                    connection.close()
                beside = place.with_suffix(".part")
                beside.write_bytes(heard)
                beside.replace(place)

            def _pass_on(self, reply: http.client.HTTPResponse) -> bytes:
                heard, wanted = b"", True
                while piece := reply.read1(_PIECE):
                    heard += piece
                    try:
                        if wanted:
                            self.wfile.write(piece)
                            self.wfile.flush()
                    except OSError:
                        wanted = False
                return heard

            def _begin(self) -> None:
                self.send_response(_OK)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()

            def _refuse(self, status: int, why: str) -> None:
                data = json.dumps({"error": {"message": why}}).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                """A comparison has its own output."""

        return Handler
