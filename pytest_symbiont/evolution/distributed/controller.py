"""The controller of a distributed session: it alone asks, writes and reports."""

from __future__ import annotations

import os
import queue
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from pytest_symbiont.build.cache import open_cache
from pytest_symbiont.evolution.asking import Asking
from pytest_symbiont.evolution.budget import Budget
from pytest_symbiont.evolution.distributed import messages as said
from pytest_symbiont.evolution.distributed.broker import Began, Broken, Broker
from pytest_symbiont.evolution.distributed.crashes import Crashes
from pytest_symbiont.evolution.distributed.far_reach import FarReach
from pytest_symbiont.evolution.distributed.far_suite import FarSuite
from pytest_symbiont.evolution.distributed.line import INPUT
from pytest_symbiont.evolution.distributed.traced import Traced
from pytest_symbiont.evolution.ending import Ending
from pytest_symbiont.evolution.provenance import Subject
from pytest_symbiont.evolution.result import Result
from pytest_symbiont.models.environment import environment
from pytest_symbiont.source.values import SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from execnet import Channel

    from pytest_symbiont.models.gate import ModelChoice
    from pytest_symbiont.report.terminal import Terminal
    from pytest_symbiont.settings import Settings


class Controller:
    """Holds what lasts as long as the session: the broker, the suites as workers told, what became of them.

    ``wake`` makes pytest's thread call `show` soon: what workers tell comes on other threads. ``stopping``
    says why the session ends early, if it does.
    """

    def __init__(
        self,
        config: pytest.Config,
        settings: Settings,
        terminal: Terminal,
        *,
        wake: Callable[[], None],
        stopping: Callable[[], str],
    ) -> None:
        self.settings = settings
        self.terminal = terminal
        self.cards: dict[str, said.SuiteCard] = {}
        self.isolation = ""
        self.crashes = Crashes()
        self._config = config
        self._wake = wake
        self._results: dict[str, Result] = {}
        self._names: dict[str, str] = {}
        self._ending = Ending(config, settings, terminal)
        self._traced = Traced(self._ending.tell, lambda: self.labels)
        # Warnings come on the broker's thread.
        warn = partial(self._told, terminal.warn)
        self._asking = Asking(config, settings, environment(os.environ, config.rootpath), self._folders, warn)
        self._broker = Broker(
            self._asking, Budget(settings), pass_on=partial(self._told, self._show), stopping=stopping
        )
        self._reach = FarReach()
        self._begun = False
        self._collected: dict[str, said.Collected | said.Mistaken] = {}
        self._queue: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    # pytest-xdist's hooks.

    def configure(self, node: Any) -> None:
        """Give a worker that is about to begin its line."""
        worker: str = node.gateway.id
        self._reach.begin(worker)
        channel: Channel = node.gateway.newchannel()
        node.workerinput[INPUT] = channel
        self._broker.connect(worker, channel)
        channel.setcallback(partial(self._heard, worker), endmarker=None)

    def collected(self, worker: str) -> None:
        """A worker has collected. Raises `pytest.UsageError` for what is wrong with a test or an option."""
        match self._collected.pop(worker, None):
            case said.Mistaken(text):
                raise pytest.UsageError(text)
            case said.Collected(suites, isolation) if not self._begun:
                self._begun = True
                self.cards = {card.name: card for card in suites}
                self._names = {
                    reported: name
                    for card in suites
                    for reported, name in zip(card.reported, card.tests, strict=True)
                }
                self.isolation = isolation
                self._broker.begin(suites)
                if suites:
                    _ = self.choices
                for line in self.terminal.header(self):
                    self.terminal.line(line)

    def logged(self, report: pytest.TestReport) -> None:
        self._ending.logged(self._names.get(report.nodeid, report.nodeid), report)

    def crashed(self, nodeid: str) -> bool:
        """Whether a test whose worker is gone shall run again."""
        suite = next((card.name for card in self.cards.values() if nodeid in card.reported), None)
        return suite is not None and self.crashes.again(suite)

    def forget(self, report: pytest.TestReport) -> None:
        """This report of a crash counts for nothing: its test runs again."""
        self._ending.junit.forget(report)

    def show(self) -> None:
        """Show what happened; on pytest's own thread."""
        while not self._queue.empty():
            self._queue.get()()

    def finish(self, session: pytest.Session) -> None:
        self._broker.close()
        self._asking.close()
        self.show()
        for result in self.ended if self.settings.coverage else ():
            result.untested = self._reach.untested(result.suite.name)
        self._ending.finish(session, self.ended)
        if self.cards:
            open_cache(os.environ).evict()

    # What the terminal tells of it.

    @property
    def suites(self) -> Sequence[object]:
        return tuple(self.cards.values())

    @property
    def ended(self) -> list[Result]:
        """What became of the suites that evolved, in the order of one process."""
        return [self._results[name] for name in self.cards if name in self._results]

    @property
    def choices(self) -> tuple[ModelChoice, ...]:
        return self._asking.choices

    @property
    def replays(self) -> bool:
        return self._asking.replays

    @property
    def labels(self) -> Sequence[str]:
        return [choice.label for choice in self.choices]

    def _folders(self) -> Mapping[str, Path]:
        return {card.name: self._config.rootpath / card.folder for card in self.cards.values()}

    def _heard(self, worker: str, frame: tuple[int, bytes] | None) -> None:
        """A frame of a worker's, on the thread that reads for it."""
        if frame is None:
            self._broker.gone(worker)
            return
        number, data = frame
        try:
            message = said.from_worker(data)
        except msgspec.MsgspecError as error:
            self._told(self._show, Broken(f"{worker} has another version of pytest-symbiont: {error}"))
            return
        if isinstance(message, said.Collected | said.Mistaken):
            self._collected[worker] = message
        elif isinstance(message, said.Reached):
            self._told(partial(self._reach.end, worker), message.suites)
        else:
            self._broker.heard(worker, number, message)

    def _told(self, show: Callable[[Any], None], what: object) -> None:
        """Something to show, on another thread than pytest's."""
        self._queue.put(partial(show, what))
        self._wake()

    def _show(self, message: object) -> None:
        """Show one thing, and keep what is to be summed up."""
        match message:
            case Broken(error):
                raise RuntimeError(error)
            case Began(suite):
                again = suite in self._results
                result = self._results[suite] = Result(self._suite(suite))
                if again:
                    self.terminal.told(result, "its worker crashed; another one goes on, with its answers")
            case said.Baseline(suite, verdict):
                self.terminal.baseline(self._results[suite], verdict)
            case said.Prompted(suite, messages):
                self.terminal.prompted(self._results[suite], messages)
            case said.Noted(suite, text):
                self.terminal.told(self._results[suite], text)
            case said.Attempted(suite, attempt, lanes):
                result = self._results[suite]
                result.lanes = lanes
                result.attempts.append(attempt)
                self.terminal.attempted(result, attempt)
            case said.Traced(event):
                self._traced.tell(event)
            case said.Done(suite, ended):
                result = self._results[suite]
                self._end(result, ended)
                self.terminal.ended(result)

    def _suite(self, name: str) -> FarSuite:
        card = self.cards[name]
        return FarSuite((), (), card.missing, label=name, ids=card.tests)

    def _end(self, result: Result, ended: said.Ended) -> None:
        result.end, result.message, result.revision = ended.end, ended.message, ended.revision
        result.winner = ended.winner
        result.attempts = list(ended.attempts)
        result.model_seconds, result.cost, result.lanes = ended.model_seconds, ended.cost, ended.lanes
        result.build_seconds, result.test_seconds = ended.build_seconds, ended.test_seconds
        result.premises = tuple(self._results[name] for name in ended.premises)
        files = self.cards[result.suite.name].files
        result.author = ended.author
        result.subjects = tuple(
            Subject(self._source(files[card.file]).path, card.path, card.tests) for card in ended.subjects
        )
        result.bodies = {self._source(files[won.file]): won.bodies for won in ended.won}

    def _source(self, card: said.FileCard) -> SourceFile:
        return SourceFile(Path(os.path.normpath(self._config.rootpath / card.path)), card.text, card.raw)
