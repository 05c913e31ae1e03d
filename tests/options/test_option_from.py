"""--evolve-from: the body to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import FILES, RED, RIGHT, precedence, refusals, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample


def test_command_line_over_environment_over_ini_over_current(example: NewExample) -> None:
    add = example({**FILES, "add.rs": RED.replace("todo!()", "a - b // mine")})

    def start(args: tuple[str, ...], env: Mapping[str, str]) -> str:
        ran = add.run("--evolve", "--evolve-write=never", *args, env=env, answers=[RIGHT])
        assert ("a - b // mine" in ran.prompt(0)) is ("todo!()" not in ran.prompt(0))
        return "current" if "a - b // mine" in ran.prompt(0) else "scratch"

    assert precedence(add, "from", ("scratch", "current", "scratch"), start) == [
        "scratch",
        "current",
        "scratch",
        "current",
    ]


def test_another_word_is_a_usage_error_with_the_valid_ones(example: NewExample) -> None:
    problem = "'zero' is not valid; choose from current, scratch"
    assert refused(example(FILES), "from", "zero") == refusals("from", problem)
