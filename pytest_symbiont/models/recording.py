"""Recorded answers: one JSON Lines file a suite, found again by what was asked or by where it was asked."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models.values import PLAIN, Answer, Generation, Message, Position, Request, ToolCall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Mode = Literal["none", "new", "all"]

# How a line begins that is no answer.
NOTE = b'{"measured":'
TRIED = b'{"tried":'
_LONGEST_STEM = 80


@dataclass(frozen=True, slots=True)
class Parameters:
    """How an answer was asked for; ``generation`` is there where one of its settings was set."""

    max_tokens: int
    temperature: float
    seed: int
    generation: Generation | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a recording.

    ``prompt`` has one ``role:digest`` a message: enough to say which message changed since, and a file that
    stays small and readable. ``messages`` holds them in full, in the folder that keeps everything, where
    ``session`` says which one asked. ``counted`` is there where the server did not count the tokens.
    ``calls`` are the tools that the answer called; the next entry, whose ``turn`` is one more, has in
    ``told`` what they came to.
    """

    key: str
    suite: str
    round: int
    lane: int
    sample: int
    model: str
    parameters: Parameters
    prompt: tuple[str, ...]
    answer: str
    prompt_tokens: int
    generated_tokens: int
    finish: str
    counted: bool | msgspec.UnsetType = msgspec.UNSET
    turn: int | msgspec.UnsetType = msgspec.UNSET
    told: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    calls: tuple[ToolCall, ...] | msgspec.UnsetType = msgspec.UNSET
    session: str | msgspec.UnsetType = msgspec.UNSET
    messages: tuple[Message, ...] | msgspec.UnsetType = msgspec.UNSET

    @property
    def answered(self) -> Answer:
        """The answer, as it was given."""
        return Answer(
            text=self.answer,
            model=self.model,
            prompt_tokens=self.prompt_tokens,
            generated_tokens=self.generated_tokens,
            seconds=0.0,
            finish=self.finish,
            counted=self.counted is msgspec.UNSET or bool(self.counted),
            calls=self.calls or (),
        )

    @property
    def position(self) -> Position:
        return Position(self.suite, self.round, self.lane, self.sample, self.turn or 0)


@dataclass(frozen=True, slots=True)
class Found:
    """A recorded answer. ``changed`` says in what the request differs from the recorded one, if it does.

    ``results`` are what the tools that it called came to, where that was recorded.
    """

    entry: Entry
    changed: str = ""
    results: tuple[str, ...] | None = None

    @property
    def answered(self) -> Answer:
        """The answer, with what its calls came to."""
        return replace(self.entry.answered, results=self.results)


# What stands in the first messages of every prompt.
_MESSAGES = {
    (1, "system"): "pytest-symbiont's own instructions changed",
    (2, "user"): "the Rust file, its tests or what they found changed",
}


