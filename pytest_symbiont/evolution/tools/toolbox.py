"""The tools of one suite, and what models are told when they call them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.evolution.failure import clip
from pytest_symbiont.models.tools import ToolError
from pytest_symbiont.models.values import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.models.tools import Usable
    from pytest_symbiont.models.values import Answer, Request, Tool, ToolCall

MOST_CHARS = 2_000
MOST_LINES = 60
MOST_CALLS = 16
_LONGEST_FINDING = 200
_ERROR = "error: "
_LAST_TURN = "No tool can be called any more: write the function now."


@dataclass(frozen=True, slots=True)
class Used:
    """A call of a tool and what it came to. ``lasting`` says that it is true whatever the body is."""

    call: ToolCall
    result: str
    lasting: bool = False

    @property
    def line(self) -> str:
        """``probe({"n": 1}): 10``, shortened."""
        arguments = self.call.arguments.strip()
        given = "" if arguments == "{}" else arguments
        said = f"{self.call.name}({given}): {' '.join(self.result.split())}"
        return clip(said, most_chars=_LONGEST_FINDING)


class Toolbox:
    """Tools by name. ``clean`` takes secrets out of what they say."""

    def __init__(self, tools: Sequence[Usable] = (), clean: Callable[[str], str] = str) -> None:
        self._tools: Mapping[str, Usable] = {usable.tool.name: usable for usable in tools}
        self._clean = clean

    @property
    def offered(self) -> tuple[Tool, ...]:
        return tuple(usable.tool for usable in self._tools.values())

    def use_all(self, answer: Answer) -> tuple[Used, ...]:
        """What the calls of an answer come to: what was recorded, where it was, else by making them."""
        results = answer.results
        if results is None or len(results) != len(answer.calls):
            results = tuple(self._said(call, number) for number, call in enumerate(answer.calls))
        return tuple(map(self._used, answer.calls, results))

    def _used(self, call: ToolCall, result: str) -> Used:
        usable = self._tools.get(call.name)
        return Used(call, result, usable is not None and usable.lasting and not result.startswith(_ERROR))

    def _said(self, call: ToolCall, number: int) -> str:
        if number >= MOST_CALLS:
            return f"{_ERROR}not called, these are too many at once"
        usable = self._tools.get(call.name)
        if usable is None:
            return f"{_ERROR}there is no tool {call.name!r}; there are: {', '.join(self._tools)}"
        try:
            text = usable.use(call.arguments)
        except ToolError as error:
            text = f"{_ERROR}{error}"
        except pytest.exit.Exception:
            raise
        except (Exception, SystemExit, pytest.skip.Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - theirs, and for the model
            text = f"{_ERROR}{type(error).__name__}: {error}"
        return clip(self._clean(text), MOST_LINES, MOST_CHARS) or "(nothing)"


def told(request: Request, answer: Answer, used: Sequence[Used], *, last: bool) -> Request:
    """The next turn of a question: the answer that called, and what its calls came to.

    ``last`` says that there is no turn with tools after it.
    """
    said = Message("assistant", answer.text, calls=answer.calls)
    results = [Message("tool", one.result, answers=one.call.id) for one in used]
    urged = [Message("user", _LAST_TURN)] if last else []
    position = replace(request.position, turn=request.position.turn + 1)
    return replace(request, messages=(*request.messages, said, *results, *urged), position=position)


def joined(earlier: Answer, later: Answer) -> Answer:
    """The later of two turns, with what both did cost."""
    return replace(
        later,
        prompt_tokens=earlier.prompt_tokens + later.prompt_tokens,
        generated_tokens=earlier.generated_tokens + later.generated_tokens,
        seconds=earlier.seconds + later.seconds,
        cached_tokens=earlier.cached_tokens + later.cached_tokens,
    )
