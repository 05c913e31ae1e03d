"""--evolve-max-time: how many seconds evolution may take."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, WRONG, precedence, refusals, refused
from model_server import Drip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from example import NewExample


def test_command_line_over_environment_over_ini_over_none(example: NewExample) -> None:
    add = example(FILES)

    def over(args: tuple[str, ...], env: Mapping[str, str]) -> bool:
        # The baseline alone takes longer than a millionth of a second.
        ran = add.run("--evolve", "--evolve-rounds=1", *args, env=env, answers=[WRONG], repeat=True, code=1)
        assert len(ran.requests) in {0, 1}
        told = "s are over; allow more with --evolve-max-time" in ran.summary
        assert told == (not ran.requests)
        return told

    values = ("1e-6", "1000", "1e-6/suite")
    assert precedence(add, "max-time", values, over) == [True, False, True, False]


def test_an_answer_that_takes_longer_is_hung_up_on(example: NewExample) -> None:
    gone = threading.Event()

    def pieces() -> Iterator[str]:
        yield ": wait\n\n"
        gone.wait(60)

    # Builds count as well, so that a slow machine may have no time left to ask.
    ran = example(FILES).run(
        "--evolve", "--evolve-max-time=5", answers=[Drip(pieces=pieces)], repeat=True, code=1,
        outcomes={"failed": 2},
    )  # fmt: skip
    gone.set()
    assert (
        "the session's 5 s are over; allow more with --evolve-max-time; its file is untouched" in ran.summary
    )


def test_enough_time_changes_nothing(example: NewExample) -> None:
    args = ("--evolve", "--evolve-max-time=1_000,900/suite")
    example(FILES).run(*args, answers=[RIGHT], changed={"add.rs": ...})


@pytest.mark.parametrize(
    ("value", "problem"),
    [("0", "'0' is not valid; use a number above 0"), ("1m", "'1m' is not a number")],
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "max-time", value) == refusals("max-time", problem)
