"""An answer while it comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_symbiont.models.values import ToolCall
from pytest_symbiont.source.repetition import runs_away

if TYPE_CHECKING:
    from pytest_symbiont.models.values import Listener

# More than any function is; what an answer has beyond it is not waited for.
_LONGEST = 256 * 1024
_STEP = 1_000


@dataclass(slots=True)
class Partial:
    """What has come of an answer: its text, and how many pieces, a token each with most servers.

    ``finish`` is set where the answer is over: by the server, by the listener, or because it repeats itself
    (``repetition``) or is longer than any answer (``length``). ``hung_up`` says that it was not the server.
    ``tools`` says that tools were offered: a call of one is then no text.
    """

    listener: Listener | None = None
    text: str = ""
    thoughts: str = ""
    pieces: int = 0
    finish: str = ""
    prompt_tokens: int | None = None
    generated_tokens: int | None = None
    cached_tokens: int = 0
    hung_up: bool = False
    tools: bool = False
    _calls: dict[int, ToolCall] = field(default_factory=dict)
    _checked: int = 0

    def add(self, text: str, thoughts: str = "") -> None:
        """One more piece."""
        if not text and not thoughts:
            return
        self.pieces += 1
        self.text += text
        self.thoughts += thoughts
        self._heard()

    def add_call(self, number: int, *, id: str = "", name: str = "", arguments: str = "") -> None:  # noqa: A002 - the APIs' word
        """One more piece of a tool call, by its number in the answer; without tools it is text.

        Models that are tuned for tools call one that nobody offered, with the code as argument.
        """
        if not self.tools:
            self.add(arguments)
            return
        known = self._calls.get(number, ToolCall("", "", ""))
        self._calls[number] = ToolCall(known.id or id, known.name or name, known.arguments + arguments)
        self.pieces += 1
        self._heard()

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls of tools, in order; each has an id and arguments."""
        return tuple(
            ToolCall(call.id or f"call_{number}", call.name, call.arguments or "{}")
            for number, call in sorted(self._calls.items())
        )

    def _heard(self) -> None:
        if self.listener is not None and (word := self.listener.heard(self.text, self.pieces)):
            self._hang_up(word)
        called = sum(len(call.arguments) for call in self._calls.values())
        length = len(self.text) + len(self.thoughts) + called
        if length - self._checked >= _STEP:
            self._checked = length
            if runs_away(self.text) or runs_away(self.thoughts):
                self._hang_up("repetition")
            elif length > _LONGEST:
                self._hang_up("length")

    def _hang_up(self, finish: str) -> None:
        self.finish, self.hung_up = finish, True
