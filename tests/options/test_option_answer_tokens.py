"""--evolve-answer-tokens: how many tokens one answer may have."""

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
        return ran.requests[0].body.get("max_tokens")

    assert precedence(add, "answer-tokens", ("101", "102", "103"), sent) == [101, 102, 103, 2048]


@pytest.mark.parametrize(
    ("value", "problem"), [("0", "'0' is not valid; use 1 or more"), ("x", "'x' is not a whole number")]
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "answer-tokens", value) == refusals("answer-tokens", problem)
