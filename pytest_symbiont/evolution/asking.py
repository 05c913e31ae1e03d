"""Asking: from what a strategy wants to know to an answer, within the budget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.ear import Ear
from pytest_symbiont.evolution.prompt import render, render_first, render_short
from pytest_symbiont.models.values import Generation, ModelError, Position, PromptTooLongError, Request
from pytest_symbiont.report.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.evolution.budget import Reservation, SuiteBudget
    from pytest_symbiont.evolution.prompt import Task
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.strategies.protocol import Query
    from pytest_symbiont.evolution.values import Attempt
    from pytest_symbiont.evolution.watcher import Watcher
    from pytest_symbiont.models.asker import Asker, Call
    from pytest_symbiont.models.values import Answer, Message, Model
    from pytest_symbiont.settings import Settings

# How often a prompt may be made shorter: to the task with a digest, then with half the room for the answer.
_MOST_SQUEEZED = 2
_SEEDS_OF_LANE = 1_000


class Over(Exception):  # noqa: N818 - it is over
    """The budget, the time or the user's patience is at its end; the text says which."""


@dataclass(slots=True, eq=False)
class Question:
    """What was asked, and the call that will bring the answer. ``cost`` is money, once there is an answer."""

    query: Query
    round: int
    request: Request
    reservation: Reservation
    ear: Ear
    call: Call[Answer]
    cost: float = 0.0


class Asking:
    """Asks the questions of one suite.

    ``files_of`` gives an attempt's files as they were built, ``clean`` takes secrets out of a prompt.
    ``models`` opens the models at the first question.
    """

    def __init__(
        self,
        result: Result,
        task: Task,
        asked: Sequence[Handle],
        *,
        models: Callable[[Asker, Callable[[], None]], Sequence[Model]],
        settings: Settings,
        budget: SuiteBudget,
        watcher: Watcher,
        clean: Callable[[str], str],
        files_of: Callable[[Attempt], Mapping[str, str]],
    ) -> None:
        self._result = result
        self._task = task
        self._names = [handle.function.name for handle in asked]
        self._open = models
        self._settings = settings
        self._budget = budget
        self._watcher = watcher
        self._clean = clean
        self._files_of = files_of
        self._squeezed: dict[int, int] = {}
        self._waiting_for = ""

    def models(self, asker: Asker) -> Sequence[Model]:
        """The models, opened. Raises `ModelError` where one cannot be."""
        return self._open(asker, self._tick)

    def begin(self, asker: Asker, query: Query, round_: int) -> Question | str:
        """Ask, without waiting; what the budget lacks, in words, where that cannot be."""
        if lacking := self._budget.late() or self._stopped():
            return lacking
        models = self.models(asker)
        messages = self._messages(query)
        model = models[(query.lane + round_ - 1 if query.model is None else query.model) % len(models)]
        reservation = self._budget.reserve(messages, model.name)
        if isinstance(reservation, str):
            return reservation
        self._watcher.prompted(self._result, messages)
        squeezed = self._squeezed.get(query.lane, 0)
        tokens = reservation.tokens // 2 if squeezed >= _MOST_SQUEEZED else reservation.tokens
        chosen = self._settings
        request = Request(
            messages,
            Position(self._result.suite.name, round_, query.lane),
            max_tokens=max(1, tokens),
            temperature=round(query.temperature, 2),
            seed=chosen.seed + _SEEDS_OF_LANE * query.lane + round_,
            generation=Generation(chosen.top_p, chosen.stop, chosen.thinking, chosen.extra_body),
        )
        ear = Ear(self._names, hangs_up=not any(limit is not None for limit in chosen.budget))
        call = asker.begin(model.answer(request, ear))
        return Question(query, round_, request, reservation, ear, call)

    def answer(self, asker: Asker, question: Question) -> tuple[Question, Answer]:
        """Wait for the answer. Where the prompt did not fit it is asked again with a shorter one."""
        while True:
            answer = self._wait(asker, question)
            if answer is not None:
                return question, answer
            again = self.begin(asker, question.query, question.round)
            if isinstance(again, str):
                raise Over(again)
            question = again

    def give_up(self, question: Question) -> None:
        """Nobody waits for this answer any more."""
        self._budget.give_up(question.reservation)

    def _wait(self, asker: Asker, question: Question) -> Answer | None:
        """The answer; None where the prompt did not fit."""

        def tick() -> None:
            self._tick(question.ear.tokens)
            if late := self._budget.late():
                raise Over(late)

        self._tick(0)
        try:
            answer = asker.wait(question.call, tick)
        except PromptTooLongError as error:
            self._budget.release(question.reservation)
            lane = question.query.lane
            self._squeezed[lane] = self._squeezed.get(lane, 0) + 1
            if self._squeezed[lane] > _MOST_SQUEEZED:
                raise Over(str(error)) from None
            self._watcher.told(self._result, f"{error}; asked again with a shorter prompt")
            return None
        except ModelError:
            self._budget.release(question.reservation)
            raise
        except BaseException:
            self._budget.give_up(question.reservation)
            raise
        self._budget.settle(question.reservation, answer)
        question.cost = self._budget.cost - self._result.cost
        self._result.cost = self._budget.cost
        self._result.model_seconds += answer.seconds
        return answer

    def _messages(self, query: Query) -> tuple[Message, ...]:
        match self._squeezed.get(query.lane, 0):
            case 0:
                messages = render(self._task, query, self._files_of)
            case 1:
                messages = render_short(self._task, query.quoted)
            case _:
                messages = render_first(self._task)
        return tuple(replace(message, content=self._clean(message.content)) for message in messages)

    def _stopped(self) -> str:
        path = self._settings.stop_file
        return f"stopped by {path}; remove it to go on" if path and Path(path).exists() else ""

    def _tick(self, tokens: int = 0) -> None:
        what = f"the model, {counted(tokens, 'token')}" if tokens else "the model"
        if what != self._waiting_for or not tokens:
            self._watcher.waiting(self._result, what)
        self._waiting_for = what
