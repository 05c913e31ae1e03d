"""A limit of time for Python code that somebody else wrote."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_symbiont.models.tools import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class _Late(BaseException):
    """Time is up; no `Exception`, which the code may well catch."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises `ToolError` where the block takes longer.

    By a signal, because a thread cannot be ended, and the code may be bound to this one. Python delivers
    signals to the main thread alone: pytest in another one has no limit here.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    running = True

    def late(_signal: int, _frame: FrameType | None) -> None:
        if running:
            raise _Late

    handler = signal.signal(signal.SIGALRM, late)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        try:
            yield
        finally:
            running = False
    except _Late:
        raise ToolError(f"it gave no answer within {seconds:g} s") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, left, interval)
        # None is a handler that was not installed from Python, and cannot be.
        signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
