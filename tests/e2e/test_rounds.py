"""Rounds of several lanes: none disturbs another, and nothing is decided by what comes first."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from adding import FILES, RIGHT, WORSE, WRONG
from model_server import Fault

if TYPE_CHECKING:
    from example import NewExample


def lane(request: Any) -> int:
    return int(request["seed"]) // 1_000


def test_a_lane_without_an_answer_does_not_disturb_the_others(example: NewExample) -> None:
    def answers(request: Any) -> str | Fault:
        if lane(request) == 1:
            return Fault(400, {"error": {"message": "not with me"}})
        return RIGHT if request["seed"] % 1_000 == 2 else WRONG if lane(request) else WORSE

    ran = example(FILES).run(
        "--evolve", "--evolve-lanes=3", answers=[answers], repeat=True, changed={"add.rs": ...}
    )
    assert "one lane got no answer in this round" in ran.out
    assert "not with me" in ran.out
    assert "round 1, lane 3: 1 of 2 tests pass" in ran.out
    assert "green after 2 rounds" in ran.summary


def test_where_no_lane_gets_an_answer_it_is_over(example: NewExample) -> None:
    fault = Fault(400, {"error": {"message": "not with me"}})
    ran = example(FILES).run("--evolve", "--evolve-lanes=2", answers=[fault], repeat=True, code=1)
    assert "not with me" in ran.summary


def test_the_order_of_coming_changes_nothing_in_the_lineage(example: NewExample) -> None:
    add = example(FILES)
    texts = [WRONG, WORSE, WRONG.replace("a - b", "a - b - 1")]

    def lineage(first: int) -> list[object]:
        came = threading.Event()

        def answers(request: Any) -> str:
            if request["seed"] % 1_000 == 1 and lane(request) != first:
                came.wait(30)
            came.set()
            return texts[lane(request)] if request["seed"] % 1_000 == 1 else RIGHT

        add.run(
            "--evolve", "--evolve-lanes=3", "--evolve-write=never", "--evolve-trace=t.jsonl",
            "-p", "no:cacheprovider", answers=[answers], repeat=True, changed={"t.jsonl": ...},
        )  # fmt: skip
        told = [json.loads(line) for line in add.read("t.jsonl").splitlines()]
        return [
            (line["number"], line["lane"], line["parents"], line["decision"], line["verdict"]["behaviour"])
            for line in told
            if line["event"] == "attempt"
        ]

    assert lineage(0) == lineage(2)
