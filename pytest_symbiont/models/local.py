"""A llama-server of our own, for as long as a session."""

from __future__ import annotations

import ctypes
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models.values import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PROGRAM = "llama-server"
_CONTEXT_TOKENS = 8192
_MOST_SECONDS = 300.0
_LAST_WORDS = 500
_PR_SET_PDEATHSIG = 1


def find_server() -> str:
    """The program on PATH. Raises `SymbiontError` where there is none."""
    found = shutil.which(_PROGRAM)
    if found is None:
        raise SymbiontError(
            f"--evolve-model=local:…: there is no {_PROGRAM} on PATH; install llama.cpp, or start a server"
            " yourself and give NAME@http://HOST:PORT/v1"
        )
    return found


class LocalServer:
    """A ``llama-server`` for one model file on a free port of the loopback interface.

    ``slots`` is how many answers it gives at once, each with a context of 8,192 tokens. What it prints goes
    to ``log``. It ends with `stop`, and with pytest's process however that ends.
    """

    def __init__(self, model: Path, *, slots: int, log: Path) -> None:
        self._model = model
        self._slots = slots
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, tick: Callable[[], None]) -> str:
        """Start it and wait until the model is loaded: the URL of its API.

        ``tick`` is called while it loads. Raises `ModelError` with the server's last words where it ends.
        """
        program, port = find_server(), _free_port()
        arguments = [
            "--model", str(self._model), "--alias", self._model.stem,
            "--host", "127.0.0.1", "--port", str(port),
            "--parallel", str(self._slots), "--ctx-size", str(_CONTEXT_TOKENS * self._slots), "--jinja",
        ]  # fmt: skip
        prctl = ctypes.CDLL(None).prctl
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL),  # noqa: PLW1509 - one C call
            )
        self._await_health(f"http://127.0.0.1:{port}/health", tick)
        return f"http://127.0.0.1:{port}/v1"

    def stop(self) -> None:
        """End it, if it was started."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _await_health(self, url: str, tick: Callable[[], None]) -> None:
        assert self._process is not None  # noqa: S101 - it was just started
        opener = build_opener(ProxyHandler({}))
        deadline = time.monotonic() + _MOST_SECONDS
        while time.monotonic() < deadline:
            with suppress(subprocess.TimeoutExpired):
                code = self._process.wait(0.1)
                raise ModelError(
                    f"{_PROGRAM} ended with {code} while it loaded {self._model.name}: {self._words()}"
                )
            with suppress(URLError, OSError), opener.open(url, timeout=5):
                return
            tick()
        self.stop()
        raise ModelError(
            f"{_PROGRAM} did not load {self._model.name} within {_MOST_SECONDS:g} s: {self._words()}"
        )

    def _words(self) -> str:
        text = " ".join(self._log.read_text("utf-8", "replace").split())
        return text[-_LAST_WORDS:] or "it said nothing"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
