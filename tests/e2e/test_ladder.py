"""Each way in which an answer falls short: its line in the course, what the model is told, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, WORSE, WRONG
from example import rust

from pytest_symbiont.evolution.ladder import (
    BREAKS_OFF,
    NO_CODE,
    NOT_COMPILED,
    ONLY_CALLED,
    RED,
    REFUSED,
    REPEATED,
    STEPS,
    Step,
)

if TYPE_CHECKING:
    from example import NewExample

TASK = "Rewrite `pub fn add(a: i64, b: i64) -> i64` so that every test passes."
# A step, answers that fall short at it, its line in the course, and what the model is told.
FALLS_SHORT = {
    NO_CODE: (["I would not.", "No."], "no code: the answer does not define", "send all of it, complete"),
    BREAKS_OFF: (
        ["```rust\npub fn add(a: i64, b: i64) -> i64 {", "```rust\npub fn add(a: i64, b: i64) -> i64 { ("],
        "breaks off: the definition of `add` does not parse to its end",
        "1 | pub fn add(a: i64, b: i64) -> i64 {",
    ),
    REFUSED: (
        [rust(f"pub fn add(a: i64, b: i64) -> i64 {{ unsafe {{ a + {n} }} }}") for n in range(2)],
        "refused: line 1 of the body of `add` uses `unsafe`, which is not allowed here",
        "write it in safe Rust",
    ),
    NOT_COMPILED: (
        [rust(f"pub fn add(a: i64, b: i64) -> i64 {{ a + c{n} }}") for n in range(3)],
        "does not compile: error[E0425]: cannot find value `c0` in this scope",
        "That does not compile:\n\nerror[E0425]",
    ),
    RED: ([WRONG, WORSE, RIGHT.replace("a + b", "a - b - 1")], "1 of 2 tests pass; add(20, 22) must",
          "1 of 2 tests pass. That is wrong:"),
    REPEATED: ([WRONG, WRONG, f"Again:\n{WRONG}"], "repeated: this is the same body as in an earlier round",
               "this is the same body as in an earlier round; it was not tried again"),
}  # fmt: skip


def test_every_step_is_here() -> None:
    # What only calls tools is in tests/options/test_option_tool_turns.py, where there are some.
    assert {*FALLS_SHORT, ONLY_CALLED} == set(STEPS)
    assert len({step.name for step in STEPS}) == len(STEPS)


@pytest.mark.parametrize("step", FALLS_SHORT, ids=[step.name for step in FALLS_SHORT])
def test_a_step_is_told_with_the_task_and_has_an_end(example: NewExample, step: Step) -> None:
    answers, line, told = FALLS_SHORT[step]
    ran = example(FILES).run(
        "--evolve", "--evolve-strategy=repair", answers=[*answers, RIGHT], changed={"add.rs": ...}
    )
    assert line in ran.out
    # The last but one is mended; what comes after it is asked afresh, and quotes nothing.
    *mended, afresh = range(1, len(ran.requests))
    for number in mended:
        assert TASK in ran.prompt(number)
        assert len(ran.requests[number].body["messages"]) == 4
    assert told in ran.last_message(mended[-1])
    assert ran.prompt(afresh) == ran.prompt(0)
    first, last = ran.requests[0].body, ran.requests[afresh].body
    assert last["temperature"] > first["temperature"]


def test_what_is_repeated_is_asked_for_hotter(example: NewExample) -> None:
    ran = example(FILES).run("--evolve", answers=[WRONG, WRONG, RIGHT], changed={"add.rs": ...})
    first, second, third = (request.body["temperature"] for request in ran.requests)
    assert (first, second, third) == (0.7, 0.7, 1.0)


def test_a_body_is_known_again_after_others(example: NewExample) -> None:
    answers = [WRONG, WORSE, WRONG.replace("a - b", "a  -  b /* once more */"), RIGHT]
    ran = example(FILES).run("--evolve", answers=answers, changed={"add.rs": ...})
    assert "round 3: repeated" in ran.out
