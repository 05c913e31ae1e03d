"""--evolve-record: which answers are recorded beside the suite."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from adding import FILES, GREEN, RIGHT, WRONG, precedence, refusals, refused
from model_server import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample

RECORDING = "__answers__/add.rs-add.jsonl"


def test_command_line_over_environment_over_ini_over_none(example: NewExample) -> None:
    add = example(FILES)

    expected: list[bool] = []

    def recorded(args: tuple[str, ...], env: Mapping[str, str]) -> bool:
        is_one = expected.pop(0)
        add.run("--evolve", "--evolve-write=never", *args, env=env, answers=[RIGHT],
                changed={RECORDING: ...} if is_one else {})  # fmt: skip
        (add.path / RECORDING).unlink(missing_ok=True)
        return is_one

    for values, outcome in (
        (("none", "new", "new"), [False, True, True, False]),
        (("new", "none", "all"), [True, False, True, False]),
    ):
        expected += outcome
        assert precedence(add, "record", values, recorded) == outcome


def test_what_is_recorded_is_replayed_without_a_server(example: NewExample) -> None:
    add = example(FILES)
    add.run(
        "--evolve", "--evolve-record=new", answers=[WRONG, RIGHT], changed={"add.rs": GREEN, RECORDING: ...}
    )
    assert [json.loads(line)["answer"] for line in add.read(RECORDING).splitlines()] == [WRONG, RIGHT]
    add.write({"add.rs": FILES["add.rs"]})
    ran = add.run("--evolve", changed={"add.rs": GREEN}, outcomes={"passed": 2})
    assert "recorded answers are replayed, no model is asked" in ran.out
    assert "warning" not in ran.out


def test_new_keeps_what_is_there_and_all_begins_anew(example: NewExample) -> None:
    add = example(FILES)
    run = ("--evolve", "--evolve-write=never")
    add.run(*run, "--evolve-record=new", answers=[RIGHT], changed={RECORDING: ...})
    before = add.read(RECORDING)
    add.run(*run, "--evolve-record=all", answers=[WRONG, RIGHT], changed={RECORDING: ...})
    after = [json.loads(line)["answer"] for line in add.read(RECORDING).splitlines()]
    assert json.loads(before)["answer"] == RIGHT
    assert after[-2:] == [WRONG, RIGHT]


def test_a_failure_of_the_server_is_never_recorded(example: NewExample) -> None:
    ran = example(FILES).run("--evolve", "--evolve-record=all", answers=[Fault(401, {"error": "no"})], code=1)
    assert "not evolved" in ran.summary


def test_another_word_is_a_usage_error_with_the_valid_ones(example: NewExample) -> None:
    problem = "'some' is not valid; choose from none, new, all"
    assert refused(example(FILES), "record", "some") == refusals("record", problem)
