"""--evolve-thinking: how much the model thinks first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import FILES, RIGHT, precedence, refusals, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample


def test_command_line_over_environment_over_ini_over_what_the_model_does(example: NewExample) -> None:
    add = example(FILES)

    def sent(args: tuple[str, ...], env: Mapping[str, str]) -> object:
        ran = add.run("--evolve", "--evolve-write=never", *args, env=env, answers=[RIGHT])
        return ran.requests[0].body.get("reasoning_effort")

    assert precedence(add, "thinking", ("off", "low", "max"), sent) == ["none", "low", "max", None]


def test_a_wrong_level_is_a_usage_error(example: NewExample) -> None:
    problem = "'much' is not valid; choose from off, low, medium, high, max"
    assert refused(example(FILES), "thinking", "much") == refusals("thinking", problem)
