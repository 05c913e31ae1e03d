"""--evolve-temperature: how freely a first answer is sampled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, precedence, refusals, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample


def test_command_line_over_environment_over_ini_over_the_default(example: NewExample) -> None:
    add = example(FILES)

    def sent(args: tuple[str, ...], env: Mapping[str, str]) -> object:
        ran = add.run("--evolve", "--evolve-write=never", *args, env=env, answers=[RIGHT])
        return ran.requests[0].body.get("temperature")

    assert precedence(add, "temperature", ("0.1", "0.2", "0.3"), sent) == [0.1, 0.2, 0.3, 0.7]


@pytest.mark.parametrize(
    ("value", "problem"),
    [("2.1", "'2.1' is not valid; use a number from 0 to 2"), ("hot", "'hot' is not a number")],
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "temperature", value) == refusals("temperature", problem)