class Recording:
    """The recorded answers of one suite in one file, which need not be there yet. Threads may share it.

    ``mode`` says what `append` does: nothing (``none``), add what is not there yet (``new``), or replace the
    file by this session's answers (``all``). The file is read when it is first needed; a bad line is a
    `SymbiontError` with its number.
    """

    def __init__(self, path: Path, mode: Mode = "none") -> None:
        self.path = path
        self._mode = mode
        self._entries: list[Entry] | None = None
        self._notes: list[bytes] = []
        self._replace = mode == "all"
        self._lock = threading.Lock()

    def find(self, request: Request) -> Found | None:
        """The answer to this very request, or to the one asked at its position, or None.

        Lanes that ask the same share a key, so of several the one at the request's position comes first. A
        key holds the model's name, which replaying does not know: every model of the recording is tried.
        """
        with self._lock:
            entries = tuple(self._known())
        here = [entry for entry in entries if entry.position == request.position]
        keys = {key_of(request, model) for model in {entry.model for entry in entries}}
        for entry in (*here, *entries):
            if entry.key in keys:
                return Found(entry, results=results_of(entry, entries))
        if not here:
            return None
        return Found(here[-1], _difference(here[-1], request), results_of(here[-1], entries))

    def prepare(self) -> None:
        """Read what `append` will compare with, so that a bad file shows before an answer was paid for."""
        if self._mode == "new":
            with self._lock:
                self._known()

    def append(self, request: Request, answer: Answer) -> None:
        """Record a live answer as the mode says. Raises `SymbiontError` where the file cannot be written."""
        if self._mode == "none":
            return
        entry = entry_of(request, answer)
        with self._lock:
            if self._replace:
                guarded(replace_file, self.path, line_of(entry))
                self._replace, self._entries, self._notes = False, [entry], []
            elif not any(_same_question(known, entry) for known in self._known()):
                guarded(append_to_file, self.path, line_of(entry))
                self._known().append(entry)

    def notes(self) -> tuple[bytes, ...]:
        """The lines that are no answers: what was measured of them."""
        with self._lock:
            self._known()
            return tuple(self._notes)

    def note(self, line: bytes) -> None:
        """Record a line beside the answers, as the mode says; none is recorded twice."""
        if self._mode == "none":
            return
        with self._lock:
            if self._replace:
                guarded(replace_file, self.path, line + b"\n")
                self._replace, self._entries, self._notes = False, [], [line]
                return
            self._known()
            if line not in self._notes:
                guarded(append_to_file, self.path, line + b"\n")
                self._notes.append(line)

    def _known(self) -> list[Entry]:
        if self._entries is None:
            self._entries, self._notes = _read(self.path)
        return self._entries


class Recordings:
    """The recordings of a session, each read when its suite first asks.

    ``folder_for`` gives the folder that a suite's file is in.
    """

    def __init__(self, folder_for: Callable[[str], Path], mode: Mode = "none") -> None:
        self._folder_for = folder_for
        self._mode = mode
        self._by_suite: dict[str, Recording] = {}
        self._lock = threading.Lock()

    def of(self, suite: str) -> Recording:
        with self._lock:
            if suite not in self._by_suite:
                path = self._folder_for(suite) / file_name(suite)
                self._by_suite[suite] = Recording(path, self._mode)
            return self._by_suite[suite]


def key_of(request: Request, model: str) -> str:
    r"""What makes two requests the same: model, messages, parameters and sample number, as a SHA-256.

    Messages count without the white space around them and with ``\n`` as line end, so that neither an editor
    nor a checkout makes a recording stale.
    """
    asked = [
        model,
        [(message.role, _plain(message), *_called(message)) for message in request.messages],
        (request.max_tokens, float(request.temperature), request.seed),
        request.position.sample,
        *([request.generation] if request.generation != PLAIN else []),
        *([request.tools] if request.tools else []),
    ]
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()


def entry_of(
    request: Request, answer: Answer, messages: tuple[Message, ...] | msgspec.UnsetType = msgspec.UNSET
) -> Entry:
    position = request.position
    return Entry(
        key=key_of(request, answer.model),
        suite=position.suite,
        round=position.round,
        lane=position.lane,
        sample=position.sample,
        model=answer.model,
        parameters=Parameters(
            request.max_tokens,
            float(request.temperature),
            request.seed,
            msgspec.UNSET if request.generation == PLAIN else request.generation,
        ),
        prompt=tuple(map(_digest, request.messages)),
        answer=answer.text,
        prompt_tokens=answer.prompt_tokens,
        generated_tokens=answer.generated_tokens,
        finish=answer.finish,
        counted=msgspec.UNSET if answer.counted else False,
        turn=position.turn or msgspec.UNSET,
        told=_told(request) or msgspec.UNSET,
        calls=answer.calls or msgspec.UNSET,
        messages=messages,
    )


