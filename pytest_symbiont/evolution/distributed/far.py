"""What a worker has in place of models, a budget and a terminal: each is the controller's."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.distributed import messages as said
from pytest_symbiont.evolution.distributed.line import checked
from pytest_symbiont.evolution.ear import Ear

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.budget import Reservation
    from pytest_symbiont.evolution.distributed.line import Line
    from pytest_symbiont.evolution.result import Result, Step
    from pytest_symbiont.evolution.values import Attempt, Verdict
    from pytest_symbiont.models.values import Answer, Listener, Message, Request, Tool


class FarModel:
    """A model that the controller asks: a question of a worker that is killed is answered all the same."""

    def __init__(self, line: Line, index: int, name: str, *, replays: bool) -> None:
        self._line = line
        self._index = index
        self.name = name
        self.replays = replays

    async def answer(self, request: Request, listener: Listener | None = None) -> Answer:
        """Ask once. The controller listens: what it takes to be enough goes there with the question."""
        names = listener.names if isinstance(listener, Ear) else ()
        hangs_up = isinstance(listener, Ear) and listener.hangs_up
        question = said.Ask(request.position.suite, self._index, request, names, hangs_up)
        try:
            reply = await asyncio.wrap_future(self._line.call(question))
        except asyncio.CancelledError:
            self._line.tell(said.HangUp(self._index, request))
            raise
        return checked(reply, said.Answered).answer


def open_models(line: Line) -> tuple[FarModel, ...]:
    """The session's models. Raises `ModelError` or `SymbiontError` where they cannot be asked."""
    opened = line.ask(said.Open(), said.Opened)
    told = zip(opened.names, opened.replays, strict=True)
    return tuple(FarModel(line, index, name, replays=replays) for index, (name, replays) in enumerate(told))


class FarBudget:
    """The budget of a suite, which is counted where all of them are."""

    def __init__(self, line: Line, suite: str) -> None:
        self._line = line
        self._suite = suite
        self.cost = 0.0

    def reserve(
        self, messages: Sequence[Message], model: str, tools: Sequence[Tool] = ()
    ) -> Reservation | str:
        return self._line.ask(said.Reserve(self._suite, tuple(messages), model, tuple(tools)), said.Room).room

    def settle(self, reservation: Reservation, answer: Answer) -> None:
        self.cost = self._line.ask(said.Settle(self._suite, reservation, answer), said.Cost).cost

    def release(self, reservation: Reservation) -> None:
        self._line.tell(said.Release(self._suite, reservation))

    def give_up(self, reservation: Reservation) -> None:
        self._line.tell(said.GiveUp(self._suite, reservation))

    def late(self) -> str:
        return self._line.ask(said.Late(self._suite), said.Sentence).text

    def end(self) -> None:
        """The controller knows by what became of the suite."""


class FarTerminal:
    """Tells the controller what happens. What is waited for is nobody's business: there is no live line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def waiting(self, result: Result, what: str) -> None: ...

    def baseline(self, result: Result, verdict: Verdict) -> None:
        self._line.tell(said.Baseline(result.suite.name, verdict))

    def prompted(self, result: Result, messages: Sequence[Message]) -> None:
        self._line.tell(said.Prompted(result.suite.name, tuple(messages)))

    def told(self, result: Result, text: str) -> None:
        self._line.tell(said.Noted(result.suite.name, text))

    def attempted(self, result: Result, attempt: Attempt) -> None:
        self._line.tell(said.Attempted(result.suite.name, attempt, result.lanes))

    def stepping(self, result: Result, step: Step, verdict: Verdict) -> None:
        """Steps are taken in one process."""

    def stepped(self, result: Result, step: Step) -> None:
        """The same."""

    def ended(self, result: Result) -> None:
        """Told with everything else that became of it."""

    def live(self) -> AbstractContextManager[None]:
        return nullcontext()
