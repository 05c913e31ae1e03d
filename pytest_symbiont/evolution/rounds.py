"""The rounds: lanes ask beside each other, and what they answer is judged in order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.lineage import Lineage
from pytest_symbiont.evolution.prebuild import Prebuild
from pytest_symbiont.evolution.questions import Over
from pytest_symbiont.evolution.strategies.protocol import Room
from pytest_symbiont.evolution.values import Decision
from pytest_symbiont.models.asker import Asker
from pytest_symbiont.models.values import ModelError
from pytest_symbiont.report.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.championship import Championship
    from pytest_symbiont.evolution.judge import Judge
    from pytest_symbiont.evolution.measured import MeasuredSuite
    from pytest_symbiont.evolution.questions import Question, Questions
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.strategies.protocol import Query, Strategy
    from pytest_symbiont.evolution.trying import Taken, Trying
    from pytest_symbiont.evolution.values import Attempt, Verdict
    from pytest_symbiont.evolution.watcher import Watcher
    from pytest_symbiont.models.values import Answer
    from pytest_symbiont.settings import Settings


class Rounds:
    """Evolves a suite until it is won or the budget is gone. They go on from the result's last round.

    A round is what the strategy proposes, at most a question a lane. Its answers may come in any order; they
    are judged in the order of lanes, and the strategy decides again when all of them are: the same answers
    lead to the same lineage. Nothing that fails in one lane keeps another from being judged.
    """

    def __init__(
        self,
        result: Result,
        *,
        baseline: Verdict,
        questions: Questions,
        trying: Trying,
        judge: Judge,
        championship: Championship,
        measured: MeasuredSuite,
        strategy: Strategy,
        settings: Settings,
        hints: Sequence[str],
        watcher: Watcher,
    ) -> None:
        self._result = result
        self._baseline = baseline
        self._questions = questions
        self._trying = trying
        self._judge = judge
        self._championship = championship
        self._measured = measured
        self._strategy = strategy
        self._settings = settings
        self._hints = tuple(hints)
        self._watcher = watcher
        self._names: tuple[str, ...] = ()
        self._before = len(result.attempts)

    def run(self) -> None:
        """Run them. Raises `ModelError` where a model cannot be asked."""
        self._result.lanes = self._settings.lanes
        number = self._result.rounds
        with Asker() as asker:
            try:
                while not self._championship.over(number):
                    number += 1
                    self._round(asker, number)
            except Over as over:
                self._championship.end(str(over))
            except ModelError as error:
                if not self._championship.improving:
                    raise
                self._watcher.told(self._result, str(error))
                self._championship.end(str(error))
            else:
                self._championship.end(self._beaten())

    def _beaten(self) -> str:
        rounds = counted(self._settings.rounds, "round")
        return f"no body passed in {rounds}; allow more with --evolve-rounds"

    def _round(self, asker: Asker, number: int) -> None:
        """Ask, and judge what comes, until a body wins or every lane had its turn."""
        lineage = Lineage(
            tuple(self._attempts),
            self._baseline,
            tuple(handle.function.name for handle in self._result.suite.handles),
        )
        queries = self._strategy.propose(lineage, self._room(asker, number))
        if not queries:
            raise Over(f"the strategy {self._strategy.name} has nothing left to ask")
        under_way: deque[Question] = deque()
        lacking = ""
        try:
            for query in sorted(queries, key=lambda one: one.lane):
                question = self._questions.begin(asker, query, number)
                if isinstance(question, str):
                    lacking = question
                    break
                under_way.append(question)
            with Prebuild(counting=self._settings.coverage) as prebuild:
                self._judge_all(asker, under_way, prebuild)
        finally:
            for question in under_way:
                self._questions.give_up(question)
        if lacking and not self._championship.decided:
            raise Over(lacking)

    def _room(self, asker: Asker, number: int) -> Room:
        chosen = self._settings
        # A replayed session decides among the models that were asked when it was recorded.
        self._names = self._measured.models or tuple(model.name for model in self._questions.models(asker))
        return Room(
            lanes=chosen.lanes,
            round=number,
            rounds=self._championship.last_round,
            models=self._names,
            temperature=chosen.temperature,
            seed=chosen.seed,
            hints=self._hints,
            improving=self._championship.improving,
        )

    def _judge_all(self, asker: Asker, under_way: deque[Question], prebuild: Prebuild) -> None:
        """Judge in the order of lanes; candidates whose answers are there already are built meanwhile.

        Where tests look at a clock, nothing runs beside them: all answers and builds come first.
        """
        ready: deque[tuple[Question, Taken]] = deque()
        failed: list[ModelError] = []
        judged = 0
        while under_way or ready:
            while under_way and (not ready or self._quiet or under_way[0].call.future.done()):
                question = under_way.popleft()
                try:
                    ready.append(self._taken(asker, question))
                except ModelError as error:
                    failed.append(error)
                    continue
                if len(ready) > 1 or under_way:
                    prebuild.begin(ready[-1][1].texts)
            if not ready:
                break
            if self._quiet:
                self._result.build_seconds += prebuild.finish_all()
            question, taken = ready.popleft()
            judged += 1
            self._result.build_seconds += prebuild.finish(taken.texts)
            self._judged(question, taken)
            if self._championship.decided:
                return
        if failed and not judged:
            raise failed[0]
        for problem in failed:
            self._watcher.told(self._result, f"one lane got no answer in this round: {problem}")

    @property
    def _attempts(self) -> Sequence[Attempt]:
        return self._result.attempts[self._before :]

    @property
    def _quiet(self) -> bool:
        verdicts = [self._baseline, *(one.verdict for one in self._attempts if one.verdict)]
        return any(verdict.timed for verdict in verdicts)

    def _taken(self, asker: Asker, question: Question) -> tuple[Question, Taken]:
        # Whoever waits settles what was reserved, whatever comes of it.
        question, answer = self._questions.answer(asker, question)
        return question, self._trying.take(question, answer)

    def _judged(self, question: Question, taken: Taken) -> None:
        decision = self._decision(question.query, question.round)
        answer: Answer = taken.answer
        with self._judge.replaying(self._measured.of(question.request.position, answer)) as reports:
            attempt, winner = self._trying.attempt(
                question, taken, decision, wants_all=self._strategy.wants_all
            )
            self._championship.entered(attempt, winner)
        self._measured.keep(question.request.position, answer, reports)
        self._result.attempts.append(attempt)
        self._strategy.observe(attempt)
        self._watcher.attempted(self._result, attempt)
        self._championship.announce()

    def _decision(self, query: Query, number: int) -> Decision:
        model = self._names[query.asks(number, len(self._names))]
        return Decision(self._strategy.name, query.arm, query.why, model)
