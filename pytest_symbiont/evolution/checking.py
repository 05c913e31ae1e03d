"""A session that checks, or adopts, what is on disk: ``--evolve-check`` and ``--evolve-adopt``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.alone import AloneSession
from pytest_symbiont.evolution.check import Check
from pytest_symbiont.evolution.lost import lost_entries
from pytest_symbiont.evolution.measured import Recalled
from pytest_symbiont.evolution.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.models.asker import Asker
    from pytest_symbiont.models.gate import ModelChoice
    from pytest_symbiont.models.values import Model
    from pytest_symbiont.source.values import SourceFile


class CheckSession(AloneSession):
    """Asks nobody. Each suite is tried as a candidate would be, and held against its folder's lock."""

    def choose(self) -> None:
        """Nobody is asked."""

    def settle(self, suite: Suite) -> None:
        if suite in self.results:
            return
        result = self.results[suite] = Result(suite, subjects=self.subjects(suite))
        check = Check(
            result,
            self.judge(result),
            self.watchers,
            adopt=self.settings.adopt,
            partial=self.settings.partial,
        )
        with self.screen.live():
            check.run()
        if result.end == "adopted":
            result.author = self.author("", 0, 0)
            bodies: dict[SourceFile, dict[str, str]] = {}
            for handle in suite.handles:
                bodies.setdefault(handle.file.source, {})[handle.path] = handle.function.body
            result.bodies = bodies
        self.conclude(result)

    def open(self, asker: Asker, tick: Callable[[], None]) -> Sequence[Model]:  # noqa: ARG002 - no model
        raise AssertionError("nobody is asked")

    def recall(self, suite: str) -> Recalled:  # noqa: ARG002 - no answers, no notes beside them
        return Recalled()

    def note(self, suite: str, line: bytes, *, recorded: bool) -> None:
        """There are no answers to note anything beside of."""

    def finish(self, session: pytest.Session) -> None:
        self.close()
        try:
            lost = lost_entries(self.suites, self.visited, self.config.getini("python_files"))
        except SymbiontError as error:
            self.terminal.fail(str(error))
            lost = {}
        for path, names in lost.items():
            for name, reason in names.items() if not self.settings.adopt else ():
                self.terminal.fail(f"{path}: {name}: {reason}; drop its entry with pytest --evolve-adopt")
        self.ending.finish(session, self.ended, drop=lost if self.settings.adopt else {})

    @property
    def choices(self) -> tuple[ModelChoice, ...]:
        return ()

    @property
    def replays(self) -> bool:
        return False

    @property
    def labels(self) -> Sequence[str]:
        return []
