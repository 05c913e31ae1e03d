"""--evolve-seed: the seed that sampling starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, WRONG, precedence, refusals, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample


def test_command_line_over_environment_over_ini_over_0(example: NewExample) -> None:
    add = example(FILES)

    def seeds(args: tuple[str, ...], env: Mapping[str, str]) -> object:
        ran = add.run("--evolve", "--evolve-write=never", *args, env=env, answers=[WRONG, RIGHT])
        first, second = (request.body["seed"] for request in ran.requests)
        assert second != first
        return first

    ten, twenty, thirty, zero = precedence(add, "seed", ("10", "20", "30"), seeds)
    assert isinstance(zero, int)
    assert (ten, twenty, thirty) == (zero + 10, zero + 20, zero + 30)


@pytest.mark.parametrize(
    ("value", "problem"), [("-1", "'-1' is not valid; use 0 or more"), ("x", "'x' is not a whole number")]
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "seed", value) == refusals("seed", problem)
