"""The rounds: lanes ask beside each other, and what they answer is judged in order."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.candidate import take_candidate, texts_with
from pytest_symbiont.evolution.ladder import NOT_COMPILED, ONLY_CALLED, REPEATED, Shortfall
from pytest_symbiont.evolution.prompt import best_of, render_first, render_next, render_short
from pytest_symbiont.evolution.tools.toolbox import joined, told
from pytest_symbiont.evolution.values import Attempt
from pytest_symbiont.evolution.winner import accepted
from pytest_symbiont.models.asker import Asker, Call
from pytest_symbiont.models.values import Generation, ModelError, Position, PromptTooLongError, Request
from pytest_symbiont.report.text import counted, one_line
from pytest_symbiont.source.edit import normalised
from pytest_symbiont.source.enough import is_enough

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.evolution.budget import Reservation, Spending
    from pytest_symbiont.evolution.judge import Judge
    from pytest_symbiont.evolution.prompt import Task
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.strategy import Strategy
    from pytest_symbiont.evolution.tools.offer import Offer
    from pytest_symbiont.evolution.tools.toolbox import Toolbox
    from pytest_symbiont.evolution.watcher import Watcher
    from pytest_symbiont.models.values import Answer, Message, Model
    from pytest_symbiont.settings import Settings
    from pytest_symbiont.source.values import Candidate

# How often a prompt may be made shorter: to the task with a digest, then with half the room for the answer.
_MOST_SQUEEZED = 2
_SEEDS_OF_LANE = 1_000
# An answer is read again at each of its first fences, while it is short: one that is nothing but fences must
# not cost time that grows with its square.
_MOST_LOOKS = 16
_LONGEST_LOOK = 32 * 1024


class Ear:
    """Hears an answer while it comes, and ends it when it has closed blocks with all that was asked for.

    ``hangs_up`` is false where every token has to be accounted for: a server that is hung up on does not say
    how many there were.
    """

    def __init__(self, names: Sequence[str], *, hangs_up: bool) -> None:
        self.names = tuple(names)
        self.hangs_up = hangs_up
        self._fences = self._looks = 0
        self.tokens = 0

    def heard(self, text: str, tokens: int) -> str:
        self.tokens = tokens
        if not self.hangs_up or self._looks == _MOST_LOOKS or len(text) > _LONGEST_LOOK:
            return ""
        fences = text.count("```") + text.count("~~~")
        if fences == self._fences:
            return ""
        self._fences = fences
        self._looks += 1
        return "enough" if is_enough(text, self.names) else ""


@dataclass(slots=True)
class _Lane:
    """One independent line of attempts. ``squeezed`` is how often its prompt had to be made shorter.

    ``findings`` are what tools have told it, a line each.
    """

    number: int
    attempts: list[Attempt] = field(default_factory=list)
    squeezed: int = 0
    findings: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class _Question:
    """What a lane has asked, and the call that will bring the answer. ``shown`` is code that it quotes."""

    lane: _Lane
    model: Model
    toolbox: Toolbox
    request: Request
    parents: tuple[int, ...]
    shown: tuple[str, ...]
    reservation: Reservation
    ear: Ear
    call: Call[Answer]
    cost: float = 0.0

    @property
    def round(self) -> int:
        return len(self.lane.attempts) + 1


class Over(Exception):  # noqa: N818 - it is over
    """The budget, the time or the user's patience is at its end; the text says which."""


