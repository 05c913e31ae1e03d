"""The budget of a suite whose worker was killed, without workers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_symbiont.evolution.budget import Budget, Reservation
from pytest_symbiont.models.values import Answer, Message
from pytest_symbiont.setting_values import Limit, Price

if TYPE_CHECKING:
    from pytest_symbiont.evolution.budget import SuiteBudget

PROMPT = (Message("user", "?"),)
ANSWER = Answer("fn", "scripted", 1, 100, 0.0)


class _Settings:
    prices = (Price("*", 0.0, 1_000_000.0),)
    answer_tokens = 100
    answers = max_tokens = budget = max_time = Limit()

    def __init__(self, **limits: Limit) -> None:
        vars(self).update(limits)


def spend(budget: SuiteBudget) -> str:
    """One answer; what is lacking for it."""
    reservation = budget.reserve(PROMPT, "scripted")
    if isinstance(reservation, str):
        return reservation
    budget.settle(reservation, replace(ANSWER))
    return ""


@pytest.mark.parametrize(
    "limit", [{"answers": Limit(4)}, {"max_tokens": Limit(400)}, {"budget": Limit(400.0)}], ids=str
)
def test_nobody_spends_what_is_held_for_the_answers_of_a_lost_worker(limit: dict[str, Limit]) -> None:
    settings: Any = _Settings(**limit)
    session = Budget(settings)
    lost, other = session.suite(), session.suite()
    assert not spend(lost)
    assert isinstance(lost.reserve(PROMPT, "scripted"), Reservation)  # under way when it was killed
    lost.end()
    heir = session.suite()
    heir.take_over(lost)
    assert not spend(other)
    assert not spend(other)
    assert spend(other)
    assert not spend(heir)
    assert not spend(heir)
    assert spend(heir)


def test_what_was_held_is_free_when_the_suite_ends() -> None:
    settings: Any = _Settings(answers=Limit(2))
    session = Budget(settings)
    lost = session.suite()
    assert not spend(lost)
    lost.end()
    heir, other = session.suite(), session.suite()
    heir.take_over(lost)
    assert not spend(other)
    assert spend(other)
    heir.end()
    assert not spend(other)