def file_name(suite: str) -> str:
    """A portable name for a suite's file: ``counter.rs::step`` is kept in ``counter.rs-step.jsonl``.

    Where a character had to be replaced or a long name (many targets) was cut, a digest keeps names apart.
    """
    words = re.sub(r"::|[\s,+]+", "-", suite)
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", words)
    short = re.sub(r"-{2,}", "-", stem)[:_LONGEST_STEM].strip("-.") or "suite"
    if stem != words or len(stem) > _LONGEST_STEM:
        short = f"{short}-{hashlib.sha256(suite.encode()).hexdigest()[:8]}"
    return f"{short}.jsonl"


def _plain(message: Message) -> str:
    return message.content.replace("\r\n", "\n").strip()


def _digest(message: Message) -> str:
    return f"{message.role}:{hashlib.sha256(_plain(message).encode()).hexdigest()[:12]}"


def _called(message: Message) -> list[object]:
    """What a message about tools has beside its text."""
    return [message.calls, message.answers] if message.calls or message.answers else []


def _told(request: Request) -> tuple[str, ...]:
    """What the tools came to that the last answer called."""
    results: list[str] = []
    for message in reversed(request.messages):
        if message.role == "assistant":
            break
        results += [message.content] if message.role == "tool" else []
    return tuple(reversed(results))


def results_of(entry: Entry, entries: Iterable[Entry]) -> tuple[str, ...] | None:
    """What the tools came to that an answer called: the one after it was told."""
    following = replace(entry.position, turn=entry.position.turn + 1)
    told = [other.told for other in entries if entry.calls and other.position == following]
    return next((results for results in reversed(told) if results), None)


def _same_question(one: Entry, other: Entry) -> bool:
    # Lanes that ask the same get answers of their own, and replaying must tell them apart.
    return (one.key, one.position) == (other.key, other.position)


def _difference(entry: Entry, request: Request) -> str:
    """In what the request differs from the recorded one at the same position, as a phrase."""
    asked = entry_of(request, Answer("", entry.model, 0, 0, 0.0))
    changes = [
        f"{name} {was} is now {now}"
        for name in ("max_tokens", "temperature", "seed", "generation")
        if (was := getattr(entry.parameters, name)) != (now := getattr(asked.parameters, name))
    ]
    if len(entry.prompt) != len(asked.prompt):
        changes.append(f"the prompt had {len(entry.prompt)} messages and has {len(asked.prompt)}")
    for number, (was, now) in enumerate(zip(entry.prompt, asked.prompt, strict=False), start=1):
        if was != now:
            role = now.partition(":")[0]
            changes.append(_MESSAGES.get((number, role), f"message {number} ({role}) changed"))
    return ", ".join(changes) or "the entry's key is not the one of its own request"


def _read(path: Path) -> tuple[list[Entry], list[bytes]]:
    """The answers of a recording, and the lines that are none."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return [], []
    except OSError as error:
        raise SymbiontError(f"{path}: the recording cannot be read ({error.strerror})") from None
    notes = [line for line in lines if line.startswith(NOTE)]
    entries = [
        _entry(path, number, line)
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.startswith(NOTE)
    ]
    return entries, notes


def _entry(path: Path, number: int, line: bytes) -> Entry:
    try:
        return msgspec.json.decode(line, type=Entry)
    except (msgspec.MsgspecError, ValueError) as error:  # ValueError: bytes that are no UTF-8
        raise SymbiontError(
            f"{path}:{number}: not a recorded answer ({error}); delete this line or record again with"
            " --evolve-record=all"
        ) from None


def line_of(entry: Entry) -> bytes:
    return msgspec.json.encode(entry) + b"\n"


def guarded(write: Callable[[Path, bytes], None], path: Path, line: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, line)
    except OSError as error:
        raise SymbiontError(f"{path}: the answer cannot be recorded ({error.strerror})") from None


def append_to_file(path: Path, line: bytes) -> None:
    # One system call for the whole line: a killed run leaves no half of one. The lock is for the look at
    # what is there: another run may be in the middle of a line.
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":  # an editor took the last line end away
            line = b"\n" + line
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, line: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with beside.open("wb") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
