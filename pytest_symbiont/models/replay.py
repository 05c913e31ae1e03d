"""Models around recordings: one that answers from them, one that fills them."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_symbiont.models.values import Answer, Listener, Model, ModelError, Position, Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_symbiont.models.kept import Kept
    from pytest_symbiont.models.recording import Found, Recordings


class ReplayModel:
    """Answers with what was recorded and asks nobody.

    ``warn`` is called once a suite, with a sentence, when an answer had to be found by its position because
    the request has changed since it was recorded.
    """

    name = "replay"
    replays = True

    def __init__(self, recordings: Recordings, warn: Callable[[str], None]) -> None:
        self._recordings = recordings
        self._warn = warn
        self._warned: set[str] = set()
        self._lock = threading.Lock()

    async def answer(self, request: Request, listener: Listener | None = None) -> Answer:  # noqa: ARG002 - it is all there
        recording = self._recordings.of(request.position.suite)
        found = recording.find(request)
        if found is None:
            raise ModelError(
                f"no recorded answer for {_where(request.position)} in {recording.path};"
                " record with --evolve-record=new against a model"
            )
        if found.changed:
            self._warn_once(request.position, found, recording.path)
        return replace(found.answered, replayed=True)

    def _warn_once(self, position: Position, found: Found, path: Path) -> None:
        with self._lock:
            if position.suite in self._warned:
                return
            self._warned.add(position.suite)
        self._warn(
            f"{path}: the request for {_where(position)} is not the recorded one ({found.changed}); replaying"
            " by position, record again with --evolve-record=all"
        )


class RecordingModel:
    """A live model whose answers are kept: all of them in ``kept``, and in the recordings as their mode says.

    Recorded answers are never given in place of a live one; only where a killed session is gone on with is an
    answer that it has kept given again. An answer is kept before it is recorded, so that nothing paid for is
    lost where the recording cannot be written.
    """

    def __init__(self, inner: Model, recordings: Recordings, kept: Kept) -> None:
        self._inner = inner
        self._recordings = recordings
        self._kept = kept

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def replays(self) -> bool:
        return self._inner.replays

    async def answer(self, request: Request, listener: Listener | None = None) -> Answer:
        recording = self._recordings.of(request.position.suite)
        recording.prepare()
        if (known := self._kept.find(request, self.name)) is not None:
            answer = replace(known.answered, resumed=True)
        else:
            if not self.replays:
                self._kept.begin()
            answer = await self._inner.answer(request, listener)
            if not answer.replayed:
                self._kept.add(request, answer)
        if not answer.replayed:
            recording.append(request, answer)
        return answer


def _where(position: Position) -> str:
    """``round 2 of counter.rs::step``, with lane and sample where there are several."""
    more = [f"{word} {number}" for word in ("lane", "sample", "turn") if (number := getattr(position, word))]
    return ", ".join([f"round {position.round}", *more]) + f" of {position.suite}"
