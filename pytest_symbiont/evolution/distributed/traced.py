"""One trace from those of several workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_symbiont.report import events as seen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Traced:
    """Hands workers' events to ``tell``: the session's once, and each text once.

    ``labels`` gives the models, which workers do not know.
    """

    def __init__(self, tell: Callable[[seen.Events], None], labels: Callable[[], Sequence[str]]) -> None:
        self._tell = tell
        self._labels = labels
        self._begun = False
        self._texts: set[str] = set()

    def tell(self, event: seen.Events) -> None:
        if isinstance(event, seen.Session):
            if self._begun:
                return
            self._begun = True
            event = msgspec.structs.replace(event, models=tuple(self._labels()))
        elif isinstance(event, seen.Text):
            if event.digest in self._texts:
                return
            self._texts.add(event.digest)
        self._tell(event)
