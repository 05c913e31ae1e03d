"""Which green body wins, and how long a better one is looked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.order import compare_metrics, replaces
from pytest_symbiont.evolution.trivial import trivial
from pytest_symbiont.report.text import counted

if TYPE_CHECKING:
    from pytest_symbiont.evolution.judge import Judge
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.values import Attempt
    from pytest_symbiont.evolution.watcher import Watcher
    from pytest_symbiont.evolution.winner import Winner


class Championship:
    """Keeps the best green body of a suite; ``improve`` is how many rounds more it may be bettered in.

    ``champion`` is what is on disk where that is green already. A challenger wins by metrics, by more than
    they vary, and among equals by being shorter. With ``step`` the shortest green body of a round wins;
    without ``doubts`` it may know nothing, for more tests are to come. Where a clock is among the metrics,
    both run once more, side by side, before it does.
    """

    def __init__(
        self,
        result: Result,
        judge: Judge,
        watcher: Watcher,
        *,
        rounds: int,
        improve: int,
        champion: Attempt | None = None,
        step: bool = False,
        doubts: bool = True,
    ) -> None:
        self._result = result
        self._judge = judge
        self._watcher = watcher
        self._improve = improve
        self._champion = champion
        self._step = step
        self._doubts = doubts
        self._winner: Winner | None = None
        self._news = ""
        self.last_round = improve if champion is not None and improve else rounds

    @property
    def improving(self) -> bool:
        """Whether there is a green body, and a better one is looked for."""
        return self._champion is not None and self._improve > 0

    @property
    def decided(self) -> bool:
        """Whether nobody has to be asked any more: a body is green, and that is all that was wanted."""
        return self._won and not self._step

    def over(self, rounds: int) -> bool:
        """Whether it is, after so many rounds."""
        return self._won or rounds >= self.last_round

    @property
    def _won(self) -> bool:
        return self._champion is not None and self._winner is not None and not self._improve

    def entered(self, attempt: Attempt, winner: Winner | None) -> None:
        """An attempt was tried; where it can be promoted it may be the new champion."""
        if winner is None or not self._takes_over(attempt, winner):
            return
        if self._champion is None and self._improve:
            if attempt.verdict is not None and attempt.verdict.metrics:
                self.last_round = attempt.round + self._improve
            else:
                self._improve = 0
                self._news = "no test reports a metric, so there is nothing to improve (--evolve-improve)"
        elif self._champion is not None:
            self._news = f"the best so far: {_change(attempt, self._champion)}"
        self._champion, self._winner = attempt, winner
        if self._doubts:
            self._doubt(winner)

    def announce(self) -> None:
        """Tell what became of the last attempt, now that it has been told itself."""
        if self._news:
            self._watcher.told(self._result, self._news)
            self._news = ""

    def end(self, why: str) -> None:
        """It is over: the result says who won, or why nobody did."""
        if self._winner is not None:
            assert self._champion is not None  # noqa: S101 - what can be promoted is somebody's
            self._result.end, self._result.winner = "won", self._champion.number
            self._result.winners, self._result.bodies = self._winner.revisions, self._winner.bodies
            self._result.revision = max(each.number for each in self._winner.revisions.values())
        elif self._champion is not None:
            self._result.end = "green"
            rounds = counted(self._result.rounds, "round")
            self._result.message = f"nothing better was found in {rounds}"
        else:
            self._result.end, self._result.message = "lost", why

    def _doubt(self, winner: Winner) -> None:
        """Warn of a body that knows nothing, and passes all the same."""
        for handle in self._result.suite.handles:
            body = winner.bodies.get(handle.file.source, {}).get(handle.path)
            if body is not None and (what := trivial(body, handle.function)):
                doubt = f"warning: the green body of `{handle.plan.name}` {what}: do the tests say enough?"
                self._news = "; ".join(filter(None, [self._news, doubt]))

    def _takes_over(self, attempt: Attempt, winner: Winner) -> bool:
        champion = self._champion
        if champion is None:
            return True
        if not replaces(attempt, champion):
            return False
        timed = attempt.verdict is not None and attempt.verdict.timed
        if not timed or self._winner is None:
            return True
        # A machine is slower in one minute than in the next: both run again, one behind the other.
        before = replace(champion, verdict=self._judge.promotion(self._winner.revisions))
        after = replace(attempt, verdict=self._judge.promotion(winner.revisions))
        return after.step is None and (before.step is not None or replaces(after, before))


def _change(attempt: Attempt, champion: Attempt) -> str:
    """``ns 120 -> 80, 512 -> 400``, or that it is shorter."""
    before = champion.verdict.metrics if champion.verdict else {}
    after = attempt.verdict.metrics if attempt.verdict else {}
    if attempt.verdict and champion.verdict and not compare_metrics(attempt.verdict, champion.verdict):
        return "as good, and shorter"
    changes = [
        f"{metric.label} {before[key].value:.4g} -> {metric.value:.4g}"
        for key, metric in after.items()
        if key in before and metric.beats(before[key])
    ]
    return ", ".join(changes[:4]) + (f" and {len(changes) - 4} more" if len(changes) > 4 else "")  # noqa: PLR2004 - a line's worth
