"""Which kind of session this process holds: one of its own, a worker's, or the controller's of workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.checking import CheckSession
from pytest_symbiont.evolution.distributed.hooks import ControllerPlugin, is_distributed
from pytest_symbiont.evolution.distributed.line import INPUT, Line
from pytest_symbiont.evolution.distributed.worker import WorkerSession
from pytest_symbiont.evolution.local import LocalSession
from pytest_symbiont.plugin import EvolvePlugin, ToldPlugin, TrialProtocol
from pytest_symbiont.report.terminal import Terminal

if TYPE_CHECKING:
    import pytest

    from pytest_symbiont.bridge.registry import Registry
    from pytest_symbiont.evolution.session import EvolutionSession
    from pytest_symbiont.settings import Settings


def begin(config: pytest.Config, settings: Settings, registry: Registry) -> None:
    """Register what evolves. Raises `pytest.UsageError` or `SymbiontError`."""
    manager = config.pluginmanager
    worker = getattr(config, "workerinput", None)
    session: EvolutionSession
    checks = settings.check or settings.adopt
    if worker is not None:
        session = WorkerSession(config, settings, registry, Line(worker[INPUT]))
    elif is_distributed(config) and not (settings.show_prompt or checks):
        if settings.step:
            raise SymbiontError(
                "--evolve-step goes from test to test in one process and does not go with pytest-xdist's -n; "
                "leave one of them out, or give -n 0"
            )
        controller = ControllerPlugin(config, settings, Terminal(config, beside=True))
        manager.register(controller, "symbiont-evolution")
        return
    else:
        if is_distributed(config):  # showing prompts and checking ask nobody and are for one process
            config.option.dist = "no"
        kind = CheckSession if checks else LocalSession
        session = kind(config, settings, registry, Terminal(config))
        manager.register(ToldPlugin(session, session.terminal), "symbiont-told")
    manager.register(EvolvePlugin(session), "symbiont-evolution")
    manager.register(TrialProtocol(session), "symbiont-trial")
