"""Which tools a suite's models are offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.evolution.tools.call import CallFunction
from pytest_symbiont.evolution.tools.suite_tools import ProbeFixture, ReadContext, RunTest
from pytest_symbiont.evolution.tools.toolbox import Toolbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.evolution.judge import Judge
    from pytest_symbiont.evolution.prompt import Task
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.models.tools import Usable


OURS = ("call_function", "run_test", "read_context", "probe_fixture")


class Offer:
    """The tools for the questions of one suite: ``own`` are the project's, and there are ours if ``all``.

    ``clean`` is for what tools say, before a model sees it.
    """

    def __init__(
        self, own: Sequence[Usable], *, ours: bool, judge: Judge, suite: Suite, clean: Callable[[str], str]
    ) -> None:
        self._own = own
        self._ours = ours
        self._judge = judge
        self._suite = suite
        self._clean = clean

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tools."""
        return (*(usable.tool.name for usable in self._own), *(OURS if self._ours else ()))

    def toolbox(self, task: Task, asked: Sequence[Handle], texts: Mapping[EvolvingFile, str]) -> Toolbox:
        """The tools for a question whose current revision has these texts."""
        tools = list(self._own)
        if self._ours:
            revisions = {file: file.add(text) for file, text in texts.items()}
            tools += [
                CallFunction(self._judge, asked, revisions),
                RunTest(self._judge, self._suite.tests, revisions),
                ReadContext(task),
                ProbeFixture(self._judge, self._suite.tests, revisions),
            ]
        return Toolbox(tools, self._clean)
