"""A trial: one silent run of a suite, and what it found."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from _pytest.runner import runtestprotocol

from pytest_symbiont.evolution import set_up
from pytest_symbiont.evolution.draws import repeatable_draws
from pytest_symbiont.evolution.failure import from_excinfo
from pytest_symbiont.evolution.keepers import Folders, restored
from pytest_symbiont.evolution.metering import metrics_of
from pytest_symbiont.evolution.mute import silence
from pytest_symbiont.evolution.other_plugins import unnoticed
from pytest_symbiont.evolution.printed import Printed
from pytest_symbiont.evolution.values import Failure, Outcome, Status, Verdict
from pytest_symbiont.report.measuring import covered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    import pytest

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.bridge.route import TrialRoute
    from pytest_symbiont.evolution.marker import Bound
    from pytest_symbiont.evolution.reach import Counting
    from pytest_symbiont.evolution.suite import Suite


@dataclass(slots=True)
class _Run:
    """One test under way: its reports, and the first thing that went wrong."""

    bound: Bound
    reports: list[pytest.TestReport] = field(default_factory=list)
    failure: Failure | None = None


class Trial:
    """Runs tests of a suite through the full protocol, with reports kept instead of logged.

    The plugin hands every hook call to the trial that is under way: `protocol`, `made_report`. ``printed`` is
    where the route puts what candidates print; ``peek`` is shown each item when its fixtures are there,
    ``counting`` told of each test that has ended.
    """

    def __init__(
        self,
        suite: Suite,
        route: TrialRoute,
        revisions: Mapping[EvolvingFile, Revision],
        failed: set_up.FailedFixtures,
        printed: Printed | None = None,
        peek: Callable[[pytest.Item], None] = lambda _: None,
        counting: Counting | None = None,
    ) -> None:
        self._failed = failed
        self._peek = peek
        self._printed = printed or Printed()
        self._counting = counting
        self._suite = suite
        self._route = route
        self._revisions = revisions
        self._current: _Run | None = None
        self.folders = Folders()

    def run(self, tests: Sequence[Bound], *, stop_at_first_red: bool = False) -> Verdict:
        """Run these tests in order. After a hang the rest does not run: each would wait as long again."""
        if not tests:
            return Verdict()
        started = time.perf_counter()
        outcomes: list[Outcome] = []
        items = [bound.item for bound in tests]
        with ExitStack() as stack:
            stack.enter_context(silence(items[0].config, self._heard))
            stack.enter_context(restored(items))
            stack.enter_context(repeatable_draws())
            stack.enter_context(unnoticed(items[0].config))
            for file, revision in self._revisions.items():
                stack.enter_context(file.through(self._route, revision))
            # What ran before may have been in another module, and may have left a failed set-up behind.
            set_up.leave(items[0].session, items[0])
            self._failed.forget(items[0].session)
            after = set_up.between_trials(items[-1], self._suite.items[0])
            for bound, following in zip(tests, [*items[1:], after], strict=True):
                outcomes.append(self._outcome(bound, following))
                if self._counting is not None:
                    self._counting.ended(outcomes[-1])
                if self._route.hung or (stop_at_first_red and not outcomes[-1].green):
                    break
            set_up.leave(items[0].session, after)
            self._failed.forget(items[0].session)
        self.folders.remove()
        outcomes += [not_run(bound) for bound in tests[len(outcomes) :]]
        reach = self._counting.reach() if self._counting is not None else ()
        return Verdict(tuple(outcomes), test_seconds=time.perf_counter() - started, reach=reach)

    def setting_up(self, definition: pytest.FixtureDef[object]) -> AbstractContextManager[None]:
        """Around the set-up of a fixture."""
        return covered(definition.scope)

    def set_up(self, definition: pytest.FixtureDef[object], value: object) -> None:
        """Take note of a fixture's value: folders of single tests go with the trial."""
        if definition.argname == "tmp_path" and isinstance(value, Path):
            self.folders.made(value)

    def protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Take pytest's own implementation's place: the same phases, not logged."""
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        if self._current is not None:
            self._current.reports += reports

    def made_report(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        """Keep the first failure of the test under way."""
        run = self._current
        if run is not None and call.when == "setup" and report.passed:
            self._peek(item)
        if run is None or run.failure is not None or call.excinfo is None or not report.failed:
            return
        run.failure = from_excinfo(item, call.excinfo, call.when if call.when != "collect" else "call")

    def _heard(self, report: pytest.TestReport) -> None:
        """A report that a plugin logs by itself: a subtest's."""
        run = self._current
        if run is not None and run.failure is None and report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = crash.message if crash is not None else report.longreprtext
            run.failure = Failure("call", "subtest", message)

    def _outcome(self, bound: Bound, following: pytest.Item | pytest.Collector) -> Outcome:
        self._route.for_test(bound.profile, bound.timeout)
        handles = self._suite.handles
        calls = sum(handle.calls for handle in handles)
        run = self._current = _Run(bound)
        started = time.perf_counter()
        try:
            # As pytest's own loop calls it: not through the item's path-sensitive hooks.
            bound.item.config.hook.pytest_runtest_protocol(item=bound.item, nextitem=following)
        finally:
            self._current = None
        return Outcome(
            bound.nodeid,
            *self._told(run),
            seconds=time.perf_counter() - started,
            weight=bound.weight,
            holdout=bound.holdout,
            calls=sum(handle.calls for handle in handles) - calls,
            metrics=tuple(metrics_of(bound.item)),
        )

    def _told(self, run: _Run) -> tuple[Status, Failure | None]:
        """How the test ended, and why, with what the candidate printed meanwhile."""
        status, failure = _status(run)
        printed = self._printed.take()
        return status, replace(failure, printed=printed) if failure and printed else failure


def not_run(bound: Bound) -> Outcome:
    """The outcome of a test that there was no running of."""
    return Outcome(bound.nodeid, "not run", weight=bound.weight, holdout=bound.holdout)


def _status(run: _Run) -> tuple[Status, Failure | None]:
    by_phase = {report.when: report for report in run.reports}
    if "setup" not in by_phase:
        return "not run", run.failure
    for phase in ("setup", "teardown"):
        if phase in by_phase and by_phase[phase].failed:
            return "error", run.failure
    last = by_phase.get("call", by_phase["setup"])
    if last.failed or (last.passed and run.failure is not None):
        # A strict xfail that passed has no exception; a test whose subtests failed has passed, as far as its
        # report goes: pytest corrects that where it is shown.
        return "failed", run.failure or Failure("call", "failed", last.longreprtext)
    if last.skipped and hasattr(last, "wasxfail"):
        return "xfailed", None
    if last.skipped:
        # By itself, while it ran: whether that is right is for the baseline to say.
        return "skipped", Failure(
            "call", "Skipped", "the test skipped itself"
        ) if last.when == "call" else None
    return "passed", None
