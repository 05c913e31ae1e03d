"""Builds and trials: from revisions to a verdict."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from pytest_symbiont.bridge.remote import RemoteRoute
from pytest_symbiont.bridge.route import PanickingRoute
from pytest_symbiont.build.builder import BuildFailure, Profile
from pytest_symbiont.errors import CompileError
from pytest_symbiont.evolution.metering import REPLAYED, Replayed
from pytest_symbiont.evolution.printed import Printed
from pytest_symbiont.evolution.reach import Counting
from pytest_symbiont.evolution.trial import Trial, not_run
from pytest_symbiont.evolution.values import Failure, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pytest

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.evolution.marker import Bound
    from pytest_symbiont.evolution.measured import Report
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.set_up import FailedFixtures
    from pytest_symbiont.evolution.values import Outcome

T = TypeVar("T")

# Of hash maps: the same body comes to the same verdict. A body that is right in one order alone has to be
# right in another one to be promoted, and in any for the record.
_SEEDS = {Profile.DISK: 1, Profile.TRIAL: 2, Profile.PROMOTION: 3}


class Judge:
    """Tries revisions of a suite's files; ``suite`` can be narrowed to some of its tests.

    Seconds go to ``result``. ``timeout`` is the deadline of one Rust call, in seconds; ``trials`` is told
    which trial is under way, so that the plugin's hooks reach it; ``failed`` are the session's fixtures that
    could not be set up; ``waiting`` is told what is being waited for. With ``counting`` the first trial of a
    candidate says which lines it reached.
    """

    def __init__(
        self,
        result: Result,
        *,
        timeout: float,
        trials: Callable[[Trial | None], None],
        failed: FailedFixtures,
        waiting: Callable[[str], None],
        counting: bool = False,
    ) -> None:
        self._result = result
        self.suite = result.suite
        self._decorated = {item.nodeid for item in self.suite.items if _excused_by_decorator(item)}
        self._timeout = timeout
        self._trials = trials
        self._failed = failed
        self._waiting = waiting
        self._counting = counting
        self._before: dict[str, Outcome] = {}
        self._reports: list[Report] = []
        self._red_last: set[str] = set()

    def baseline(self, current: Mapping[EvolvingFile, Revision]) -> Verdict:
        """What all tests find of the files as they are."""
        return self._as_they_are(current, self.suite.tests)

    def up_to_red(
        self, current: Mapping[EvolvingFile, Revision], steps: Sequence[Sequence[Bound]]
    ) -> Verdict:
        """What the tests of these steps find of the files as they are, up to the first step that is red."""
        tests = [bound for step in steps for bound in step]
        found = self._as_they_are(current, tests, stop_at_first_red=True)
        red = next((number for number, outcome in enumerate(found.outcomes) if not outcome.green), None)
        if red is None:
            return found
        end = 0
        for step in steps:
            end += len(step)
            if red < end:
                break
        first = replace(found, outcomes=found.outcomes[: red + 1])
        if found.compile_error:
            return replace(found, outcomes=found.outcomes[:end])
        return _joined(first, self._as_they_are(current, tests[red + 1 : end])) if end > red + 1 else first

    def _as_they_are(
        self,
        current: Mapping[EvolvingFile, Revision],
        tests: Sequence[Bound],
        *,
        stop_at_first_red: bool = False,
    ) -> Verdict:
        self._waiting("the baseline")
        verdict = self._trial(current, Profile.DISK, tests, stop_at_first_red=stop_at_first_red)
        self._before |= {outcome.nodeid: outcome for outcome in verdict.outcomes}
        return verdict

    @contextmanager
    def replaying(self, recorded: Sequence[Report]) -> Iterator[list[Report]]:
        """Let tests report what they reported when this was new, as far as that was recorded.

        Gives what they do report, in its order.
        """
        stash = self.suite.items[0].config.stash
        self._reports = []
        stash[REPLAYED] = Replayed(recorded)
        try:
            yield self._reports
        finally:
            del stash[REPLAYED]

    def cascade(self, revisions: Mapping[EvolvingFile, Revision], *, wants_all: bool = True) -> Verdict:
        """Build, then the tests that the model knows, then the hold-outs.

        Where not all are wanted, those that failed last come first, and the first red one is the end.
        """
        self._waiting("rustc")
        if failure := self._build(revisions, Profile.TRIAL, counting=self._counting):
            return failure
        self._waiting("the tests")
        shown = [bound for bound in self.suite.tests if not bound.holdout]
        hidden = [bound for bound in self.suite.tests if bound.holdout]
        if not wants_all:
            shown.sort(key=lambda bound: bound.item.nodeid not in self._red_last)
        verdict = self._trial(
            revisions, Profile.TRIAL, shown, counting=self._counting, stop_at_first_red=not wants_all
        )
        order = {bound.item.nodeid: number for number, bound in enumerate(self.suite.tests)}
        verdict = replace(
            verdict, outcomes=tuple(sorted(verdict.outcomes, key=lambda outcome: order[outcome.nodeid]))
        )
        self._red_last = {each.nodeid for each in verdict.outcomes if each.status in {"failed", "error"}}
        if hidden and (verdict.green or not shown):
            verdict = _joined(verdict, self._trial(revisions, Profile.TRIAL, hidden))
        return verdict

    def promotion(self, revisions: Mapping[EvolvingFile, Revision]) -> Verdict:
        """The trial that a winner must pass: of exactly the build that is promoted, hold-outs included.

        It must also build as ordinary runs will build it.
        """
        self._waiting("the optimised build")
        return self._build(revisions, Profile.DISK) or self._trial(
            revisions, Profile.PROMOTION, self.suite.tests
        )

    def panicking(self, current: Mapping[EvolvingFile, Revision]) -> Verdict:
        """What the tests find where every call panics, up to the first that notices."""
        trial = Trial(self.suite, PanickingRoute(), current, self._failed)
        self._trials(trial)
        try:
            return trial.run(self.suite.tests, stop_at_first_red=True)
        finally:
            self._trials(None)

    def one(
        self,
        revisions: Mapping[EvolvingFile, Revision],
        bound: Bound,
        peek: Callable[[pytest.Item], None] = lambda _: None,
    ) -> Verdict:
        """What one test finds; ``peek`` is shown the item when its fixtures are there."""
        return self._trial(revisions, Profile.TRIAL, [bound], peek)

    def called(self, revisions: Mapping[EvolvingFile, Revision], call: Callable[[], T]) -> tuple[T, str]:
        """What ``call`` returns where these revisions are what it calls, and what they print.

        Raises `CompileError` where they do not build, and what a call in a trial raises.
        """
        if failure := self._build(revisions, Profile.TRIAL):
            raise CompileError(failure.compile_error)
        printed = Printed()
        route = self._route(revisions, Profile.TRIAL, printed)
        with ExitStack() as stack:
            stack.callback(route.close)
            for file, revision in revisions.items():
                stack.enter_context(file.through(route, revision))
            return call(), printed.take()

    def _build(
        self, revisions: Mapping[EvolvingFile, Revision], profile: Profile, *, counting: bool = False
    ) -> Verdict | None:
        """Build every file; the verdict of a failure, or None."""
        for file, revision in revisions.items():
            build = file.build(revision, profile, counting=counting)
            self._result.build_seconds += build.seconds
            if isinstance(build, BuildFailure):
                untested = tuple(not_run(bound) for bound in self.suite.tests)
                return Verdict(untested, compile_error=build.text, build_seconds=build.seconds)
        return None

    def _trial(
        self,
        revisions: Mapping[EvolvingFile, Revision],
        profile: Profile,
        tests: Sequence[Bound],
        peek: Callable[[pytest.Item], None] = lambda _: None,
        *,
        counting: bool = False,
        stop_at_first_red: bool = False,
    ) -> Verdict:
        if failure := self._build(revisions, profile, counting=counting):
            return failure
        printed = Printed()
        route = self._route(revisions, profile, printed, counting=counting)
        counted = Counting(self.suite, revisions, route) if counting else None
        trial = Trial(self.suite, route, revisions, self._failed, printed, peek, counted)
        self._trials(trial)
        try:
            route.prepare()
            verdict = trial.run(tests, stop_at_first_red=stop_at_first_red)
        finally:
            self._trials(None)
            route.close()
        self._result.test_seconds += verdict.test_seconds
        self._reports += [(key, metric.value, metric.spread) for key, metric in verdict.metrics.items()]
        return replace(verdict, outcomes=tuple(self._held_to_baseline(item) for item in verdict.outcomes))

    def _route(
        self,
        revisions: Mapping[EvolvingFile, Revision],
        profile: Profile,
        printed: Printed,
        *,
        counting: bool = False,
    ) -> RemoteRoute:
        workbench = self.suite.files[0].workbench
        return RemoteRoute(
            workbench.builder.native.worker,
            lambda handle, wanted: handle.file.build(revisions[handle.file], wanted, counting=counting),
            profile,
            timeout=self._timeout,
            output=printed.add,
            together=[*self.suite.handles, *(file.reached.counters for file in revisions if counting)],
            isolation=workbench.isolation,
            seed=_SEEDS[profile],
        )

    def _held_to_baseline(self, outcome: Outcome) -> Outcome:
        """A body must not make its test skip, or expect to fail, where it ran before."""
        before = self._before.get(outcome.nodeid)
        excused = outcome.status == "xfailed" or (outcome.status == "skipped" and outcome.failure is not None)
        if before is None or before.status in {outcome.status, "not run"} or not excused:
            return outcome
        if outcome.nodeid in self._decorated:
            return outcome  # in the baseline, a fixture before it may have been red
        how = "was skipped" if outcome.status == "skipped" else "was expected to fail"
        failure = Failure("call", "Skipped", f"the test {how}; it must run to its end and pass")
        return replace(outcome, status="failed", failure=failure)


def _excused_by_decorator(item: pytest.Item) -> bool:
    """Whether `unittest.skip` or `expectedFailure` is above a test: pytest learns of those when it runs."""
    test = getattr(item, "obj", None)
    return any(getattr(test, name, False) for name in ("__unittest_skip__", "__unittest_expecting_failure__"))


def _joined(shown: Verdict, hidden: Verdict) -> Verdict:
    return replace(
        hidden,
        outcomes=shown.outcomes + hidden.outcomes,
        reach=shown.reach,
        test_seconds=shown.test_seconds + hidden.test_seconds,
    )
