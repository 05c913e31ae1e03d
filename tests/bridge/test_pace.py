"""Looking for an answer or sleeping until it is there: whichever was quicker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_symbiont.bridge.pace import Pace

if TYPE_CHECKING:
    import pytest


def manners(pace: Pace, looking: float, sleeping: float, calls: int) -> list[bool]:
    """The manner of so many calls, which take so long."""
    used = []
    for _ in range(calls):
        used.append(pace.looks)
        pace.took(looking if pace.looks else sleeping)
    return used


def test_the_quicker_manner_is_kept_and_the_other_tried_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    spare = manners(Pace(), looking=10e-6, sleeping=40e-6, calls=2000)
    busy = manners(Pace(), looking=200e-6, sleeping=20e-6, calls=2000)
    assert 1900 < spare.count(True) < 2000
    assert busy.count(True) < 100
    assert any(busy[1000:])


def test_a_machine_that_changes_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    pace = Pace()
    manners(pace, looking=200e-6, sleeping=20e-6, calls=1000)
    assert manners(pace, looking=10e-6, sleeping=40e-6, calls=2000).count(True) > 1200


def test_one_processor_is_left_to_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert not any(manners(Pace(), looking=10e-6, sleeping=40e-6, calls=100))
