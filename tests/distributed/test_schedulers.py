"""Whatever hands the tests out: each suite evolves once, to what it evolves to in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distributed.arithmetic import answer, solved, suites

if TYPE_CHECKING:
    from example import NewExample

SOLVED = {"twice.rs": solved("twice"), "thrice.rs": solved("thrice")}
RECORDED = {"__answers__/twice.rs-twice.jsonl": ..., "__answers__/thrice.rs-thrice.jsonl": ...}
GROUPED = '@pytest.mark.xdist_group("numbers")'


@pytest.mark.parametrize("dist", ["load", "loadfile", "worksteal", "loadgroup"])
def test_the_same_winners_from_recordings(example: NewExample, dist: str) -> None:
    files = suites("twice", "thrice", marks=GROUPED if dist == "loadgroup" else "")
    both = example(files)
    alone = both.run(
        "--evolve", "--evolve-record=new", answers=[answer] * 4, outcomes={"passed": 8},
        changed={**SOLVED, **RECORDED},
    )  # fmt: skip
    both.write(files)
    many = both.run("--evolve", "-n2", f"--dist={dist}", outcomes={"passed": 8}, changed=SOLVED)
    assert "replaying by position" not in many.out
    assert _told(many.summary) == _told(alone.summary)
    assert "symbiont: 2 suites; recorded answers are replayed" in many.out


def _told(summary: str) -> list[str]:
    """The lines of a summary, without what a clock says."""
    lines = summary.splitlines()[1:-1]
    return [line.partition("; model ")[0] for line in lines if "written" not in line or "written:" in line]


def test_one_suite_spread_over_workers_evolves_once(example: NewExample) -> None:
    ran = example(suites("twice")).run(
        "--evolve", "--tx=2*popen", "--dist=load", "-v", answers=[answer] * 2, outcomes={"passed": 4},
        changed={"twice.rs": solved("twice")},
    )  # fmt: skip
    assert {worker for worker in ("gw0", "gw1") if f"[{worker}]" in ran.out} == {"gw0", "gw1"}
    assert "green after 2 rounds" in ran.summary


def test_each_worker_runs_what_one_evolved(example: NewExample) -> None:
    example(suites("twice")).run(
        "--evolve", "-n2", "--dist=each", answers=[answer] * 2, outcomes={"passed": 8},
        changed={"twice.rs": solved("twice")},
    )  # fmt: skip
