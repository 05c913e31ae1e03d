"""What a session tried in vain is known to the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import FILES, TESTS, WORSE, WRONG
from example import rust

if TYPE_CHECKING:
    from example import Example, NewExample

BROKEN = rust("pub fn add(a: i64, b: i64) -> i64 { a + c }")
EARLIER = "known from an earlier session: "


@pytest.fixture
def lost(example: NewExample) -> Example:
    """A project whose first session lost."""
    add = example(FILES)
    add.run("--evolve", "--evolve-rounds=2", answers=[WRONG, BROKEN], code=1)
    return add


def test_the_model_is_told_and_nothing_is_built_or_tried(lost: Example) -> None:
    again = WRONG.replace("a - b", "a  -  b /* as before */")
    ran = lost.run("--evolve", "--evolve-rounds=2", answers=[again, BROKEN], code=1)
    assert f"round 1: {EARLIER}1 of 2 tests pass; add(20, 22) must return 42, not -2" in ran.out
    assert f"round 2: {EARLIER}does not compile: error[E0425]" in ran.out
    assert ran.last_message(1).startswith(
        "This body was tried in an earlier session already. 1 of 2 tests pass. That is wrong:\n\n"
        "add(20, 22) must return 42, not -2"
    )


def test_what_the_model_insists_on_is_tried(lost: Example) -> None:
    ran = lost.run("--evolve", "--evolve-rounds=2", answers=[WRONG, WRONG], code=1)
    assert f"round 1: {EARLIER}1 of 2 tests pass" in ran.out
    assert "round 2: 1 of 2 tests pass" in ran.out


@pytest.mark.parametrize(
    "changed",
    [
        {"test_add.py": f"{TESTS}\n\n"},
        {"conftest.py": "import helper\n", "helper.py": "SUM = 42\n"},
        {"add.rs": f"//! Adds.\n{FILES['add.rs']}"},
    ],
    ids=["the tests", "a helper", "the file"],
)
def test_where_something_else_changed_it_is_tried_again(lost: Example, changed: dict[str, str]) -> None:
    lost.write(changed)
    ran = lost.run("--evolve", "--evolve-rounds=1", answers=[WRONG], code=1)
    assert "round 1: 1 of 2 tests pass" in ran.out


def test_a_session_that_is_gone_on_with_has_no_earlier_self(lost: Example) -> None:
    """What it had from the sessions before it, it has again; what it tried itself is replayed as it was."""
    args = ("--evolve-rounds=3", "--evolve-write=never")
    first = lost.run("--evolve", *args, answers=[WRONG, WORSE, BROKEN], code=1)
    second = lost.run("--evolve-resume", *args, answers=[], code=1)
    course = [[line for line in ran.out.splitlines() if "  round" in line] for ran in (first, second)]
    assert course[0] == course[1]
    assert [EARLIER in line for line in course[0]] == [True, False, True]


def test_what_is_recorded_knows_of_nothing_before(lost: Example) -> None:
    args = ("--evolve-rounds=1", "--evolve-record=new")
    ran = lost.run("--evolve", *args, answers=[WRONG], code=1, changed={"__answers__/add.rs-add.jsonl": ...})
    assert "round 1: 1 of 2 tests pass" in ran.out
    ran = lost.run("--evolve", "--evolve-rounds=1", "--evolve-model=replay", answers=[], code=1)
    assert "round 1: 1 of 2 tests pass" in ran.out
