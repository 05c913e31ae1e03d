"""What a session came to, as one JSON object: ``--evolve-report``, described in docs/report.md."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.check import stale_targets
from pytest_symbiont.report.chronicle import installed
from pytest_symbiont.report.events import Spent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.values import Attempt, Verdict

# Grows where a reader of an earlier one would misunderstand. New fields do not make it grow.
SCHEMA = 1


class TargetReport(msgspec.Struct, frozen=True):
    """One target. ``stale`` is what of it is not as ``symbiont.lock`` says when the session ends."""

    file: str
    path: str
    stale: tuple[str, ...]


class TestReport(msgspec.Struct, frozen=True):
    """One test of a suite: in the last trial, and in the logged run; empty where it was in none."""

    nodeid: str
    trial: str
    logged: str
    holdout: bool


class AttemptReport(msgspec.Struct, frozen=True):
    """One answer. ``step`` is how it fell short, empty where it is green; of ``tests`` ``green`` passed."""

    number: int
    round: int
    lane: int
    model: str
    step: str
    problem: str
    green: int
    tests: int
    prompt_tokens: int
    generated_tokens: int
    cost: float
    seconds: Spent


class StepReport(msgspec.Struct, frozen=True):
    """One test's turn, with ``--evolve-step``; no ``rounds`` where it was green already. ``attempt`` won."""

    name: str
    rounds: int
    attempt: int
    diff: tuple[str, ...]


class SuiteReport(msgspec.Struct, frozen=True):
    """One suite. ``written`` says in words what became of its files."""

    suite: str
    end: str
    message: str
    failed: bool
    targets: tuple[TargetReport, ...]
    rounds: int
    prompt_tokens: int
    generated_tokens: int
    cost: float
    seconds: Spent
    written: str
    kept_back: bool
    attempts: tuple[AttemptReport, ...]
    tests: tuple[TestReport, ...]
    steps: tuple[StepReport, ...]


class ErrorReport(msgspec.Struct, frozen=True):
    """What belongs to no suite: a file that could not be collected, an entry of a lock that is lost."""

    place: str
    message: str


class Report(msgspec.Struct, frozen=True):
    """The file. ``exit_status`` is pytest's."""

    schema: int
    plugin: str
    python: str
    ended: str
    exit_status: int
    suites: tuple[SuiteReport, ...]
    errors: tuple[ErrorReport, ...]


def report(
    results: Sequence[Result],
    logged: Mapping[str, str],
    errors: Sequence[ErrorReport],
    exit_status: int,
    root: Path,
) -> Report:
    """The report of a session that ends now; paths are relative to ``root``."""
    return Report(
        SCHEMA,
        installed(),
        platform.python_version(),
        datetime.now(UTC).isoformat(timespec="seconds"),
        exit_status,
        tuple(_suite(result, logged, root) for result in results),
        tuple(errors),
    )


def encoded(told: Report) -> bytes:
    """As JSON, two spaces deep. What no encoding takes (half a surrogate pair) is replaced."""
    try:
        raw = msgspec.json.encode(told)
    except UnicodeEncodeError:
        raw = msgspec.json.encode(_encodable(msgspec.to_builtins(told)))
    return msgspec.json.format(raw, indent=2) + b"\n"


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _encodable(each) for key, each in value.items()}
    return [_encodable(each) for each in value] if isinstance(value, list | tuple) else value


def _suite(result: Result, logged: Mapping[str, str], root: Path) -> SuiteReport:
    return SuiteReport(
        suite=result.suite.name,
        end=result.end,
        message=result.message,
        failed=result.failed,
        targets=_targets(result, root),
        rounds=result.rounds,
        prompt_tokens=sum(attempt.prompt_tokens for attempt in result.attempts),
        generated_tokens=result.generated_tokens,
        cost=result.cost,
        seconds=Spent(result.model_seconds, result.build_seconds, result.test_seconds),
        written=result.written,
        kept_back=result.kept_back,
        attempts=tuple(map(_attempt, result.attempts)),
        tests=_tests(result, logged),
        steps=tuple(StepReport(step.name, step.rounds, step.attempt, step.diff) for step in result.steps),
    )


def _targets(result: Result, root: Path) -> tuple[TargetReport, ...]:
    told = []
    for subject in result.subjects:
        try:
            stale = stale_targets([subject])
        except SymbiontError as error:
            stale = [str(error)]
        told.append(TargetReport(os.path.relpath(subject.file, root), subject.path, tuple(stale)))
    return tuple(told)


def _attempt(attempt: Attempt) -> AttemptReport:
    outcomes = attempt.verdict.outcomes if attempt.verdict else ()
    return AttemptReport(
        number=attempt.number,
        round=attempt.round,
        lane=attempt.lane,
        model=attempt.model,
        step=attempt.step.name if attempt.step else "",
        problem=attempt.problem or (attempt.verdict.compile_error if attempt.verdict else ""),
        green=sum(outcome.green for outcome in outcomes),
        tests=len(outcomes),
        prompt_tokens=attempt.prompt_tokens,
        generated_tokens=attempt.generated_tokens,
        cost=attempt.cost,
        seconds=Spent(attempt.model_seconds, attempt.build_seconds, attempt.test_seconds),
    )


def _tests(result: Result, logged: Mapping[str, str]) -> tuple[TestReport, ...]:
    verdict = result.proof or _last(result)
    outcomes = {outcome.nodeid: outcome for outcome in verdict.outcomes} if verdict else {}
    return tuple(
        TestReport(
            nodeid,
            outcomes[nodeid].status if nodeid in outcomes else "",
            logged.get(nodeid, ""),
            nodeid in outcomes and outcomes[nodeid].holdout,
        )
        for nodeid in result.suite.nodeids
    )


def _last(result: Result) -> Verdict | None:
    return next((attempt.verdict for attempt in reversed(result.attempts) if attempt.verdict), None)
