"""A worker's end of the channel to the controller."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.distributed.messages import Problem, encode, from_controller

if TYPE_CHECKING:
    from execnet import Channel

    from pytest_symbiont.evolution.distributed.messages import FromController, FromWorker

# How the channel goes from the controller to its worker, inside of what pytest-xdist sends.
INPUT = "symbiont"

T = TypeVar("T", bound="FromController")


class Line:
    """Tells the controller, and calls it. Any thread may; replies are brought by execnet's own."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._calls: dict[int, Future[FromController]] = {}
        self._down = False
        channel.setcallback(self._heard, endmarker=None)

    def tell(self, message: FromWorker) -> None:
        """Say something that has no reply."""
        self._send(0, message)

    def call(self, message: FromWorker) -> Future[FromController]:
        """Say something; its reply will come."""
        reply: Future[FromController] = Future()
        with self._lock:
            if self._down:
                raise _gone()
            number = next(self._numbers)
            self._calls[number] = reply
        self._send(number, message)
        return reply

    def ask(self, message: FromWorker, wanted: type[T]) -> T:
        """Say something and wait for its reply. Raises what the controller could not do."""
        return checked(self.call(message).result(), wanted)

    def _send(self, number: int, message: FromWorker) -> None:
        try:
            self._channel.send((number, encode(message)))
        except OSError:
            raise _gone() from None

    def _heard(self, frame: tuple[int, bytes] | None) -> None:
        """A reply, or the end of the channel. A call that was given up is nobody's any more."""
        if frame is None:
            with self._lock:
                self._down = True
                lost, self._calls = self._calls, {}
            for call in lost.values():
                if call.set_running_or_notify_cancel():
                    call.set_exception(_gone())
            return
        number, data = frame
        with self._lock:
            known = self._calls.pop(number, None)
        if known is not None and known.set_running_or_notify_cancel():
            known.set_result(from_controller(data))


def checked(reply: FromController, wanted: type[T]) -> T:
    """The reply, which is of this kind. Raises the error that it is instead."""
    if isinstance(reply, wanted):
        return reply
    if isinstance(reply, Problem):
        raise reply.error
    raise TypeError(f"the controller said {type(reply).__name__} instead of {wanted.__name__}")


def _gone() -> SymbiontError:
    return SymbiontError("pytest-xdist's controller is gone: nothing can be asked any more; run pytest again")
