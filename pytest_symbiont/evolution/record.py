"""The run for the record, where its Rust calls are kept out of this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.bridge.constants import Constant
from pytest_symbiont.bridge.reached import Counters
from pytest_symbiont.bridge.remote import RemoteRoute
from pytest_symbiont.build.builder import Profile
from pytest_symbiont.evolution.printed import SECTION, Printed

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.bridge.registry import Registry
    from pytest_symbiont.bridge.route import Called
    from pytest_symbiont.build.builder import Build, BuildFailure
    from pytest_symbiont.evolution.marker import Bound
    from pytest_symbiont.evolution.result import Result

# How many calls of a body on disk may hang in the logged run before the rest is not called any more.
_PATIENCE = 3


class Record:
    """Workers for the logged run: of suites that were not won, whose bodies may hang, and of all if strict.

    ``timeout`` is the deadline of one Rust call, in seconds.
    """

    def __init__(self, registry: Registry, timeout: float) -> None:
        self._registry = registry
        self._timeout = timeout
        self._routes: dict[Called, RemoteRoute] = {}
        self._printed = Printed()

    def keep_all_out(self, suites: Iterable[Iterable[Handle]]) -> None:
        """Let no evolvable of the session be called in this process, be it bound to a test or not."""
        for handles in suites:
            self.keep_out(handles)
        known = [handle for file in self._registry.files.values() for handle in file.handles.values()]
        self.keep_out(handle for handle in known if handle not in self._routes)

    def keep_out(self, handles: Iterable[Handle]) -> None:
        """Call these in a worker from now on."""
        together = [handle for handle in handles if handle not in self._routes]
        if not together:
            return
        route = self._route([*together, *(file.reached.counters for file in self._counting(together))])
        for handle in together:
            self._routes[handle] = route
            handle.unbind()
            handle.route, handle.kept_out = route, True

    def elsewhere(self, called: Called) -> RemoteRoute:
        """The route of what turned up later, or has another revision now."""
        if called in self._routes:
            self._routes[called].close()
        else:
            self._routes[called] = self._route([called])
        return self._routes[called]

    def _route(self, together: Iterable[Called]) -> RemoteRoute:
        workbench = self._registry.workbench
        return RemoteRoute(
            workbench.builder.native.worker,
            lambda called, _: self._build(called),
            Profile.DISK,
            timeout=self._timeout,
            output=self._printed.add,
            together=together,
            isolation=workbench.isolation,
            patience=_PATIENCE,
        )

    def promote(self, result: Result) -> None:
        """Make a suite's winners what its tests reach, wherever its calls go."""
        for file, revision in result.winners.items():
            file.promote(revision)
            for handle in file.handles.values():
                if handle in self._routes:
                    handle.revision = revision
                    self._routes[handle].close()

    def before(self, bound: Bound) -> None:
        """Make the next calls as this test wants them."""
        for route in {self._routes[handle] for handle in bound.handles if handle in self._routes}:
            route.for_test(Profile.DISK, bound.timeout)

    def made_report(self, report: pytest.TestReport) -> None:
        """Show what was printed in this phase of a test, in a section of its own."""
        if report.when == "teardown":  # before a later test ends the worker, and its counters with it
            self.count()
        if printed := self._printed.take():
            report.sections.append((f"{SECTION} {report.when}", printed))

    def count(self) -> None:
        """Remember which lines were reached in the workers so far."""
        for handle, route in self._routes.items():
            if self._counting([handle]) and route.running:
                handle.file.reached.take(route, handle.file.current)

    def close(self) -> None:
        """End every worker."""
        self.count()
        for route in set(self._routes.values()):
            route.close()

    def _build(self, called: Called) -> Build | BuildFailure:
        if isinstance(called, Constant):
            return called.build()
        revision = called.file.current if isinstance(called, Counters) else called.revision
        return called.file.build(revision, revision.profile, counting=self._registry.workbench.counting)

    def _counting(self, handles: Iterable[Called]) -> list[EvolvingFile]:
        """The files of these whose lines are counted."""
        if not self._registry.workbench.counting:
            return []
        return list(dict.fromkeys(handle.file for handle in handles))
