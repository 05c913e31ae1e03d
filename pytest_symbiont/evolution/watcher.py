"""Who is told what evolution does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.values import Attempt, Verdict
    from pytest_symbiont.models.values import Message


class Watcher(Protocol):
    """The seam to the terminal."""

    def waiting(self, result: Result, what: str) -> None:
        """The loop now waits for ``what``: the model, rustc, the tests."""
        ...

    def baseline(self, result: Result, verdict: Verdict) -> None: ...

    def prompted(self, result: Result, messages: Sequence[Message]) -> None: ...

    def told(self, result: Result, text: str) -> None:
        """Something happened that is no attempt."""
        ...

    def attempted(self, result: Result, attempt: Attempt) -> None: ...

    def ended(self, result: Result) -> None: ...
