"""What stays set up between trials: session and module fixtures do, classes and failures do not."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest


def between_trials(last: pytest.Item, first: pytest.Item) -> pytest.Item | pytest.Collector:
    """What the last test of a trial is torn down to: the suite's first test, where that leaves its class.

    Where both are one test, or in one class, what would stay of them is too much: then it is their module,
    which pytest and plugins take for a `nextitem` as well.
    """
    shared = last is first or last.getparent(pytest.Class) is not None
    module = first.getparent(pytest.Module) or first.parent
    return module if shared and module is not None and module in last.listchain() else first


def leave(session: pytest.Session, upto: pytest.Item | pytest.Collector | None) -> None:
    """Tear down what ``upto`` does not need."""
    state = session._setupstate  # noqa: SLF001 - what pytest itself tears down
    # The report of a fixture that fails belongs to the logged run, where it will happen again.
    with suppress(Exception):
        state.teardown_exact(upto)  # type: ignore[arg-type]  # a collector has all that it looks at


class FailedFixtures:
    """Fixtures whose set-up failed. pytest remembers the failure as long as their scope lasts."""

    def __init__(self) -> None:
        self._failed: list[tuple[pytest.FixtureDef[Any], pytest.FixtureRequest]] = []

    def add(self, definition: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> None:
        if definition.scope != "function":
            self._failed.append((definition, request))

    def forget(self, session: pytest.Session) -> None:
        """Let every set-up that failed be tried again: another body may mend it. What went well stays up."""
        if any(failure for _, failure in session._setupstate.stack.values()):  # noqa: SLF001 - see above
            leave(session, None)  # a collector's own set-up
        while self._failed:
            definition, request = self._failed.pop()
            if definition.cached_result is None or definition.cached_result[2] is None:
                continue
            # The report of a finaliser that fails belongs to the logged run, where it will happen again.
            with suppress(Exception):
                definition.finish(request)  # type: ignore[arg-type]  # the request of its set-up
