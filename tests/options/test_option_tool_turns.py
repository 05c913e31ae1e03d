"""--evolve-tool-turns: how often an answer may call tools before it has to be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, precedence, refusals, refused
from model_server import called

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample

CONFTEST = """
from pytest_symbiont import tool

@tool
def look() -> str:
    'Looks.'
    return "nothing there"
"""
LOOKS = called(("look", "{}"))
PROJECT = {**FILES, "conftest.py": CONFTEST}


def test_command_line_over_environment_over_ini_over_8(example: NewExample) -> None:
    add = example(PROJECT)

    def turns(args: tuple[str, ...], env: Mapping[str, str]) -> int:
        ran = add.run("--evolve", "--evolve-rounds=1", *args, env=env, answers=[LOOKS], repeat=True, code=1)
        return len(ran.requests) - 1

    assert precedence(add, "tool-turns", ("1", "2", "3"), turns) == [1, 2, 3, 8]


def test_what_is_used_up_feeds_back_with_the_task(example: NewExample) -> None:
    ran = example(PROJECT).run(
        "--evolve", "--evolve-write=never", "--evolve-tool-turns=2", answers=[LOOKS, LOOKS, LOOKS, RIGHT]
    )
    assert ran.last_message(1) == "nothing there"
    assert ran.last_message(2) == "No tool can be called any more: write the function now."
    first, fourth = ran.prompt(0), ran.prompt(3)
    assert "called tools in every one of its 2 turns and wrote no function; write it now" in fourth
    assert "pub fn add(a: i64, b: i64) -> i64 {" in fourth
    assert "def test_adds" in fourth
    assert "- look: nothing there" not in first
    assert "- look(): nothing there" in fourth
    assert "round 1: only called tools: " in ran.out


@pytest.mark.parametrize(
    ("value", "problem"), [("0", "'0' is not valid; use 1 or more"), ("x", "'x' is not a whole number")]
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "tool-turns", value) == refusals("tool-turns", problem)
