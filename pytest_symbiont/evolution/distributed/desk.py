"""Where the controller asks models for its workers, and counts what they spend."""

from __future__ import annotations

from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.distributed import messages as said
from pytest_symbiont.evolution.ear import Ear
from pytest_symbiont.models.asker import Asker
from pytest_symbiont.models.values import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_symbiont.evolution.asking import Asking
    from pytest_symbiont.evolution.budget import Budget, SuiteBudget
    from pytest_symbiont.models.asker import Call
    from pytest_symbiont.models.values import Answer, Request


@dataclass(slots=True)
class _Asked:
    """A question that was asked: its call, who waits for the answer, and the answer when it is there."""

    call: Call[Answer]
    waiting: list[Callable[[said.FromController], None]] = field(default_factory=list)
    answer: Answer | None = None


class Desk:
    """Asks each question once: a worker that takes over from one that was killed gets the same answers.

    ``came`` is called, on any thread, with a key that `bring` takes. ``tick`` is called while models are
    opened, and may raise to end that.
    """

    def __init__(
        self,
        asking: Asking,
        budget: Budget,
        came: Callable[[tuple[int, Request]], None],
        tick: Callable[[], None],
    ) -> None:
        self._asking = asking
        self._budget = budget
        self._came = came
        self._tick = tick
        self._asker = Asker()
        self._asked: dict[tuple[int, Request], _Asked] = {}
        self._budgets: dict[str, SuiteBudget] = {}
        self._lost: dict[str, SuiteBudget] = {}

    def begin(self, suite: str) -> None:
        """A worker begins to evolve a suite."""
        self._budgets[suite] = self._budget.suite()
        if (lost := self._lost.pop(suite, None)) is not None:
            self._budgets[suite].take_over(lost)

    def end(self, suite: str, *, problem: str = "") -> None:
        """The suite is over. With a ``problem`` nobody is asked any more."""
        self._budgets.pop(suite).end()
        if problem:
            self._asking.fail(problem)

    def forget(self, suite: str) -> None:
        """Its worker is gone. Whoever goes on with the suite is given its answers again, and spends anew."""
        lost = self._lost[suite] = self._budgets.pop(suite)
        lost.end()

    def handle(self, message: said.Asks, reply: Callable[[said.FromController], None]) -> None:
        """Do what a worker asks; ``reply`` takes what there is to say, now or later."""
        match message:
            case said.Ask():
                self._ask(message, reply)
            case said.HangUp():
                self._hang_up(message)
            case said.Open():
                reply(self._open())
            case said.Reserve(suite, messages, model, tools):
                reply(said.Room(self._budgets[suite].reserve(messages, model, tools)))
            case said.Settle(suite, reservation, answer):
                self._budgets[suite].settle(reservation, answer)
                reply(said.Cost(self._budgets[suite].cost))
            case said.Release(suite, reservation):
                self._budgets[suite].release(reservation)
            case said.GiveUp(suite, reservation):
                self._budgets[suite].give_up(reservation)
            case said.Recall(suite):
                reply(self._recalled(suite))
            case said.Keep(suite, line, recorded):
                reply(self._noted(suite, line, recorded=recorded))

    def _recalled(self, suite: str) -> said.FromController:
        try:
            return said.Remembered(self._asking.recall(suite))
        except SymbiontError as error:
            return said.Problem.of(error)

    def _noted(self, suite: str, line: bytes, *, recorded: bool) -> said.FromController:
        try:
            self._asking.note(suite, line, recorded=recorded)
        except SymbiontError as error:
            return said.Problem.of(error)
        return said.Sentence("")

    def late(self, suite: str) -> str:
        return self._budgets[suite].late()

    def _ask(self, message: said.Ask, reply: Callable[[said.FromController], None]) -> None:
        """Ask, unless that was asked before."""
        key = message.model, message.request
        asked = self._asked.get(key)
        if asked is None:
            try:
                model = self._asking.open(self._asker, self._tick)[message.model]
            except (ModelError, SymbiontError) as error:
                reply(said.Problem.of(error))
                return
            ear = Ear(message.names, hangs_up=message.hangs_up)
            asked = self._asked[key] = _Asked(self._asker.begin(model.answer(message.request, ear)))
            asked.call.future.add_done_callback(lambda _: self._came(key))
        if asked.answer is None:
            asked.waiting.append(reply)
        else:
            reply(said.Answered(asked.answer))

    def _open(self) -> said.FromController:
        try:
            models = self._asking.open(self._asker, self._tick)
        except (ModelError, SymbiontError) as error:
            return said.Problem.of(error)
        return said.Opened(tuple(model.name for model in models), tuple(model.replays for model in models))

    def bring(self, key: tuple[int, Request]) -> None:
        """An answer has come: to whoever waits for it."""
        asked = self._asked.get(key)
        if asked is None:
            return
        try:
            asked.answer = self._asker.wait(asked.call)
        except (ModelError, SymbiontError) as error:
            del self._asked[key]
            problem = said.Problem.of(error)
            for reply in asked.waiting:
                reply(problem)
        except CancelledError:
            del self._asked[key]
        else:
            for reply in asked.waiting:
                reply(said.Answered(asked.answer))
        asked.waiting.clear()

    def _hang_up(self, message: said.HangUp) -> None:
        """Nobody wants this answer any more."""
        asked = self._asked.get((message.model, message.request))
        if asked is not None and asked.answer is None:
            asked.call.future.cancel()

    def close(self) -> None:
        """End what is under way."""
        with self._asker:
            pass
