"""Builds ahead: the candidates of a round are compiled beside each other, before their turn to be tried."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pytest_symbiont.build.builder import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future
    from types import TracebackType
    from typing import Self

    from pytest_symbiont.bridge.evolving import EvolvingFile

_NOT_ON_DISK = 1


class Prebuild:
    """Compiles texts into the cache, as many at once as there are cores, until it is left.

    Which of them were begun ahead depends on which answers came first, and changes nothing but time: a
    candidate's turn comes in the order of lanes, and it is then built as usual, out of the cache.
    ``counting`` is as trials do.
    """

    def __init__(self, *, counting: bool = False) -> None:
        self._counting = counting
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: dict[tuple[EvolvingFile, str], Future[float]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def begin(self, texts: Mapping[EvolvingFile, str]) -> None:
        """Begin to build these; what does not compile is found out again at its turn."""
        for file, text in texts.items():
            if (file, text) not in self._under_way:
                # Threads are started when they are needed: a process that has several is slower at calls.
                self._pool = self._pool or ThreadPoolExecutor(len(os.sched_getaffinity(0)), "symbiont-build")
                self._under_way[file, text] = self._pool.submit(self._build, file, text)

    def finish(self, texts: Mapping[EvolvingFile, str]) -> float:
        """Wait for these, if they were begun; the seconds that rustc took."""
        found = (self._under_way.pop((file, text), None) for file, text in texts.items())
        return sum(future.result() for future in found if future is not None)

    def finish_all(self) -> float:
        """Wait for all of them, so that nothing runs beside a clock."""
        seconds = sum(future.result() for future in self._under_way.values())
        self._under_way.clear()
        return seconds

    def _build(self, file: EvolvingFile, text: str) -> float:
        # It is no revision yet: those are numbered in the order of trial.
        revision = file.revision(_NOT_ON_DISK, text)
        return file.build(revision, Profile.TRIAL, counting=self._counting).seconds
