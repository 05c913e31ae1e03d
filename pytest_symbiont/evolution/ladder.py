"""The ways in which an answer falls short, from the worst to the best, and what each leads to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One way to fall short, as the course names it.

    ``patience`` is how many answers may bring a line of attempts no further before the task is asked afresh,
    where the last of them fell short in this way. ``warmer`` is added to the next question's temperature.
    """

    name: str
    patience: int = 2
    warmer: float = 0.0


NO_CODE = Step("no code")
ONLY_CALLED = Step("only called tools")
BREAKS_OFF = Step("breaks off")
REFUSED = Step("refused")
# Told so once and sampled hotter; what comes back after that is quoted no more.
REPEATED = Step("repeated", warmer=0.3)
NOT_COMPILED = Step("does not compile")
RED = Step("tests fail")

STEPS = (NO_CODE, ONLY_CALLED, BREAKS_OFF, REFUSED, REPEATED, NOT_COMPILED, RED)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why there is nothing to build in an answer: the step, and what the model is told."""

    step: Step
    told: str
