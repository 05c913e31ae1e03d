"""What is refused before a token is spent: suites that no body can mend, or that any body would."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_symbiont.build.builder import BuildFailure, Profile
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.feedback import describe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.evolution.values import Verdict


def refuse_uncalled(suite: Suite, baseline: Verdict) -> None:
    """A suite that never calls its targets proves nothing about them."""
    ran = [outcome for outcome in baseline.outcomes if outcome.status not in {"skipped", "not run"}]
    if not ran or any(outcome.calls for outcome in ran):
        return
    names = _names(suite)
    for outcome in ran:
        failure = outcome.failure
        if failure is not None and failure.phase == "setup":
            said = (failure.message.strip().splitlines() or [""])[0]
            raise SymbiontError(
                f"{outcome.nodeid} fails in a fixture before it calls {names}, which no body can mend: "
                f"{failure.kind}: {said}; repair the fixture"
            )
    red = next((outcome for outcome in ran if not outcome.green), None)
    if red is not None:
        told = describe(red, {}).strip()
        raise SymbiontError(
            f"no test calls {names}, and one fails for another reason, which no body can mend:\n{told}"
        )
    raise SymbiontError(
        f"no test of the suite calls {names}: it stays green whatever the body is; test the function"
    )


def refuse_unjudged(baseline: Verdict) -> None:
    """Where every test is skipped or expected to fail, no body can be told from another."""
    if baseline.outcomes and all(outcome.status in {"skipped", "xfailed"} for outcome in baseline.outcomes):
        raise SymbiontError(
            "every test of the suite is skipped or expected to fail, so no body can be judged; let one run"
        )


def refuse_unmeasured(baseline: Verdict) -> None:
    """Where nothing is measured, one green body is as good as the other."""
    if not baseline.metrics:
        raise SymbiontError(
            "the suite is green and no test reports a metric, so there is nothing to improve; report one "
            "with the fixture evolve_metric, or leave --evolve-improve out"
        )


def refuse_indifferent(suite: Suite, panicking: Verdict) -> None:
    """A suite that stays green when every call panics does not test the target."""
    if panicking.green:
        raise SymbiontError(
            f"the suite stays green when {_names(suite)} panics, so any body would do; assert on what it "
            "returns or changes"
        )


def refuse_namesakes(asked: Sequence[Handle]) -> None:
    """One answer holds the bodies of all, by name."""
    known: dict[str, Handle] = {}
    for handle in asked:
        other = known.setdefault(handle.path, handle)
        if other is not handle:
            raise SymbiontError(
                f"{other.label} and {handle.label} share a test, so one answer has to hold both, and it "
                "could not tell them apart; rename one, or give each tests of its own"
            )


def refuse_context(unwritten: Mapping[EvolvingFile, str]) -> None:
    """What surrounds the bodies must compile, and with what candidates may use."""
    for file, text in unwritten.items():
        bare = replace(file.revisions[0], text=text)
        failure = file.build(bare, Profile.TRIAL)
        if not isinstance(failure, BuildFailure):
            continue
        name = file.name
        if isinstance(file.build(bare, Profile.DISK), BuildFailure):
            raise SymbiontError(
                f"{name} does not compile outside of the bodies to evolve; mend it first:\n{failure.text}"
            )
        raise SymbiontError(
            f"{name} compiles by itself, but not with the safe part of std that candidates are given "
            f"(docs/facade.md); allow more with --evolve-allow, or move it into another file:\n{failure.text}"
        )


def _names(suite: Suite) -> str:
    return " or ".join(f"`{handle.function.name}`" for handle in suite.handles)
