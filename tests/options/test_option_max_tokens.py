"""--evolve-max-tokens: how many tokens may be generated in the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, WRONG, precedence, refusals, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample


def test_command_line_over_environment_over_ini_over_200_000(example: NewExample) -> None:
    add = example(FILES)

    def asked(args: tuple[str, ...], env: Mapping[str, str]) -> object:
        ran = add.run("--evolve", "--evolve-write=never", *args, env=env, answers=[RIGHT])
        return ran.requests[0].body["max_tokens"]

    # The default leaves room for the largest answer that is ever asked for.
    assert precedence(add, "max-tokens", ("101", "102", "1_03"), asked) == [101, 102, 103, 2048]


def test_what_was_generated_is_taken_off_and_the_end_is_told(example: NewExample) -> None:
    add = example(FILES)
    ran = add.run("--evolve", "--evolve-max-tokens=30", answers=[WRONG, WRONG + " "], code=1)
    first, second = (request.body["max_tokens"] for request in ran.requests)
    assert first == 30
    assert 0 < second < 30
    assert (
        "not solved: the session's 30 generated tokens are used up; allow more with --evolve-max-tokens; "
        "its file is untouched" in ran.summary
    )


@pytest.mark.parametrize(
    ("value", "problem"), [("0", "'0' is not valid; use 1 or more"), ("1e5", "'1e5' is not a whole number")]
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "max-tokens", value) == refusals("max-tokens", problem)
