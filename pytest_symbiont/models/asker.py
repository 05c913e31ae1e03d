"""Answers under way, on a thread of their own, while the tests run on the main one."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType
    from typing import Self

T = TypeVar("T")

_TICK = 0.1


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """Something that was begun and has an outcome some time."""

    future: Future[T]


class Asker:
    """Runs coroutines in the background.

    The thread is there only while something is under way: a process with a second thread is slower at calls
    of Rust, and Python warns where a test forks it. At the end whatever is under way is cancelled, which
    hangs up, and has been cleaned up after.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._under_way: set[Future[Any]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Call[T]:
        """Begin something; whoever begins it waits for it."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            run = self._loop.run_forever
            self._thread = threading.Thread(target=run, name="symbiont-models", daemon=True)
            self._thread.start()
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        self._under_way.add(future)
        return Call(future)

    def wait(self, call: Call[T], tick: Callable[[], None] = lambda: None) -> T:
        """The outcome of what was begun; ``tick`` is called a few times a second until it is there.

        Raises what the coroutine or ``tick`` raises; the coroutine then goes on.
        """
        while True:
            try:
                result = call.future.result(_TICK)
            except NotYetError:
                if call.future.done():  # it is the coroutine's own
                    self._forget(call.future)
                    raise
                tick()
            except BaseException:
                if call.future.done():
                    self._forget(call.future)
                raise
            else:
                self._forget(call.future)
                return result

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Begin something and wait for it."""
        return self.wait(self.begin(coroutine))

    def _forget(self, future: Future[Any]) -> None:
        self._under_way.discard(future)
        if not self._under_way:
            self._end()

    def _end(self) -> None:
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        self._loop = self._thread = None
        self._under_way.clear()


async def _cancel_all() -> None:
    mine = asyncio.current_task()
    tasks = [task for task in asyncio.all_tasks() if task is not mine]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
