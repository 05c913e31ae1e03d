"""Turns what the loop tells into the events of a trace."""

from __future__ import annotations

import hashlib
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.values import behaviour_of
from pytest_symbiont.report import events as seen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.evolution.metric import Metric
    from pytest_symbiont.evolution.result import Result, Step
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.evolution.values import Attempt, Decision, Outcome, Verdict
    from pytest_symbiont.models.values import Message
    from pytest_symbiont.settings import Settings


def described(settings: Settings, rustc: str, models: Sequence[str]) -> seen.Session:
    """The first event of a session that begins now."""
    return seen.Session(
        schema=seen.SCHEMA,
        plugin=installed(),
        python=platform.python_version(),
        rustc=rustc,
        strategy=settings.strategy,
        seed=settings.seed,
        lanes=settings.lanes,
        rounds=settings.rounds,
        models=tuple(models),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def installed() -> str:
    """The plugin's version, empty where it runs from a folder that was never installed."""
    try:
        return version("pytest-symbiont")
    except PackageNotFoundError:
        return ""


class Chronicle:
    """A watcher that hands every event to ``tell``, which writes it down or keeps it.

    ``session`` gives the first event, when the first suite begins.
    """

    def __init__(self, session: Callable[[], seen.Session], tell: Callable[[seen.Events], None]) -> None:
        self._session = session
        self._tell = tell
        self._texts: set[str] = set()
        self._suites: set[Suite] = set()

    def waiting(self, result: Result, what: str) -> None:
        """Nothing has happened yet."""

    def prompted(self, result: Result, messages: Sequence[Message]) -> None:
        """A prompt is told with its answer."""

    def baseline(self, result: Result, verdict: Verdict) -> None:
        self._begun(result)
        self._tell(seen.Baseline(result.suite.name, _verdict(verdict)))

    def told(self, result: Result, text: str) -> None:
        self._begun(result)
        self._tell(seen.Note(result.suite.name, text))

    def attempted(self, result: Result, attempt: Attempt) -> None:
        self._begun(result)
        answer = self._text(attempt.answer)
        prompt = tuple(
            seen.MessageSeen(message.role, self._text(message.content)) for message in attempt.prompt
        )
        bodies = self._bodies(attempt.candidate.bodies if attempt.candidate else {})
        self._tell(
            seen.Attempt(
                suite=result.suite.name,
                number=attempt.number,
                round=attempt.round,
                lane=attempt.lane,
                parents=attempt.parents,
                decision=_decision(attempt.decision),
                prompt=prompt,
                model=attempt.model,
                seed=attempt.seed,
                temperature=attempt.temperature,
                answer=answer,
                finish=attempt.finish,
                replayed=attempt.replayed,
                prompt_tokens=attempt.prompt_tokens,
                generated_tokens=attempt.generated_tokens,
                cost=attempt.cost,
                step=attempt.step.name if attempt.step else "",
                problem=attempt.problem,
                bodies=bodies,
                revision=attempt.revision,
                verdict=_verdict(attempt.verdict) if attempt.verdict else None,
                seconds=seen.Spent(attempt.model_seconds, attempt.build_seconds, attempt.test_seconds),
            )
        )

    def stepping(self, result: Result, step: Step, verdict: Verdict) -> None:
        """A step is told when it is begun; which attempt it came to is the last one that is green."""
        if not result.attempts:
            self.baseline(result, verdict)
        self._tell(seen.Step(result.suite.name, step.number, step.of, step.name))

    def stepped(self, result: Result, step: Step) -> None:
        """What was passed over is told with the next that is not."""

    def ended(self, result: Result) -> None:
        self._begun(result)
        won = result.winning
        bodies = {path: body for found in result.bodies.values() for path, body in found.items()}
        digests = self._bodies(bodies)
        self._tell(
            seen.End(
                result.suite.name,
                result.end,
                result.message,
                won.number if won else 0,
                digests,
                result.generated_tokens,
                result.cost,
                seen.Spent(result.model_seconds, result.build_seconds, result.test_seconds),
            )
        )

    def _begun(self, result: Result) -> None:
        suite = result.suite
        if suite in self._suites:
            return
        if not self._suites:
            self._tell(self._session())
        self._suites.add(suite)
        files = {file.name: self._text(file.current.text) for file in suite.files}
        self._tell(
            seen.Suite(
                suite.name,
                tuple(
                    seen.TargetSeen(handle.path, handle.file.name, handle.function.signature.strip())
                    for handle in suite.handles
                ),
                files,
                tuple(seen.TestBound(one.item.nodeid, one.weight, one.holdout) for one in suite.tests),
            )
        )

    def _bodies(self, bodies: Mapping[str, str]) -> dict[str, str]:
        return {path: self._text(body) for path, body in sorted(bodies.items())}

    def _text(self, text: str) -> str:
        """The text's digest; the text itself is told before it is first named."""
        # A model can send what no encoding takes: half a surrogate pair.
        plain = text.encode("utf-8", "replace")
        digest = hashlib.sha256(plain).hexdigest()[:32]
        if digest not in self._texts:
            self._texts.add(digest)
            self._tell(seen.Text(digest, plain.decode()))
        return digest


def _decision(decision: Decision) -> seen.DecisionSeen:
    return seen.DecisionSeen(decision.strategy, decision.arm, decision.why)


def _verdict(verdict: Verdict) -> seen.VerdictSeen:
    return seen.VerdictSeen(
        verdict.green,
        verdict.score,
        behaviour_of(verdict),
        verdict.compile_error,
        tuple(_test(outcome) for outcome in verdict.outcomes),
    )


def _test(outcome: Outcome) -> seen.TestSeen:
    failure = outcome.failure
    return seen.TestSeen(
        outcome.nodeid,
        outcome.status,
        failure.kind if failure else "",
        failure.message if failure else "",
        tuple(_metric(metric) for metric in outcome.metrics),
    )


def _metric(metric: Metric) -> seen.MetricSeen:
    return seen.MetricSeen(
        metric.name, metric.goal, metric.value, metric.spread, metric.threshold, metric.case
    )
