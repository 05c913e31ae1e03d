"""A session without other processes beside it: what is told and logged in it also ends in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.evolution.ending import Ending
from pytest_symbiont.evolution.session import EvolutionSession

if TYPE_CHECKING:
    import pytest

    from pytest_symbiont.bridge.registry import Registry
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.report.events import Events
    from pytest_symbiont.report.terminal import Terminal
    from pytest_symbiont.settings import Settings


class AloneSession(EvolutionSession):
    """Has the terminal, and makes the end."""

    def __init__(
        self, config: pytest.Config, settings: Settings, registry: Registry, terminal: Terminal
    ) -> None:
        self.terminal = terminal
        self.ending = Ending(config, settings, terminal)
        super().__init__(config, settings, registry, terminal)

    def tell(self, event: Events) -> None:
        self.ending.tell(event)

    def logged(self, report: pytest.TestReport) -> None:
        self.ending.logged(report.nodeid, report)

    @property
    def ended(self) -> list[Result]:
        """What became of the suites, in their order."""
        return list(self.results.values())
