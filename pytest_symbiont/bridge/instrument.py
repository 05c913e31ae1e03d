"""Calls of a target that are not one call: for each element of arrays, or by the clock.

An instrument is a shim of its own around the target's entry. So it goes wherever a call goes, in this process
or in a worker, with the same frames; it is compiled when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.bridge.panic import raise_panic
from pytest_symbiont.bridge.reply import Panicked, Refused, Returned
from pytest_symbiont.bridge.route import LocalRoute

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_symbiont.bridge.arguments import Passed
    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.bridge.plan import Plan
    from pytest_symbiont.bridge.revision import Revision

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


class Instrument:
    """What calls a target in its own way.

    ``settled`` says that only optimised builds will do; ``ahead`` is how many of the arguments are the
    instrument's own.
    """

    def __init__(self, handle: Handle, name: str, shim: str, *, settled: bool, ahead: int = 0) -> None:
        self.handle = handle
        self.settled = settled
        self._name = name
        self._text = shim
        self._ahead = ahead

    @property
    def file(self) -> EvolvingFile:
        return self.handle.file

    @property
    def revision(self) -> Revision:
        return self.handle.revision

    @property
    def plan(self) -> Plan:
        return self.handle.plan

    @property
    def index(self) -> int:
        return self.handle.index

    def shim(self) -> Path:
        return self.file.workbench.builder.shim(self._text)

    def called_with(self, passed: Sequence[Passed]) -> str:
        """The call as Rust text, for messages."""
        if self._ahead == len(passed):
            return f"{self._name}({self.plan.name}, ...)"
        return f"{self._name} of {self.handle.called_with(passed[self._ahead :])}"

    def call(self, passed: Sequence[Passed]) -> Returned | Refused:
        """Make the call wherever the target's own calls go. Raises what they raise."""
        handle = self.handle
        handle.calls += 1
        route = handle.route or handle.file.activate(handle, handle.revision)
        revision = handle.revision
        if isinstance(route, LocalRoute):
            runtime = self.file.workbench.runtime
            revision = route.revision
            route = LocalRoute(runtime, revision, route.slot, runtime.load(self.shim(), "symbiont_call"))
        reply = route.call(self, passed)
        if isinstance(reply, Panicked):
            raise_panic(reply, revision, handle.function)
        return reply
