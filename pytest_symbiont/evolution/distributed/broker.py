"""The controller's side of every line: one thread that decides, so that nothing has to be locked."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.distributed import messages as said
from pytest_symbiont.evolution.distributed.claims import Claims
from pytest_symbiont.evolution.distributed.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from execnet import Channel

    from pytest_symbiont.evolution.asking import Asking
    from pytest_symbiont.evolution.budget import Budget
    from pytest_symbiont.models.values import Request


class Closing(Exception):  # noqa: N818 - it is over
    """The session ends."""


@dataclass(frozen=True, slots=True)
class Began:
    """A suite's evolution begins, anew where its worker was lost."""

    suite: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The broker itself failed; ``error`` is a defect of this package."""

    error: str


class Broker:
    """Shares suites out, asks for workers, and passes on what happens to ``pass_on``, in its order.

    ``stopping`` says in words why nothing more shall begin, and is empty where all goes on.
    """

    def __init__(
        self,
        asking: Asking,
        budget: Budget,
        *,
        pass_on: Callable[[said.Happens | Began | Broken], None],
        stopping: Callable[[], str],
    ) -> None:
        self._pass_on = pass_on
        self._stopping = stopping
        self._claims = Claims(())
        self._desk = Desk(asking, budget, self._came, self._tick)
        self._channels: dict[str, Channel] = {}
        self._parked: list[tuple[str, int, str]] = []
        self._inbox: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="symbiont-broker", daemon=True)

    def begin(self, cards: Sequence[said.SuiteCard]) -> None:
        """These are the suites."""
        self._claims = Claims(cards)
        self._thread.start()

    def connect(self, worker: str, channel: Channel) -> None:
        self._channels[worker] = channel

    def heard(self, worker: str, number: int, message: said.FromWorker) -> None:
        """Something that a worker said; any thread may bring it."""
        self._inbox.put(lambda: self._handle(worker, number, message))

    def gone(self, worker: str) -> None:
        """The line to a worker is closed: it has ended, or was killed."""
        self._inbox.put(lambda: self._lost(worker))

    def close(self) -> None:
        """Stop, when everything that happened is passed on. What is under way is hung up on."""
        self._closing.set()
        self._inbox.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            while (job := self._inbox.get()) is not None:
                job()
        except Closing:
            pass
        except Exception as error:  # noqa: BLE001 - told where pytest's own thread can raise it
            self._pass_on(Broken(f"{type(error).__name__}: {error}"))
            for channel in self._channels.values():
                channel.close()
        finally:
            self._desk.close()

    def _handle(self, worker: str, number: int, message: said.FromWorker) -> None:
        if self._closing.is_set() and not isinstance(message, said.Happens):
            return  # nothing is begun any more
        match message:
            case said.Wants(suite):
                self._wanted(worker, number, suite)
            case said.Late(suite):
                self._reply(worker, number, said.Sentence(self._stopping() or self._desk.late(suite)))
            case said.Done():
                self._done(message)
            case said.Baseline() | said.Prompted() | said.Noted() | said.Attempted() | said.Traced():
                self._pass_on(message)
            case said.Collected() | said.Mistaken() | said.Reached():
                """The controller heard of it."""
            case _:
                self._desk.handle(message, partial(self._reply, worker, number))

    def _wanted(self, worker: str, number: int, suite: str) -> None:
        if (ended := self._claims.ended(suite)) is not None:
            self._reply(worker, number, said.Settled(suite, ended))
        elif self._stopping():
            self._reply(worker, number, said.Settled(suite, said.Ended("interrupted")))
        elif free := self._claims.take(worker, suite):
            self._desk.begin(free)
            self._pass_on(Began(free))
            self._reply(worker, number, said.Settled(free, None))
        else:
            self._parked.append((worker, number, suite))

    def _done(self, message: said.Done) -> None:
        problem = message.ended.message if message.ended.cannot_ask else ""
        self._desk.end(message.suite, problem=problem)
        self._claims.end(message.suite, message.ended)
        self._pass_on(message)
        self._unpark()

    def _lost(self, worker: str) -> None:
        self._channels.pop(worker, None)
        self._parked = [parked for parked in self._parked if parked[0] != worker]
        for suite in self._claims.give_back(worker):
            self._desk.forget(suite)
            if (ended := self._claims.ended(suite)) is not None:
                self._pass_on(said.Done(suite, ended))
        self._unpark()

    def _unpark(self) -> None:
        if self._closing.is_set():
            return
        parked, self._parked = self._parked, []
        for worker, number, suite in parked:
            self._wanted(worker, number, suite)

    def _reply(self, worker: str, number: int, message: said.FromController) -> None:
        channel = self._channels.get(worker)
        if channel is None:
            return
        try:
            channel.send((number, said.encode(message)))
        except OSError:
            """It was killed; its line will say so."""

    def _came(self, key: tuple[int, Request]) -> None:
        self._inbox.put(lambda: self._desk.bring(key))

    def _tick(self) -> None:
        if self._closing.is_set():
            raise Closing
