"""Attempts and rooms for tests of the search, without a model, rustc or tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.ladder import NO_CODE, REPEATED
from pytest_symbiont.evolution.lineage import Lineage
from pytest_symbiont.evolution.metric import Metric
from pytest_symbiont.evolution.strategies.protocol import Room
from pytest_symbiont.evolution.values import Attempt, Decision, Failure, Outcome, Verdict, behaviour_of
from pytest_symbiont.source.values import Candidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_symbiont.evolution.strategies.protocol import Query, Strategy


def verdict(passed: str, *metrics: Metric) -> Verdict:
    """One test a letter: ``+`` green, ``-`` red; the metrics are the first one's."""
    return Verdict(
        tuple(
            Outcome(
                f"t.py::test_{number}",
                "passed" if sign == "+" else "failed",
                None if sign == "+" else Failure("call", "AssertionError", f"wrong in {number}"),
                metrics=metrics if number == 0 else (),
            )
            for number, sign in enumerate(passed)
        )
    )


def ns(value: float, spread: float = 0.0) -> Metric:
    return Metric("ns", "minimize", value, spread)


def attempt(number: int, passed: str, *metrics: Metric, body: str = "", **more: object) -> Attempt:
    """An attempt that was tried; ``passed`` as `verdict` has it, or ``does not compile``, ``no code``."""
    values = {"decision": Decision("adaptive", "fresh", "", "m"), "generated_tokens": 100, **more}
    made = Attempt(number, "", Candidate({"f": body or f"{{ {number} }}"}), number=number, **values)  # type: ignore[arg-type]
    return _with(made, passed, metrics)


def _with(made: Attempt, passed: str, metrics: Sequence[Metric]) -> Attempt:
    match passed:
        case "does not compile":
            return replace(made, verdict=Verdict(compile_error=f"error {made.number}"))
        case "no code":
            return replace(made, candidate=None, problem="no code", shortfall=NO_CODE)
        case "repeated":
            return replace(made, problem="the same", shortfall=REPEATED)
    found = verdict(passed, *metrics)
    return replace(made, verdict=found, behaviour=behaviour_of(found))


def room(round_: int = 2, lanes: int = 1, **more: object) -> Room:
    values = {"models": ("m",), "temperature": 0.7, "rounds": 8, **more}
    return Room(lanes, round_, **values)  # type: ignore[arg-type]


def proposed(strategy: Strategy, *attempts: Attempt, **more: object) -> list[Query]:
    """What a strategy proposes after it has observed these."""
    for each in attempts:
        strategy.observe(each)
    return list(strategy.propose(Lineage(attempts), room(len(attempts) + 1, **more)))  # type: ignore[arg-type]
