"""What goes to a model and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a session an answer is asked for; rounds, lanes and samples count from 1, 0 and 0."""

    suite: str
    round: int
    lane: int = 0
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model. ``temperature`` is 0..2, ``max_tokens`` bounds the generated tokens."""

    messages: tuple[Message, ...]
    position: Position
    max_tokens: int
    temperature: float
    seed: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's text and its price; ``finish`` is the server's reason (``stop``, ``length``)."""

    text: str
    model: str
    prompt_tokens: int
    generated_tokens: int
    seconds: float
    finish: str = "stop"
    replayed: bool = False


class ModelError(Exception):
    """The model could not be asked (wrong key, no server, garbage instead of an answer); never recorded."""


class Model(Protocol):
    """The seam to a language model. ``name`` says which, ``replays`` whether answers are recorded ones."""

    @property
    def name(self) -> str: ...

    @property
    def replays(self) -> bool: ...

    def answer(self, request: Request) -> Answer:
        """Ask once. Raises `ModelError` when there is no answer to be had."""
        ...
