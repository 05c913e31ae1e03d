"""The client of a worker: one process, two pipes, a deadline for every call.

The frames are those of `native/worker/src/message.rs` and `call.rs`.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import select
import signal
import struct
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from pytest_symbiont.bridge.answers import answers_of
from pytest_symbiont.bridge.frame import WORD, lay_out
from pytest_symbiont.bridge.pace import Pace
from pytest_symbiont.bridge.reply import Panicked, Refused, Reply, Returned
from pytest_symbiont.build.isolation import LAYERS
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_symbiont.bridge.answers import Answers
    from pytest_symbiont.bridge.arguments import Passed

Bytes = bytes | bytearray | memoryview

_HEADER = struct.Struct("<8sQQQQ")
_COUNTS = struct.Struct("<QQ")
_ROW = struct.Struct("<QQQQ")
_ALIGNMENT = 16
# A reply of up to so many bytes comes in one piece, into memory that is there already.
_SHORT = 4096
_MAGIC = b"SYMBIONT"
_LOAD, _CALL, _LOADED, _REFUSED, _RETURNED, _PANICKED = range(1, 7)
_CALL_OF_MANY, _DENIED, _ASK, _ANSWER, _RAISED = range(7, 12)
# So many answers of Python cost a call no time of its own; more do, so that asking for ever ends.
_FREE_ANSWERS = 100
_NO_DATA = (1 << 64) - 1
_MAX_REPLY = 1 << 30
_MAX_OUTPUT = 64 * 1024
# What was said last says why it ended, however much was printed before.
_LAST_WORDS = 512
_MOST_DEED = 80
# The most that the kernel lets any user give a pipe: a megabyte goes through in one piece, not in sixteen.
_PIPE = 1 << 20
_GRACE = 1.0
# For so long a reply is looked for, where that pays.
_LOOKS = 50e-6
_START_TIMEOUT = 60.0
# poll takes a C int: a longer wait is an error to it, and 24 days are for ever.
_LONGEST_POLL = 2**31 - 1


class Callee(NamedTuple):
    """What a worker loads to call one target."""

    shim: Path
    build: Path
    symbol: str


class WorkerLate(Exception):  # noqa: N818 - a fact, turned into RustTimeout with the call's details
    """No answer within the deadline; the worker was killed."""


class WorkerDied(Exception):  # noqa: N818 - a fact, turned into RustCrash with the call's details
    """The worker ended, or answered with something that is no answer."""


class Worker:
    """One running worker. It is used by one thread at a time and is not reused after an error.

    ``layers`` are those of the sandbox that it is to put on; once it has loaded, those that hold. With a
    ``seed``, which is not 0, hash maps are seeded by what follows from it, and not by the kernel.
    """

    def __init__(self, executable: Path, layers: Sequence[str] = LAYERS, *, seed: int | None = None) -> None:
        request_read, self._requests = os.pipe()
        self._replies, reply_write = os.pipe()
        self._output_pipe, output_write = os.pipe()
        # By this the worker sees that pytest was killed while a call ran. PR_SET_PDEATHSIG would be shorter,
        # but it follows the thread that started the worker, and a test may call from threads that end.
        parent = os.pidfd_open(os.getpid())
        told = [request_read, reply_write, parent, ",".join(layers), *([] if seed is None else [seed])]
        try:
            self._process = subprocess.Popen(
                [str(executable), *map(str, told)],
                pass_fds=(request_read, reply_write, parent),
                stdin=subprocess.DEVNULL,
                stdout=output_write,
                stderr=output_write,
                env={},
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            for descriptor in (self._requests, self._replies, self._output_pipe):
                os.close(descriptor)
            raise SymbiontError(f"the worker could not be started: {error}") from None
        finally:
            for descriptor in (request_read, reply_write, output_write, parent):
                os.close(descriptor)
        self._pid = os.pidfd_open(self._process.pid)
        for descriptor in (self._requests, self._replies, self._output_pipe):
            os.set_blocking(descriptor, False)
        for descriptor in (self._requests, self._replies):
            with suppress(OSError):  # a user has only so much of it
                fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE)
        self._poll = select.poll()
        for descriptor in (self._replies, self._pid, self._output_pipe):
            self._poll.register(descriptor, select.POLLIN)
        self._output = bytearray()
        self._last_words = b""
        self.layers: tuple[str, ...] = ()
        self._received = memoryview(bytearray(_SHORT))
        self._pace = Pace()
        self.alive = True

    def load(self, callees: Sequence[Callee], *, timeout: float) -> None:
        """Load all that this worker will ever call: builds behind shims, called by their index.

        This comes first and once: the sandbox shuts before the builds are loaded.
        """
        texts = [os.fsencode(text) + b"\0" for callee in callees for text in callee]
        kind, _, reply = self._ask(_LOAD, 0, texts, timeout)
        said = str(reply, "utf-8", "replace")
        if kind == _REFUSED:
            raise SymbiontError(f"a build could not be loaded: {said}")
        if kind != _LOADED:
            raise self._nonsense()
        self.layers = tuple(said.splitlines())

    def call(self, callee: int, passed: Sequence[Passed], *, timeout: float) -> Reply:
        """Call; buffers that go back are filled in. ``timeout`` is in seconds."""
        words, buffers = lay_out(passed)
        rows: list[bytes] = []
        data: list[bytes | memoryview] = []
        end = _COUNTS.size + len(words) + _ROW.size * len(buffers)
        for word, buffer in buffers:
            padding = -end % _ALIGNMENT
            rows.append(_ROW.pack(word, end + padding, buffer.memory.nbytes, buffer.back))
            data += bytes(padding), buffer.memory
            end += padding + buffer.memory.nbytes
        counts = _COUNTS.pack(len(words) // WORD, len(buffers))
        asked = _CALL_OF_MANY if self._pace.looks else _CALL
        began = time.perf_counter()
        body = [counts, words, *rows, *data]
        kind, _, reply = self._ask(asked, callee, body, timeout, answers_of(passed))
        self._pace.took(time.perf_counter() - began)
        changed = [buffer.memory for _, buffer in buffers if buffer.back]
        tail = len(reply) - sum(memory.nbytes for memory in changed)
        result = self._read_reply(kind, reply[: max(tail, 0)])
        for memory in changed:
            memory[:] = reply[tail : tail + memory.nbytes]
            tail += memory.nbytes
        return result

    def take_output(self) -> bytes:
        """What was printed before the last reply and not taken yet, at most 64 KiB of it."""
        if not self._output:
            return b""
        taken = bytes(self._output)
        self._output.clear()
        return taken

    def close(self) -> None:
        """End the worker and everything in its session."""
        if not self.alive:
            return
        self.alive = False
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._drain()
        for descriptor in (self._requests, self._replies, self._output_pipe, self._pid):
            os.close(descriptor)

    def _ask(
        self,
        kind: int,
        callee: int,
        body: Sequence[Bytes],
        timeout: float,
        answers: Answers | None = None,
    ) -> tuple[int, int, memoryview]:
        """Send a frame and wait for its reply, whose body is looked at before the next one is asked for."""
        request = secrets.randbits(64)
        deadline = time.monotonic() + timeout
        header = _HEADER.pack(_MAGIC, kind, request, callee, sum(map(len, body)))
        frame = b"".join((header, *body))
        try:
            return self._exchange(request, frame, deadline, answers)
        except BaseException:
            # Also a signal handler's, such as a test's own alarm: the reply is not to answer another call.
            self.close()
            raise

    def _exchange(
        self, request: int, frame: bytes, deadline: float, answers: Answers | None
    ) -> tuple[int, int, memoryview]:
        """Send a frame and answer what is asked until the reply comes.

        While Python gives one of the first answers, no time runs.
        """
        self._send(frame, deadline)
        free = _FREE_ANSWERS
        while True:
            kind, number, reply = self._frame(request, deadline)
            if kind != _ASK:
                return kind, number, reply
            if answers is None:
                raise self._nonsense()
            began = time.monotonic()
            answer = answers.answer(number, bytes(reply))
            if free:
                free -= 1
                deadline += time.monotonic() - began
            if not self.alive:  # a call that was made meanwhile ended it
                raise WorkerDied("its worker was ended by a call that its callable made")
            kind, answer = (_RAISED, b"") if answer is None else (_ANSWER, answer)
            self._send(_HEADER.pack(_MAGIC, kind, request, 0, len(answer)) + answer, deadline)

    def _frame(self, request: int, deadline: float) -> tuple[int, int, memoryview]:
        count = self._receive(self._received, _HEADER.size, deadline)
        magic, answered, echo, callee, length = _HEADER.unpack_from(self._received)
        end = _HEADER.size + length
        if magic != _MAGIC or echo != request or length > _MAX_REPLY or count > end:
            raise self._nonsense()
        reply = self._received
        if end > _SHORT:
            reply = memoryview(bytearray(end))
            reply[:count] = self._received[:count]
        self._receive(reply[count:end], end - count, deadline)
        if answered == _DENIED:
            raise self._refused_by_sandbox(reply[_HEADER.size : end])
        return answered, callee, reply[_HEADER.size : end]

    def _refused_by_sandbox(self, reply: memoryview) -> WorkerDied:
        self.close()
        # Short and plain, whoever wrote it: the pipe is also within reach of what ended.
        deed = "".join(filter(str.isprintable, str(reply[:_MOST_DEED], "ascii", "replace")))
        return WorkerDied(f"the sandbox ended it, because it tried to {deed}")

    def _read_reply(self, kind: int, reply: memoryview) -> Reply:
        try:
            if kind == _RETURNED:
                (length,) = struct.unpack_from("<Q", reply, 16)
                data = None if length == _NO_DATA else bytes(reply[24:])
                if len(reply) - 24 == (0 if data is None else length):
                    return Returned(bytes(reply[:16]), data)
            if kind == _PANICKED:
                line, column, message, file = struct.unpack_from("<QQQQ", reply)
                if len(reply) == 32 + message + file:
                    texts = reply[32 : 32 + message], reply[32 + message :]
                    said, where = (str(text, "utf-8", "replace") for text in texts)
                    return Panicked(said, where, line, column)
            if kind == _REFUSED:
                return Refused(str(reply, "utf-8", "replace"))
        except struct.error:
            pass
        raise self._nonsense()

    def _nonsense(self) -> WorkerDied:
        self.close()
        return WorkerDied("its worker gave an answer that is none")

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._requests, view) :]
            except BlockingIOError:
                self._poll.register(self._requests, select.POLLOUT)
                self._wait(deadline)
                self._poll.unregister(self._requests)
            except BrokenPipeError:
                raise self._ended() from None

    def _receive(self, memory: memoryview, least: int, deadline: float) -> int:
        """Fill the memory with at least so many bytes; returns how many came."""
        count = 0
        while count < least:
            # What was printed before a reply is ready with it, so one wait sees both.
            if self._wait(deadline).get(self._replies):
                part = os.readv(self._replies, [memory[count:]])
                if not part:
                    raise self._ended()
                count += part
        return count

    def _wait(self, deadline: float) -> dict[int, int]:
        """Wait for the worker to do something. Its end counts, not only the end of its pipe."""
        events = dict(self._events(deadline))
        if not events:
            self.close()
            raise WorkerLate
        if self._output_pipe in events:
            self._drain()
        if self._pid in events and not events.get(self._replies, 0) & select.POLLIN:
            raise self._ended()
        return events

    def _events(self, deadline: float) -> list[tuple[int, int]]:
        now = time.monotonic()
        until = min(now + _LOOKS, deadline) if self._pace.looks else now
        while now < until:
            if events := self._poll.poll(0):
                return events
            now = time.monotonic()
        return self._poll.poll(min((deadline - now) * 1000, _LONGEST_POLL)) if now < deadline else []

    def _ended(self) -> WorkerDied:
        status = self._last_status()
        self.close()
        if b"has overflowed its stack" in self._last_words:
            return WorkerDied("stack overflow (endless recursion?)")
        if b"memory allocation of" in self._last_words:
            return WorkerDied("out of memory (more than 4 GiB)")
        if status < 0:
            return WorkerDied(f"its worker was killed by {_signal_name(-status)}")
        return WorkerDied(f"its worker ended with status {status} and gave no answer")

    def _last_status(self) -> int:
        try:
            return self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            # It closed its pipe and lives on.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            return self._process.wait()

    def _drain(self) -> None:
        with suppress(OSError, KeyError):
            while part := os.read(self._output_pipe, _MAX_OUTPUT):
                self._output += part[: max(0, _MAX_OUTPUT - len(self._output))]
                self._last_words = (self._last_words + part)[-_LAST_WORDS:]
            # The other end is closed: nothing more can come, and a closed pipe is always ready.
            self._poll.unregister(self._output_pipe)


def probe(executable: Path, layers: Sequence[str]) -> tuple[str, ...]:
    """Which of these layers hold on this machine."""
    worker = Worker(executable, layers)
    try:
        worker.load([], timeout=_START_TIMEOUT)
    except (WorkerDied, WorkerLate) as problem:
        raise SymbiontError(f"the worker does not start here: {problem}") from None
    finally:
        worker.close()
    return worker.layers


def _signal_name(number: int) -> str:
    meanings = {
        "SIGSYS": "a system call that the sandbox forbids",
        "SIGSEGV": "invalid memory access",
        "SIGABRT": "abort",
        "SIGKILL": "killed, out of memory?",
    }
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
    return f"{name} ({meanings[name]})" if name in meanings else name