class Rounds:
    """Evolves the bodies of ``asked`` from ``start`` until one is green or the budget is gone.

    Answers are judged in the order of rounds, and of lanes in a round, whichever comes first: the same
    answers lead to the same winner. A lane asks again as soon as its answer is judged, so that models answer
    while others are built and tried. ``clean`` takes secrets out of a prompt before it leaves. Tools of the
    ``offer`` are used on this thread, when the answer that calls them has its turn to be judged.
    """

    def __init__(
        self,
        result: Result,
        task: Task,
        asked: Sequence[Handle],
        start: Mapping[EvolvingFile, str],
        *,
        judge: Judge,
        models: Callable[[Asker, Callable[[], None]], Sequence[Model]],
        settings: Settings,
        budget: Spending,
        strategy: Strategy,
        watcher: Watcher,
        clean: Callable[[str], str],
        offer: Offer,
    ) -> None:
        self._result = result
        self._task = task
        self._asked = asked
        self._start = start
        self._judge = judge
        self._models = models
        self._settings = settings
        self._budget = budget
        self._strategy = strategy
        self._watcher = watcher
        self._clean = clean
        self._offer = offer
        self._seen: set[tuple[str, ...]] = set()
        self._texts: dict[tuple[int, int], Mapping[EvolvingFile, str]] = {}
        self._waiting_for = ""

    def run(self) -> None:
        """Run them. Raises `ModelError` where a model cannot be asked."""
        self._result.lanes = self._settings.lanes
        idle = deque(_Lane(number) for number in range(self._settings.lanes))
        under_way: deque[_Question] = deque()
        with Asker() as asker:
            try:
                while True:
                    lacking = self._ask(asker, idle, under_way)
                    if not under_way:
                        raise Over(lacking or self._beaten())
                    question = under_way.popleft()
                    answer = self._talk(asker, question)
                    if answer is not None:
                        self._judged(question, answer)
                    if self._result.winners:
                        self._result.end = "won"
                        return
                    if question.round <= self._settings.rounds:
                        idle.append(question.lane)
            except Over as over:
                self._result.end, self._result.message = "lost", str(over)
            finally:
                for question in under_way:
                    self._budget.give_up(question.reservation)

    def _beaten(self) -> str:
        rounds = counted(self._settings.rounds, "round")
        return f"no body passed in {rounds}; allow more with --evolve-rounds"

    def _ask(self, asker: Asker, idle: deque[_Lane], under_way: deque[_Question]) -> str:
        """Let idle lanes ask, as far as the budget goes; what it lacks, in words."""
        while idle:
            if lacking := self._budget.late() or self._stopped():
                return lacking
            models = self._models(asker, self._tick)
            question = self._question(asker, models, idle[0])
            if isinstance(question, str):
                return question
            under_way.append(question)
            idle.popleft()
        return ""

    def _question(self, asker: Asker, models: Sequence[Model], lane: _Lane) -> _Question | str:
        proposal = self._strategy.propose(lane.attempts)
        task = replace(self._task, findings=tuple(lane.findings))
        match lane.squeezed:
            case 0:
                messages = render_next(task, proposal.quoted, self._files_of)
            case 1:
                messages = render_short(task, proposal.quoted)
            case _:
                messages = render_first(task)
        messages = self._cleaned(messages)
        number = len(lane.attempts) + 1
        model = models[(lane.number + number - 1) % len(models)]
        toolbox = self._toolbox(proposal.quoted)
        reservation = self._budget.reserve(messages, model.name, toolbox.offered)
        if isinstance(reservation, str):
            return reservation
        self._watcher.prompted(self._result, messages)
        tokens = reservation.tokens // 2 if lane.squeezed >= _MOST_SQUEEZED else reservation.tokens
        request = Request(
            messages,
            Position(self._result.suite.name, number, lane.number),
            max_tokens=max(1, tokens),
            temperature=round(proposal.temperature, 2),
            seed=self._settings.seed + _SEEDS_OF_LANE * lane.number + number,
            generation=Generation(
                self._settings.top_p, self._settings.stop, self._settings.thinking, self._settings.extra_body
            ),
            tools=toolbox.offered,
        )
        ear = self._ear()
        return _Question(
            lane,
            model,
            toolbox,
            request,
            tuple(attempt.number for attempt in proposal.quoted),
            tuple(text for attempt in reversed(proposal.quoted) for text in self._files_of(attempt).values()),
            reservation,
            ear,
            asker.begin(model.answer(request, ear)),
        )

    def _ear(self) -> Ear:
        return Ear(
            [handle.function.name for handle in self._asked],
            hangs_up=not any(limit is not None for limit in self._settings.budget),
        )

    def _toolbox(self, quoted: Sequence[Attempt]) -> Toolbox:
        """The tools, about the body that the prompt shows."""
        shown = best_of(quoted) if quoted else None
        texts = self._texts.get((shown.round, shown.lane), self._start) if shown else self._start
        return self._offer.toolbox(self._task, self._asked, texts)

    def _talk(self, asker: Asker, question: _Question) -> Answer | None:
        """The answer to a question, when the tools that it wanted have been used; None as in `_answer`."""
        answer = self._answer(asker, question)
        whole = answer
        while (
            answer and whole and answer.calls and question.request.position.turn < self._settings.tool_turns
        ):
            self._use_tools(asker, question, answer)
            answer = self._answer(asker, question)
            whole = answer and joined(whole, answer)
        return whole

    def _use_tools(self, asker: Asker, question: _Question, answer: Answer) -> None:
        """Use what an answer called, and begin the next turn."""
        self._watcher.waiting(self._result, f"{answer.calls[0].name}, a tool")
        used = question.toolbox.use_all(answer)
        self._watcher.told(self._result, f"tools: {one_line('; '.join(one.line for one in used), 300)}")
        question.lane.findings |= {self._clean(one.line): None for one in used if one.lasting}
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

    def _answer(self, asker: Asker, question: _Question) -> Answer | None:
        """The answer to a question; None where it did not fit and has to be asked shorter."""

        def tick() -> None:
            self._tick(question.ear.tokens)
            if late := self._budget.late():
                raise Over(late)

        self._tick(0)
        try:
            answer = asker.wait(question.call, tick)
        except PromptTooLongError as error:
            self._budget.release(question.reservation)
            question.lane.squeezed += 1
            if question.lane.squeezed > _MOST_SQUEEZED:
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

    def _judged(self, question: _Question, answer: Answer) -> None:
        result = self._result
        built, tested = result.build_seconds, result.test_seconds
        attempt = self._attempt(question, answer)
        attempt = replace(
            attempt, build_seconds=result.build_seconds - built, test_seconds=result.test_seconds - tested
        )
        question.lane.attempts.append(attempt)
        self._result.attempts.append(attempt)
        self._watcher.attempted(self._result, attempt)

    def _attempt(self, question: _Question, answer: Answer) -> Attempt:
        attempt = Attempt(
            question.round,
            answer.text,
            prompt_tokens=answer.prompt_tokens,
            generated_tokens=answer.generated_tokens,
            model_seconds=answer.seconds,
            model=answer.model,
            lane=question.lane.number,
            finish=answer.finish,
            number=len(self._result.attempts) + 1,
            parents=question.parents,
            prompt=question.request.messages,
            seed=question.request.seed,
            temperature=question.request.temperature,
            replayed=answer.replayed,
            cost=question.cost,
        )
        candidate = take_candidate(answer.text, self._asked, question.shown, self._settings.allow)
        if isinstance(candidate, Shortfall) and answer.calls:
            turns = counted(self._settings.tool_turns, "turn")
            problem = f"it called tools in every one of its {turns} and wrote no function; write it now"
            return replace(attempt, problem=problem, shortfall=ONLY_CALLED)
        if isinstance(candidate, Shortfall):
            cut = " (the answer was cut off at its token limit)" if answer.finish == "length" else ""
            sentence, _, place = candidate.told.partition("\n")
            said = "\n".join(filter(None, [f"{sentence}{cut}", place]))
            return replace(attempt, problem=said, shortfall=candidate.step)
        attempt = replace(attempt, candidate=candidate)
        bodies = candidate.bodies
        fingerprint = tuple(normalised(bodies[path]) for path in sorted(bodies))
        if fingerprint in self._seen:
            problem = "this is the same body as in an earlier round; it was not tried again"
            return replace(attempt, problem=problem, shortfall=REPEATED)
        self._seen.add(fingerprint)
        tried = self._tried(attempt, candidate)
        if candidate.alternative is not None and tried.step is NOT_COMPILED:
            other = self._tried(attempt, candidate.alternative)
            tried = tried if other.step is NOT_COMPILED else other
        return tried

    def _tried(self, attempt: Attempt, candidate: Candidate) -> Attempt:
        """The attempt with what became of a candidate."""
        texts = texts_with(candidate.bodies, self._asked, self._start)
        revisions = {file: file.add(text) for file, text in texts.items()}
        verdict = self._judge.cascade(revisions)
        if verdict.green:
            final = accepted(self._result, self._asked, self._start, texts, self._judge.promotion)
            verdict = final if final is not None else verdict
        if not verdict.compile_error or (attempt.round, attempt.lane) not in self._texts:
            self._texts[attempt.round, attempt.lane] = texts
        number = max(revision.number for revision in revisions.values())
        return replace(attempt, candidate=candidate, revision=number, verdict=verdict)

    def _cleaned(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        return tuple(replace(message, content=self._clean(message.content)) for message in messages)

    def _files_of(self, attempt: Attempt) -> dict[str, str]:
        texts = self._texts.get((attempt.round, attempt.lane), {})
        return {file.source.path.name: text for file, text in texts.items()}

    def _stopped(self) -> str:
        path = self._settings.stop_file
        return f"stopped by {path}; remove it to go on" if path and Path(path).exists() else ""

    def _tick(self, tokens: int = 0) -> None:
        what = f"the model, {counted(tokens, 'token')}" if tokens else "the model"
        if what != self._waiting_for or not tokens:
            self._watcher.waiting(self._result, what)
        self._waiting_for = what
