"""--evolve-concurrency: how many answers one server is asked for at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from adding import FILES, WRONG, precedence, refusals, refused
from model_server import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample


class Crowd:
    """Answers when as many as expected have asked, and remembers the most that ever did together."""

    def __init__(self, expected: int) -> None:
        self._all_there = threading.Barrier(expected)
        self._lock = threading.Lock()
        self._here = 0
        self.most = 0

    def answer(self, _: object) -> str:
        with self._lock:
            self._here += 1
            self.most = max(self.most, self._here)
        self._all_there.wait(30)
        with self._lock:
            self._here -= 1
        return WRONG


def test_command_line_over_environment_over_ini_over_4(example: NewExample) -> None:
    add = example(FILES)
    expected = [1, 2, 3, 4]

    def most(args: tuple[str, ...], env: Mapping[str, str]) -> int:
        crowd = Crowd(expected.pop(0))
        add.run(
            "--evolve", "--evolve-rounds=1", "--evolve-lanes=12", *args, env=env,
            answers=[crowd.answer], repeat=True, requests=12, code=1,
        )  # fmt: skip
        return crowd.most

    assert precedence(add, "concurrency", ("1", "2", "3"), most) == [1, 2, 3, 4]


def test_a_busy_server_is_asked_for_less_and_nothing_is_lost(example: NewExample) -> None:
    lock = threading.Lock()
    asked: list[int] = []

    def storm(request: dict[str, object]) -> str | Fault:
        with lock:
            asked.append(int(str(request["seed"])))
            is_busy = len(asked) <= 8
        return Fault(429, {"error": {"message": "slow down"}}) if is_busy else WRONG

    ran = example(FILES).run(
        "--evolve", "--evolve-rounds=1", "--evolve-lanes=4", answers=[storm], repeat=True, code=1
    )
    assert sorted(asked[-4:]) == [1, 1_001, 2_001, 3_001]
    assert ", 4 answers of scripted" in ran.summary


@pytest.mark.parametrize(
    ("value", "problem"), [("0", "'0' is not valid; use 1 or more"), ("x", "'x' is not a whole number")]
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "concurrency", value) == refusals("concurrency", problem)
