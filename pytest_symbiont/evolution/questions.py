"""Asking: from what a strategy wants to know to an answer, within the budget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.ear import Ear
from pytest_symbiont.evolution.prompt import best_of, render, render_first, render_short
from pytest_symbiont.evolution.tools.toolbox import joined, told
from pytest_symbiont.models.values import Generation, ModelError, Position, PromptTooLongError, Request
from pytest_symbiont.report.text import counted, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.evolution.budget import Reservation, Spending
    from pytest_symbiont.evolution.prompt import Task
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.strategies.protocol import Query
    from pytest_symbiont.evolution.tools.offer import Offer
    from pytest_symbiont.evolution.tools.toolbox import Toolbox
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
    model: Model
    toolbox: Toolbox
    request: Request
    reservation: Reservation
    ear: Ear
    call: Call[Answer]
    cost: float = 0.0


class Questions:
    """Asks the questions of one suite.

    ``texts_of`` gives an attempt's files as they were built, those that all began with where there is none.
    ``clean`` takes secrets out of a prompt, ``models`` opens the models at the first question. Tools of the
    ``offer`` are used on this thread, when the answer that calls them has its turn.
    """

    def __init__(
        self,
        result: Result,
        task: Task,
        asked: Sequence[Handle],
        *,
        models: Callable[[Asker, Callable[[], None]], Sequence[Model]],
        settings: Settings,
        budget: Spending,
        watcher: Watcher,
        clean: Callable[[str], str],
        offer: Offer,
        texts_of: Callable[[Attempt | None], Mapping[EvolvingFile, str]],
    ) -> None:
        self._result = result
        self._task = task
        self._asked = asked
        self._open = models
        self._settings = settings
        self._budget = budget
        self._watcher = watcher
        self._clean = clean
        self._offer = offer
        self._texts_of = texts_of
        self._squeezed: dict[int, int] = {}
        self._findings: dict[int, dict[str, None]] = {}
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
        model = models[query.asks(round_, len(models))]
        toolbox = self._toolbox(query.quoted)
        reservation = self._budget.reserve(messages, model.name, toolbox.offered)
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
            tools=toolbox.offered,
        )
        ear = self._ear()
        call = asker.begin(model.answer(request, ear))
        return Question(query, round_, model, toolbox, request, reservation, ear, call)

    def answer(self, asker: Asker, question: Question) -> tuple[Question, Answer]:
        """Wait for the answer, and use the tools that it wants first.

        Where the prompt did not fit it is asked again with a shorter one.
        """
        while True:
            answer = self._talk(asker, question)
            if answer is not None:
                return question, answer
            again = self.begin(asker, question.query, question.round)
            if isinstance(again, str):
                raise Over(again)
            question = again

    def give_up(self, question: Question) -> None:
        """Nobody waits for this answer any more."""
        self._budget.give_up(question.reservation)

    def _talk(self, asker: Asker, question: Question) -> Answer | None:
        """The answer to a question, when the tools that it wanted have been used; None as in `_wait`."""
        answer = whole = self._wait(asker, question)
        turns = self._settings.tool_turns
        while answer and whole and answer.calls and question.request.position.turn < turns:
            self._use_tools(asker, question, answer)
            answer = self._wait(asker, question)
            whole = answer and joined(whole, answer)
        return whole

    def _use_tools(self, asker: Asker, question: Question, answer: Answer) -> None:
        """Use what an answer called, and begin the next turn."""
        self._watcher.waiting(self._result, f"{answer.calls[0].name}, a tool")
        used = question.toolbox.use_all(answer)
        self._watcher.told(self._result, f"tools: {one_line('; '.join(one.line for one in used), 300)}")
        findings = self._findings.setdefault(question.query.lane, {})
        findings |= {self._clean(one.line): None for one in used if one.lasting}
        if lacking := self._budget.late() or self._stopped():
            raise Over(lacking)
        last = question.request.position.turn + 1 >= self._settings.tool_turns
        request = told(question.request, answer, used, last=last)
        reservation = self._budget.reserve(request.messages, question.model.name, request.tools)
        if isinstance(reservation, str):
            raise Over(reservation)
        request = replace(request, max_tokens=max(1, min(request.max_tokens, reservation.tokens)))
        question.request, question.reservation, question.ear = request, reservation, self._ear()
        question.call = asker.begin(question.model.answer(request, question.ear))

    def _ear(self) -> Ear:
        names = [handle.function.name for handle in self._asked]
        return Ear(names, hangs_up=not any(limit is not None for limit in self._settings.budget))

    def _toolbox(self, quoted: Sequence[Attempt]) -> Toolbox:
        """The tools, about the body that the prompt shows."""
        return self._offer.toolbox(
            self._task, self._asked, self._texts_of(best_of(quoted) if quoted else None)
        )

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
        question.cost += self._budget.cost - self._result.cost
        self._result.cost = self._budget.cost
        self._result.model_seconds += answer.seconds
        return answer

    def _messages(self, query: Query) -> tuple[Message, ...]:
        task = replace(self._task, findings=tuple(self._findings.get(query.lane, {})))
        match self._squeezed.get(query.lane, 0):
            case 0:
                messages = render(task, query, self._files_of)
            case 1:
                messages = render_short(task, query.quoted)
            case _:
                messages = render_first(task)
        return tuple(replace(message, content=self._clean(message.content)) for message in messages)

    def _files_of(self, attempt: Attempt) -> dict[str, str]:
        return {file.name: text for file, text in self._texts_of(attempt).items()}

    def _stopped(self) -> str:
        path = self._settings.stop_file
        return f"stopped by {path}; remove it to go on" if path and Path(path).exists() else ""

    def _tick(self, tokens: int = 0) -> None:
        what = f"the model, {counted(tokens, 'token')}" if tokens else "the model"
        if what != self._waiting_for or not tokens:
            self._watcher.waiting(self._result, what)
        self._waiting_for = what
