"""--evolve-tool-timeout: the deadline of one call of the project's own tools."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, precedence, refusals, refused
from model_server import called

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample

CONFTEST = """
import signal
from pytest_symbiont import tool

@tool
def left() -> int:
    'How many whole seconds there are, and a bit.'
    return round(signal.getitimer(signal.ITIMER_REAL)[0])

@tool
def hang():
    'Hangs, and catches what it can.'
    while True:
        try:
            signal.pause()
        except Exception:
            pass
"""
PROJECT = {**FILES, "conftest.py": CONFTEST}


def test_command_line_over_environment_over_ini_over_10(example: NewExample) -> None:
    add = example(PROJECT)

    def seconds(args: tuple[str, ...], env: Mapping[str, str]) -> object:
        ran = add.run(
            "--evolve", "--evolve-write=never", *args, env=env, answers=[called(("left", "{}")), RIGHT]
        )
        return ran.last_message(1)

    told = precedence(add, "tool-timeout", ("1000", "2000", "3000"), seconds)
    assert told == ["1000", "2000", "3000", "10"]


def test_a_tool_that_hangs_is_told_to_the_model(example: NewExample) -> None:
    before = signal.getsignal(signal.SIGALRM)
    ran = example(PROJECT).run(
        "--evolve", "--evolve-write=never", "--evolve-tool-timeout=0.05",
        answers=[called(("hang", "{}")), RIGHT],
    )  # fmt: skip
    assert ran.last_message(1) == "error: it gave no answer within 0.05 s"
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("value", "problem"),
    [("0", "'0' is not valid; use a number of seconds above 0"), ("x", "'x' is not a number of seconds")],
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "tool-timeout", value) == refusals("tool-timeout", problem)
