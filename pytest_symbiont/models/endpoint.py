"""How many calls a server gets at once, and how long it is waited for."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from pytest_symbiont.models.values import ModelError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

T = TypeVar("T")

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 8.0
_LONGEST_RETRY_AFTER = 300.0


class Passing(Exception):  # noqa: N818 - it passes
    """A failure that may be over at the next try: busy, broken off, no connection.

    ``told`` words the problem for a number of tries (``5 tries``). ``wait`` is the seconds that the server
    asks for, None where it does not. ``busy`` says that it gets too much at once. ``retries`` is how often at
    most it makes sense to try again, None where whoever asks is to say.
    """

    def __init__(
        self,
        told: Callable[[str], str],
        *,
        wait: float | None = None,
        busy: bool = False,
        retries: int | None = None,
    ) -> None:
        super().__init__(told("1 try"))
        self.told = told
        self.wait = wait
        self.busy = busy
        self.retries = retries


class Endpoint:
    """The calls to one server: at most ``most`` at once, fewer for a while after it said that it is busy.

    A call that fails in passing is made again, ``retries`` times in a row; every success refills that. The
    place among the calls under way is free while it waits. Of those that wait for a place the least far gone
    is the next, which keeps the server busiest, or where ``finish_first`` the one that is nearest to its end;
    of equals the one that came first.
    """

    def __init__(self, most: int = 4, *, finish_first: bool = False) -> None:
        self._most = most
        self._finish_first = finish_first
        self._arrived = itertools.count()
        self._limit = most
        self._under_way = 0
        self._good_in_a_row = 0
        self._waiting: list[tuple[tuple[int, ...], int, asyncio.Future[None]]] = []

    @property
    def limit(self) -> int:
        """How many calls it gets at once, now."""
        return self._limit

    async def persist(
        self, once: Callable[[], Awaitable[T]], retries: int, progress: tuple[int, ...] = ()
    ) -> T:
        """``once()``, again where it fails in passing. Raises `ModelError` where it does so too often.

        ``progress`` says how far gone it is, to compare with others: a first attempt is less than a third.
        """
        tries = 0
        while True:
            try:
                async with self._place((*progress, tries)):
                    result = await once()
            except Passing as failure:
                tries += 1
                self._slow_down(busy=failure.busy)
                too_long = failure.wait is not None and failure.wait > _LONGEST_RETRY_AFTER
                most = retries if failure.retries is None else min(retries, failure.retries)
                if tries > most or too_long:
                    problem = failure.told(counted_tries(tries))
                    asked = f"; it asks to wait {failure.wait:.0f} s" if too_long else ""
                else:
                    await asyncio.sleep(_delay(tries) if failure.wait is None else failure.wait)
                    continue
            else:
                self._speed_up()
                return result
            # Out here, so that the SDK's exception, which may quote the key, is not chained to it.
            raise ModelError(f"{problem}{asked}")

    @asynccontextmanager
    async def _place(self, progress: tuple[int, ...]) -> AsyncIterator[None]:
        rank = tuple(-step if self._finish_first else step for step in progress)
        while self._under_way >= self._limit:
            turn = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (rank, next(self._arrived), turn))
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._wake()  # its turn is another one's
                raise
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._wake()

    def _wake(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return

    def _slow_down(self, *, busy: bool) -> None:
        self._good_in_a_row = 0
        if busy:
            self._limit = max(1, self._limit // 2)

    def _speed_up(self) -> None:
        """One call more after as many good ones as it gets at once."""
        self._good_in_a_row += 1
        if self._limit < self._most and self._good_in_a_row >= self._limit:
            self._limit += 1
            self._good_in_a_row = 0
            self._wake()


def counted_tries(tries: int) -> str:
    return "1 try" if tries == 1 else f"{tries} tries"


def _delay(tries: int) -> float:
    """Seconds before the next try: doubled each time, and not the same for all who wait."""
    return min(_FIRST_DELAY * 2.0 ** (tries - 1), _LONGEST_DELAY) * (1 - 0.25 * random.random())  # noqa: S311
