"""Who is told what evolution does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.result import Result, Step
    from pytest_symbiont.evolution.values import Attempt, Verdict
    from pytest_symbiont.models.values import Message


class Watcher(Protocol):
    """The seam to the terminal and to the trace."""

    def waiting(self, result: Result, what: str) -> None:
        """The loop now waits for ``what``: the model, rustc, the tests."""
        ...

    def baseline(self, result: Result, verdict: Verdict) -> None: ...

    def prompted(self, result: Result, messages: Sequence[Message]) -> None: ...

    def told(self, result: Result, text: str) -> None:
        """Something happened that is no attempt."""
        ...

    def attempted(self, result: Result, attempt: Attempt) -> None: ...

    def stepping(self, result: Result, step: Step, verdict: Verdict) -> None:
        """A step is to be taken; this is what its tests find of what it begins with."""
        ...

    def stepped(self, result: Result, step: Step) -> None:
        """It was taken, or passed over."""
        ...

    def ended(self, result: Result) -> None: ...


class Watchers:
    """Several, told in their order."""

    def __init__(self, *watchers: Watcher) -> None:
        self._watchers = watchers

    def waiting(self, result: Result, what: str) -> None:
        for watcher in self._watchers:
            watcher.waiting(result, what)

    def baseline(self, result: Result, verdict: Verdict) -> None:
        for watcher in self._watchers:
            watcher.baseline(result, verdict)

    def prompted(self, result: Result, messages: Sequence[Message]) -> None:
        for watcher in self._watchers:
            watcher.prompted(result, messages)

    def told(self, result: Result, text: str) -> None:
        for watcher in self._watchers:
            watcher.told(result, text)

    def attempted(self, result: Result, attempt: Attempt) -> None:
        for watcher in self._watchers:
            watcher.attempted(result, attempt)

    def stepping(self, result: Result, step: Step, verdict: Verdict) -> None:
        for watcher in self._watchers:
            watcher.stepping(result, step, verdict)

    def stepped(self, result: Result, step: Step) -> None:
        for watcher in self._watchers:
            watcher.stepped(result, step)

    def ended(self, result: Result) -> None:
        for watcher in self._watchers:
            watcher.ended(result)
