"""Saves, from a thread that waits for them."""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Milliseconds: an editor's several steps of one save come within this.
_STEP = 80


class Changes:
    """Files below ``folders`` that were saved, as far as they ``matter``.

    Raises `SymbiontError` where watchfiles is not installed.
    """

    def __init__(self, folders: Sequence[Path], matter: Callable[[Path], bool]) -> None:
        try:
            import watchfiles  # noqa: PLC0415 - an extra
        except ImportError:
            raise SymbiontError(
                "--evolve-watch needs watchfiles: pip install 'pytest-symbiont[watch]'"
            ) from None
        self._saved: queue.SimpleQueue[set[Path]] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._matter = matter
        self._watching = watchfiles.watch(
            *folders, step=_STEP, debounce=5 * _STEP, stop_event=self._stop, rust_timeout=200,
            yield_on_timeout=True, raise_interrupt=False,
        )  # fmt: skip
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="symbiont-watch")

    def __enter__(self) -> Self:
        self._thread.start()
        # Its first answer, be it that nothing happened, says that it looks by now.
        self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)

    def _watch(self) -> None:
        for changes in self._watching:
            saved = {path for _, name in changes if self._matter(path := Path(name)) and path.is_file()}
            if saved:
                self._saved.put(saved)
            self._ready.set()

    def take(self, seconds: float) -> set[Path]:
        """What was saved since it was asked last; waits so long for something."""
        saved: set[Path] = set()
        with suppress(queue.Empty):
            saved |= self._saved.get(timeout=seconds)
            while True:
                saved |= self._saved.get_nowait()
        return saved
