"""``--evolve-step``: one red test after the other, each with the simplest body that passes it."""

from __future__ import annotations

import difflib
from dataclasses import replace
from itertools import groupby, islice
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.evolution.candidate import UNWRITTEN, texts_with
from pytest_symbiont.evolution.refusals import refuse_indifferent
from pytest_symbiont.evolution.result import Step
from pytest_symbiont.evolution.stage import Stage
from pytest_symbiont.source import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.evolution.judge import Judge
    from pytest_symbiont.evolution.marker import Bound
    from pytest_symbiont.evolution.measured import MeasuredSuite
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.evolution.watcher import Watcher
    from pytest_symbiont.source.values import SourceFile

HELD_OUT = "the tests that are held out"
# Lines around a difference.
_CONTEXT = 1


class Steps:
    """Takes the tests of a suite in their order, and lets its targets evolve at each that is red.

    A step knows the tests up to its own: those before it have to stay green, those behind it are neither
    shown nor judged. What is green when its turn comes is passed over. The cases of a parametrized test stand
    in one place, and are one step; tests that are held out are the last. ``evolve`` evolves a stage; with
    ``scratch`` the first begins at `todo!()`. Nothing is won before everything is green.
    """

    def __init__(
        self,
        result: Result,
        judge: Judge,
        measured: MeasuredSuite,
        watcher: Watcher,
        evolve: Callable[[Stage], None],
        *,
        scratch: bool,
    ) -> None:
        self._result = result
        self._suite = result.suite
        self._judge = judge
        self._measured = measured
        self._watcher = watcher
        self._evolve = evolve
        self._order = steps_of(self._suite)
        self._names = [name_of(tests) for tests in self._order]
        start = self._unwritten() if scratch else {file: file.current for file in self._suite.files}
        self._current: dict[EvolvingFile, Revision] = start
        self._bodies: dict[SourceFile, dict[str, str]] = {}
        self._winner = 0, 0

    def run(self) -> None:
        """Go from step to step until everything is green, or a step is not won."""
        stage = self._look()
        if not stage.baseline.red:
            self._watcher.baseline(self._result, stage.baseline)
            self._evolve(stage)
            return
        while self._took(stage):
            if stage.suite is self._suite:
                self._win()
                return
            stage = self._look()
            if not stage.baseline.red:
                self._prove()
                return

    def _look(self) -> Stage:
        """The tests up to the next red step, and what they find; the whole suite where there is none."""
        self._judge.suite = self._suite
        texts = [revision.text for revision in self._current.values()]
        with self._judge.replaying(self._measured.of_baseline(texts)) as reports:
            found = self._judge.up_to_red(self._current, self._order)
        seen = {outcome.nodeid for outcome in found.outcomes}
        tests = tuple(bound for bound in self._suite.tests if bound.nodeid in seen)
        suite = self._suite if len(tests) == len(self._suite.tests) else replace(self._suite, tests=tests)
        held_out = any(bound.holdout for bound in tests)
        return Stage(suite, self._current, found, reports, step=found.red and not held_out)

    def _took(self, stage: Stage) -> bool:
        """Take a step; whether it was won."""
        seen = {bound.nodeid for bound in stage.suite.tests}
        number = sum(tests[-1].nodeid in seen for tests in self._order)
        self._pass_over(number - 1)
        step = self._step(number)
        if len(self._result.steps) >= number:
            self._lose(f"{step.name} was green when its step was taken, and is red now: it is flaky")
            return False
        self._watcher.stepping(self._result, step, stage.baseline)
        if stage.step and not self._result.attempts:
            refuse_indifferent(self._suite, self._judge.panicking(self._current))
        rounds, before = self._result.rounds, self._current
        if not self._won(stage):
            if self._result.end == "lost":
                self._lose(f"{step.label}: {self._result.message}")
            return False
        diff = tuple(self._differences(before))
        step = replace(step, rounds=self._result.rounds - rounds, attempt=self._winner[0], diff=diff)
        self._result.steps.append(step)
        self._watcher.stepped(self._result, step)
        return True

    def _won(self, stage: Stage) -> bool:
        """Evolve a stage, and go on from what it won.

        Until everything is green nobody else is to take that for the suite's winner.
        """
        result = self._result
        self._judge.suite = stage.suite
        self._evolve(stage)
        if result.end != "won":
            return False
        for file, bodies in result.bodies.items():
            self._bodies[file] = {**self._bodies.get(file, {}), **bodies}
        self._current = {**self._current, **result.winners}
        self._winner = result.winner, result.revision
        result.end, result.winners, result.bodies = "interrupted", {}, {}
        result.winner = result.revision = 0
        return True

    def _prove(self) -> None:
        """Nothing is red any more: what was passed over has to be green in what is promoted, too."""
        self._pass_over(len(self._order))
        self._judge.suite = self._suite
        proof = self._result.checked = self._judge.promotion(self._current)
        if proof.green:
            self._win()
            return
        red = next(outcome.nodeid for outcome in proof.outcomes if not outcome.green)
        self._lose(f"{red} was green when its turn came, and is red in the build to be written: it is flaky")

    def _win(self) -> None:
        self._result.end = "won"
        self._result.winner, self._result.revision = self._winner
        self._result.winners, self._result.bodies = self._current, self._bodies

    def _lose(self, why: str) -> None:
        self._result.end, self._result.message = "lost", why

    def _step(self, number: int) -> Step:
        return Step(self._names[number - 1], number, len(self._order))

    def _pass_over(self, number: int) -> None:
        """Everything up to this step that was not taken is green already."""
        for each in range(len(self._result.steps) + 1, number + 1):
            self._result.steps.append(self._step(each))
            self._watcher.stepped(self._result, self._result.steps[-1])

    def _unwritten(self) -> dict[EvolvingFile, Revision]:
        """The files with `todo!()` for every body of the suite."""
        handles = self._suite.handles
        start = {file: file.current.text for file in self._suite.files}
        texts = texts_with({handle.path: UNWRITTEN for handle in handles}, handles, start)
        return {file: file.add(text) for file, text in texts.items()}

    def _differences(self, before: Mapping[EvolvingFile, Revision]) -> Iterator[str]:
        """In which lines the targets' bodies are others than ``before``: `difflib`'s, without its heads."""
        for file in self._suite.files:
            old, new = ({one.path: one.body for one in parse.bodies(revision.text)}
                        for revision in (before[file], self._current[file]))  # fmt: skip
            for path in (handle.path for handle in self._suite.handles if handle.file is file):
                lines = difflib.unified_diff(
                    old[path].splitlines(), new[path].splitlines(), n=_CONTEXT, lineterm=""
                )
                yield from (line for line in islice(lines, 2, None) if not line.startswith("@@"))


def steps_of(suite: Suite) -> list[tuple[Bound, ...]]:
    """A suite's tests in their order: the cases of a function together, and what is held out at the end."""
    shown = [bound for bound in suite.tests if not bound.holdout]
    hidden = tuple(bound for bound in suite.tests if bound.holdout)
    steps = [tuple(tests) for _, tests in groupby(shown, key=_function)]
    return [*steps, hidden] if hidden else steps


def name_of(tests: Sequence[Bound]) -> str:
    """A step's name: its test's, without file and parameters."""
    first = tests[0]
    if first.holdout:
        return HELD_OUT
    name = first.nodeid.partition("::")[2] or first.nodeid
    return name.partition("[")[0] if isinstance(first.item, pytest.Function) else name


def _function(bound: Bound) -> object:
    item = bound.item
    return (item.parent, item.originalname) if isinstance(item, pytest.Function) else item
