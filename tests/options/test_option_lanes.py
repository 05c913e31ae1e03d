"""--evolve-lanes: how many lines of attempts run beside each other."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, WORSE, WRONG, precedence, refusals, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample


def test_command_line_over_environment_over_ini_over_1(example: NewExample) -> None:
    add = example(FILES)

    def lanes(args: tuple[str, ...], env: Mapping[str, str]) -> int:
        ran = add.run("--evolve", "--evolve-rounds=1", *args, env=env, answers=[WRONG], repeat=True, code=1)
        assert len({request.body["seed"] for request in ran.requests}) == len(ran.requests)
        return len(ran.requests)

    assert precedence(add, "lanes", ("2", "3", "4"), lanes) == [2, 3, 4, 1]


def test_lanes_ask_at_the_same_time_and_go_on_alone(example: NewExample) -> None:
    together = threading.Barrier(3)

    by_seed: dict[int, str] = {}
    texts = [WRONG, WORSE, RIGHT.replace("a + b", "a + b + 1")]

    def answers(request: dict[str, object]) -> str:
        seed = request["seed"]
        assert isinstance(seed, int)
        lane, round_ = divmod(seed, 1_000)
        if round_ == 1:
            together.wait(30)  # until all three have asked
            return texts[lane]
        by_seed[seed] = str(request["messages"])
        return RIGHT if lane == 1 else texts[lane].replace("{", "{ let _x = 0;")

    ran = example(FILES).run(
        "--evolve", "--evolve-lanes=3", answers=[answers], repeat=True, changed={"add.rs": ...}
    )
    assert "a * b + 1" in by_seed[1_002]
    assert "a - b" not in by_seed[1_002]
    assert "  round 1, lane 1: 1 of 2 tests pass" in ran.out
    assert "  round 2, lane 2: 2 of 2 tests pass" in ran.out
    assert "green after 2 rounds" in ran.summary


def test_the_same_answers_lead_to_the_same_winner_whichever_comes_first(example: NewExample) -> None:
    add = example(FILES)
    late = threading.Event()

    def answers(request: dict[str, object]) -> str:
        lane = int(str(request["seed"])) // 1_000
        if lane == 0:
            late.wait(30)  # until the other lane is through
            return RIGHT
        late.set()
        return RIGHT.replace("a + b", "b + a")

    add.run("--evolve", "--evolve-lanes=2", answers=[answers], repeat=True, changed={"add.rs": ...})
    assert "a + b" in add.read("add.rs")


@pytest.mark.parametrize(
    ("value", "problem"), [("0", "'0' is not valid; use 1 or more"), ("x", "'x' is not a whole number")]
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "lanes", value) == refusals("lanes", problem)
