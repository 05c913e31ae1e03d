"""--evolve-top-p: the share of likely tokens to sample from."""

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
        return ran.requests[0].body.get("top_p")

    assert precedence(add, "top-p", ("0.1", "0.2", "0.3"), sent) == [0.1, 0.2, 0.3, None]


@pytest.mark.parametrize(
    ("value", "problem"), [("0", "'0' is not valid; use a number above 0 to 1"), ("x", "'x' is not a number")]
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "top-p", value) == refusals("top-p", problem)
