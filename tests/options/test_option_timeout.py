"""--evolve-timeout: the deadline of one Rust call in a trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, precedence, refusals, refused
from example import rust

from pytest_symbiont import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample

ENDLESS = rust("pub fn add(a: i64, b: i64) -> i64 { loop {} }")


def test_command_line_over_environment_over_ini(example: NewExample) -> None:
    add = example(FILES)

    def deadline(args: tuple[str, ...], env: Mapping[str, str]) -> object:
        if (
            not any(arg.startswith("--evolve") for arg in args)
            and not env
            and "timeout" not in add.read("pytest.ini")
        ):
            # Nobody waits for ten seconds to see it.
            return next(option.default for option in settings.OPTIONS if option.name == "timeout")
        ran = add.run("--evolve", "--evolve-write=never", *args, env=env, answers=[ENDLESS, RIGHT])
        said = ran.last_message(1)
        return next(seconds for seconds in ("0.2", "0.3", "0.4") if f"no answer in {seconds} s" in said)

    assert precedence(add, "timeout", ("0.2", "3e-1", "0.4"), deadline) == ["0.2", "0.3", "0.4", "10"]


def test_the_model_reads_that_it_hung_and_with_what(example: NewExample) -> None:
    ran = example(FILES).run(
        "--evolve",
        "--evolve-timeout=0.2",
        answers=[ENDLESS, RIGHT],
        changed={"add.rs": ...},
        outcomes={"passed": 2},
    )
    assert "add(a=20, b=22)" in ran.last_message(1)


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf"])
def test_what_is_no_time_is_a_usage_error(example: NewExample, value: str) -> None:
    problem = f"'{value}' is not valid; use a number of seconds above 0"
    assert refused(example(FILES), "timeout", value) == refusals("timeout", problem)


def test_what_is_no_number_is_a_usage_error(example: NewExample) -> None:
    assert refused(example(FILES), "timeout", "10s") == refusals(
        "timeout", "'10s' is not a number of seconds"
    )
