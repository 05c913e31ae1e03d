"""Evolution where one process does everything: it asks, evolves, writes and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.evolution.alone import AloneSession
from pytest_symbiont.evolution.asking import Asking
from pytest_symbiont.evolution.budget import Budget
from pytest_symbiont.evolution.measured import Recalled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pytest

    from pytest_symbiont.bridge.registry import Registry
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.models.asker import Asker
    from pytest_symbiont.models.gate import ModelChoice
    from pytest_symbiont.models.values import Model
    from pytest_symbiont.report.terminal import Terminal
    from pytest_symbiont.settings import Settings


class LocalSession(AloneSession):
    """A session without other processes beside it."""

    def __init__(
        self, config: pytest.Config, settings: Settings, registry: Registry, terminal: Terminal
    ) -> None:
        super().__init__(config, settings, registry, terminal)
        self._budget = Budget(settings)
        self._asking = Asking(config, settings, self.environ, self._folders, terminal.warn)

    def choose(self) -> None:
        if not self.settings.show_prompt:
            _ = self.choices

    def settle(self, suite: Suite) -> None:
        """Evolve the suite, where this is the first test of it to run."""
        if suite in self.results:
            return
        loop = self.evolve(suite, self._budget.suite())
        if loop.cannot_ask:
            self._asking.fail(self.results[suite].message)

    def open(self, asker: Asker, tick: Callable[[], None]) -> Sequence[Model]:
        return self._asking.open(asker, tick)

    def recall(self, suite: str) -> Recalled:
        return Recalled() if self.settings.show_prompt else self._asking.recall(suite)

    def note(self, suite: str, line: bytes, *, recorded: bool) -> None:
        self._asking.note(suite, line, recorded=recorded)

    def finish(self, session: pytest.Session) -> None:
        self.close()
        self._asking.close()
        self.ending.finish(session, self.ended)
        if self.suites:
            self.registry.workbench.cache.evict()

    @property
    def choices(self) -> tuple[ModelChoice, ...]:
        """The models, before anything is asked. Raises `pytest.UsageError` where there is none."""
        return self._asking.choices

    @property
    def replays(self) -> bool:
        """Whether answers are recorded ones."""
        return self._asking.replays

    @property
    def labels(self) -> Sequence[str]:
        # Prompts are shown without a model to ask.
        return [] if self.settings.show_prompt else [choice.label for choice in self.choices]

    def _folders(self) -> Mapping[str, Path]:
        return {suite.name: suite.items[0].path.parent for suite in self.suites}
