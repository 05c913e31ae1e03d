"""--evolve-rounds: how many answers a suite may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, WORSE, WRONG, precedence, refusals, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample


def test_command_line_over_environment_over_ini_over_8(example: NewExample) -> None:
    add = example(FILES)

    def rounds(args: tuple[str, ...], env: Mapping[str, str]) -> int:
        # The same wrong answer again costs no trial.
        ran = add.run("--evolve", *args, env=env, answers=[WRONG], repeat=True, code=1)
        count = len(ran.requests)
        assert (
            f"no body passed in {count} round{'s' if count > 1 else ''}; allow more with --evolve-rounds"
            in ran.out
        )
        return count

    assert precedence(add, "rounds", ("1", "2", "3"), rounds) == [1, 2, 3, 8]


def test_it_stops_at_the_first_green_round(example: NewExample) -> None:
    ran = example(FILES).run(
        "--evolve",
        "--evolve-rounds=1_0",
        answers=[WRONG, WORSE, RIGHT],
        changed={"add.rs": ...},
        outcomes={"passed": 2},
    )
    assert "green after 3 rounds" in ran.summary


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("0", "'0' is not valid; use 1 or more"),
        ("-3", "'-3' is not valid; use 1 or more"),
        ("many", "'many' is not a whole number"),
        ("1.5", "'1.5' is not a whole number"),
    ],
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "rounds", value) == refusals("rounds", problem)
