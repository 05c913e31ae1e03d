"""--evolve-answers: how many answers a session and each suite may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, TESTS, WORSE, WRONG, precedence, refusals, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample

TWO_SUITES = {
    **FILES,
    "sub.rs": "/// The sum again.\npub fn sub(a: i64, b: i64) -> i64 {\n    todo!()\n}\n",
    "test_sub.py": TESTS.replace("add", "sub"),
}


def test_command_line_over_environment_over_ini_over_none(example: NewExample) -> None:
    add = example(FILES)

    def answers(args: tuple[str, ...], env: Mapping[str, str]) -> int:
        ran = add.run(
            "--evolve", "--evolve-rounds=4", *args, env=env, answers=[WRONG, WORSE], repeat=True, code=1
        )
        return len(ran.requests)

    assert precedence(add, "answers", ("1", "2", "3"), answers) == [1, 2, 3, 4]


def test_the_end_is_told(example: NewExample) -> None:
    ran = example(FILES).run("--evolve", "--evolve-answers=1", answers=[WRONG], code=1)
    assert "not solved: the session's 1 answers are used up; allow more with --evolve-answers" in ran.summary


def test_a_suite_has_its_own(example: NewExample) -> None:
    ran = example(TWO_SUITES).run(
        "--evolve", "--evolve-answers=5,2/suite", answers=[WRONG, WORSE], repeat=True, requests=4, code=1
    )
    assert ran.summary.count("the suite's 2 answers are used up") == 2
    ran = example(TWO_SUITES).run(
        "--evolve", "--evolve-answers=3,2/suite", answers=[WRONG, WORSE], repeat=True, requests=3, code=1
    )
    assert "the suite's 2 answers are used up" in ran.summary
    assert "the session's 3 answers are used up" in ran.summary


def test_lanes_share_it(example: NewExample) -> None:
    ran = example(FILES).run(
        "--evolve", "--evolve-lanes=4", "--evolve-answers=6", answers=[WRONG], repeat=True, requests=6, code=1
    )
    assert ", 6 answers of scripted" in ran.summary


def test_one_is_enough_where_it_is_right(example: NewExample) -> None:
    example(FILES).run("--evolve", "--evolve-answers=1", answers=[RIGHT], changed={"add.rs": ...})


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("0", "'0' is not valid; use 1 or more"),
        ("1.5", "'1.5' is not a whole number"),
        ("3/lane", "'3/lane' is not a whole number"),
    ],
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "answers", value) == refusals("answers", problem)
