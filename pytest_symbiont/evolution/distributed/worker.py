"""Evolution inside of one worker of pytest-xdist."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.errors import CompileError, SymbiontError
from pytest_symbiont.evolution import set_up
from pytest_symbiont.evolution.distributed import far, messages
from pytest_symbiont.evolution.result import Result
from pytest_symbiont.evolution.session import EvolutionSession

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.bridge.registry import Registry
    from pytest_symbiont.evolution.distributed.line import Line
    from pytest_symbiont.evolution.measured import Recalled
    from pytest_symbiont.evolution.reach import Reachable
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.models.asker import Asker
    from pytest_symbiont.models.values import Model
    from pytest_symbiont.report.events import Events
    from pytest_symbiont.settings import Settings


class WorkerSession(EvolutionSession):
    """Evolves what the controller gives it, and takes what others won."""

    def __init__(self, config: pytest.Config, settings: Settings, registry: Registry, line: Line) -> None:
        super().__init__(config, settings, registry, far.FarTerminal(line))
        self._line = line

    def collected(self, items: Sequence[pytest.Item], left_out: Sequence[pytest.Item]) -> None:
        """Form the suites, which are the same in every worker, and tell the controller.

        A usage error is the controller's to raise: of a worker it would be a crash.
        """
        try:
            super().collected(items, left_out)
        except pytest.UsageError as error:
            self.forget_suites()
            self._line.tell(messages.Mistaken(str(error)))
        else:
            cards = tuple(self._card(suite) for suite in self.suites)
            self._line.tell(messages.Collected(cards, self.isolation if cards else ""))

    def before(self, item: pytest.Item) -> None:
        """As in one process; but the suite's first test need not be the one that runs here first."""
        settled = len(self.results)
        super().before(item)
        if len(self.results) > settled:
            set_up.leave(item.session, item)

    def settle(self, suite: Suite) -> None:
        """Evolve the suite, or wait for whoever does, and evolve others meanwhile."""
        for earlier in self._premises(suite):
            self.settle(earlier)
        while suite not in self.results:
            reply = self._line.ask(messages.Wants(suite.name), messages.Settled)
            other = next(each for each in self.suites if each.name == reply.suite)
            if reply.ended is not None:
                self._take(other, reply.ended)
                continue
            for earlier in self._premises(other):
                self.settle(earlier)
            loop = self.evolve(other, far.FarBudget(self._line, other.name))
            ended = _ended(self.results[other], cannot_ask=loop.cannot_ask)
            self._line.tell(messages.Done(other.name, ended))

    def open(self, asker: Asker, tick: Callable[[], None]) -> Sequence[Model]:  # noqa: ARG002 - the controller's
        return far.open_models(self._line)

    def recall(self, suite: str) -> Recalled:
        return self._line.ask(messages.Recall(suite), messages.Remembered).recalled

    def note(self, suite: str, line: bytes, *, recorded: bool) -> None:
        self._line.ask(messages.Keep(suite, line, recorded), messages.Sentence)

    def choose(self) -> None:
        """The controller knows which."""

    def tell(self, event: Events) -> None:
        self._line.tell(messages.Traced(event))

    def logged(self, report: pytest.TestReport) -> None:
        """The controller hears of it from pytest-xdist."""

    def reached(self, found: Mapping[Suite, tuple[Reachable, ...]]) -> None:
        """The controller adds up what all workers reached."""
        self._line.tell(messages.Reached({suite.name: each for suite, each in found.items()}))

    @property
    def labels(self) -> Sequence[str]:
        return ()

    def finish(self, session: pytest.Session) -> None:  # noqa: ARG002 - the controller writes and judges
        self.close()

    def _premises(self, suite: Suite) -> list[Suite]:
        """The suites before it that have a file with it: it starts from what they won."""
        before = self.suites[: self.suites.index(suite)]
        return [earlier for earlier in before if set(earlier.files).intersection(suite.files)]

    def _take(self, suite: Suite, ended: messages.Ended) -> None:
        """Make what another worker won what the tests reach here."""
        result = self.results[suite] = Result(
            suite,
            ended.end,
            ended.message,
            list(ended.attempts),
            winner=ended.winner,
            revision=ended.revision,
        )
        result.winners = {suite.files[won.file]: suite.files[won.file].add(won.text) for won in ended.won}
        try:
            self.conclude(result)
        except (SymbiontError, CompileError):
            # Another machine's compiler. Its tests will say so, each by its call.
            self.keep_out(suite)

    def _card(self, suite: Suite) -> messages.SuiteCard:
        root = self.config.rootpath
        return messages.SuiteCard(
            suite.name,
            os.path.relpath(suite.items[0].path.parent, root),
            suite.nodeids,
            tuple(item.nodeid for item in suite.items),
            suite.missing,
            tuple(
                messages.FileCard(os.path.relpath(source.path, root), source.text, source.raw)
                for source in (file.source for file in suite.files)
            ),
        )


def _ended(result: Result, *, cannot_ask: bool) -> messages.Ended:
    files = result.suite.files
    paths = [file.source.path for file in files]
    won = [
        messages.WonFile(files.index(file), revision.text, dict(result.bodies[file.source]))
        for file, revision in result.winners.items()
    ]
    return messages.Ended(
        result.end,
        result.message,
        tuple(result.attempts),
        tuple(won),
        result.revision,
        result.model_seconds,
        result.build_seconds,
        result.test_seconds,
        result.cost,
        result.lanes,
        tuple(premise.suite.name for premise in result.premises),
        tuple(
            messages.SubjectCard(paths.index(subject.file), subject.path, dict(subject.tests))
            for subject in result.subjects
        ),
        result.author,
        cannot_ask,
        result.winner,
    )
