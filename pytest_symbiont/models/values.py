"""What goes to a model and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant", "tool"]
Thinking = Literal["off", "low", "medium", "high", "max"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool that the model asks for; ``arguments`` is JSON as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as it is offered; ``parameters`` is the JSON schema of its arguments, an object's."""

    name: str
    description: str
    parameters: str


@dataclass(frozen=True, slots=True)
class Message:
    """``calls`` are an assistant's; a message of the role ``tool`` is what the call ``answers`` came to."""

    role: Role
    content: str
    calls: tuple[ToolCall, ...] = ()
    answers: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a session an answer is asked for; rounds count from 1, all others from 0.

    ``turn`` is how many answers to the same question called tools before this one.
    """

    suite: str
    round: int
    lane: int = 0
    sample: int = 0
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Generation:
    """How answers are generated beside temperature, seed and length; the same for a whole session.

    ``top_p`` is above 0 and at most 1, ``stop`` ends an answer where it would say one of these. ``thinking``
    None leaves it to the model. ``extra`` is a JSON object that the request's body gets on top.
    """

    top_p: float | None = None
    stop: tuple[str, ...] = ()
    thinking: Thinking | None = None
    extra: str = ""


PLAIN = Generation()


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model. ``temperature`` is 0..2, ``max_tokens`` bounds the generated tokens."""

    messages: tuple[Message, ...]
    position: Position
    max_tokens: int
    temperature: float
    seed: int
    generation: Generation = PLAIN
    tools: tuple[Tool, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's text and its price.

    ``finish`` is the server's reason (``stop``, ``length``) or ours to hang up (``enough``, ``repetition``).
    ``cached_tokens`` of the prompt's were in the server's cache. ``counted`` is false where the server did
    not say how many tokens there were. ``replayed`` answers were recorded, ``resumed`` ones are of the
    session that this one goes on with. ``calls`` are those of tools that are to be answered before there is
    a function; ``results`` what they came to where that is known already.
    """

    text: str
    model: str
    prompt_tokens: int
    generated_tokens: int
    seconds: float
    finish: str = "stop"
    replayed: bool = False
    cached_tokens: int = 0
    counted: bool = True
    resumed: bool = False
    calls: tuple[ToolCall, ...] = ()
    results: tuple[str, ...] | None = None


class ModelError(Exception):
    """The model could not be asked (wrong key, no server, garbage instead of an answer); never recorded."""


class PromptTooLongError(ModelError):
    """The prompt does not fit into the model's context, or leaves too little of it for the answer."""


class Listener(Protocol):
    """Who is told of an answer while it comes."""

    def heard(self, text: str, tokens: int) -> str:
        """Told what has come, and how many tokens, thoughts included; a word that says why ends the answer.

        Called on the thread that asks.
        """
        ...


class Model(Protocol):
    """The seam to a language model. ``name`` says which, ``replays`` whether answers are recorded ones."""

    @property
    def name(self) -> str: ...

    @property
    def replays(self) -> bool: ...

    async def answer(self, request: Request, listener: Listener | None = None) -> Answer:
        """Ask once; cancelling it hangs up. Raises `ModelError` when there is no answer to be had."""
        ...
