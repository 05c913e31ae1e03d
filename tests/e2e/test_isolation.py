"""Bodies that hang, crash, abort or print: a failure that the model reads, and the session goes on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from example import rust

if TYPE_CHECKING:
    from collections.abc import Callable

    from example import NewExample

SUM = "pub fn sum(xs: &[u64]) -> u64 {\n    todo!()\n}\n"
SUMMED = SUM.replace("todo!()", "xs.iter().sum()")
RIGHT = rust(SUMMED)
SUMS = """
import pytest
from pytest_symbiont import evolvable

total = evolvable("sum.rs::sum")


@pytest.mark.evolve(total)
def test_of_three():
    assert total([3, 4, 5]) == 12


@pytest.mark.evolve(total)
def test_of_none():
    assert total([]) == 0
"""


def body(text: str) -> str:
    return rust(f"pub fn sum(xs: &[u64]) -> u64 {{\n    {text}\n}}")


def children() -> set[int]:
    """The processes that this one has started, and that have not ended."""
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    return set(map(int, found.split()))


def watching(answer: str, seen: list[set[int]]) -> Callable[[object], str]:
    def asked(_request: object) -> str:
        seen.append(children())
        return answer

    return asked


def test_a_hang_is_a_failure_that_the_model_reads(example: NewExample) -> None:
    before = children()
    seen: list[set[int]] = []
    hang = body("let mut n = xs.len();\n    while !xs.is_empty() { n = n.wrapping_mul(3); }\n    n as u64")
    sums = example({"sum.rs": SUM, "test_sum.py": SUMS, "test_other.py": "def test_other():\n    pass\n"})
    ran = sums.run(
        "--evolve",
        "--evolve-timeout=1",
        answers=[hang, watching(RIGHT, seen)],
        outcomes={"passed": 3},
        changed={"sum.rs": SUMMED},
    )
    told = ran.last_message(1)
    assert "no answer in 1 s while `sum(xs=[3, 4, 5])` ran" in told
    assert "test_of_none" not in told, "what did not run is no failure of its own"
    # A worker that hangs is gone before the model is asked, and none is left at the end.
    assert seen == [before]
    assert children() == before


def test_what_hangs_on_disk_does_not_hang_the_session(example: NewExample) -> None:
    hanging = SUM.replace("todo!()", "loop { std::hint::spin_loop() }")
    sums = example({"sum.rs": hanging, "test_sum.py": SUMS})
    ran = sums.run(
        "--evolve",
        "--evolve-timeout=0.5",
        "--evolve-rounds=1",
        answers=["I do not know."],
        code=1,
        outcomes={"failed": 2},
    )
    assert "RustTimeout: no answer in 0.5 s" in ran.out
    sums.run(
        "--evolve",
        "--evolve-timeout=0.5",
        answers=[RIGHT],
        outcomes={"passed": 2},
        changed={"sum.rs": SUMMED},
    )


def test_a_lost_suite_stays_in_its_worker_when_another_of_its_file_wins(example: NewExample) -> None:
    """Promotion of one target must not bring the other's hanging body into this process."""
    last = "\npub fn last(xs: &[u64]) -> u64 {\n    todo!()\n}\n"
    hanging = SUM.replace("todo!()", "loop { std::hint::spin_loop() }")
    sums = example(
        {
            "sum.rs": hanging + last,
            "test_sum.py": """
import pytest
from pytest_symbiont import evolvable

rust = evolvable("sum.rs")

@pytest.mark.evolve(rust.sum)
def test_first():
    assert rust.sum([3]) == 3

@pytest.mark.evolve(rust.last)
def test_last():
    assert rust.last([3, 4]) == 4

@pytest.mark.evolve(rust.sum)
def test_second():
    assert rust.sum([4]) == 4
""",
        }
    )
    ran = sums.run(
        "--evolve",
        "--evolve-timeout=0.5",
        "--evolve-rounds=1",
        answers=["No.", rust(last.replace("todo!()", "xs[xs.len() - 1]"))],
        code=1,
        outcomes={"failed": 2, "passed": 1},
        changed={"sum.rs": hanging + last.replace("todo!()", "xs[xs.len() - 1]")},
    )
    assert "sum.rs::sum: not solved" in ran.summary
    assert "written: sum.rs" in ran.summary


def test_crashes_are_failures_and_the_next_call_gets_a_new_worker(example: NewExample) -> None:
    before = children()
    overflow = """fn deeper(n: u64) -> u64 {
        if n == u64::MAX { 0 } else { std::hint::black_box(deeper(n + 1)) + 1 }
    }
    if xs.is_empty() { 0 } else { deeper(0) }"""
    double_panic = """struct Bomb;
    impl Drop for Bomb { fn drop(&mut self) { panic!("in drop") } }
    let _bomb = Bomb;
    if xs.is_empty() { std::mem::forget(_bomb); return 0 }
    panic!("first")"""
    sums = example({"sum.rs": SUM, "test_sum.py": SUMS})
    ran = sums.run(
        "--evolve",
        answers=[body(overflow), body(double_panic), RIGHT],
        outcomes={"passed": 2},
        changed={"sum.rs": SUMMED},
    )
    assert "stack overflow (endless recursion?) while `sum(xs=[3, 4, 5])` ran" in ran.last_message(1)
    assert "1 of 2 tests pass" in ran.last_message(1)
    assert "SIGABRT (abort) while `sum(xs=[3, 4, 5])` ran" in ran.prompt(2)
    assert children() == before


def test_what_a_body_prints_goes_where_prints_go(example: NewExample) -> None:
    printing = SUM.replace("todo!()", 'println!("on disk {}", xs.len());\n    0')
    sums = example({"sum.rs": printing, "test_sum.py": SUMS})
    ran = sums.run(
        "--evolve", "--evolve-rounds=1", answers=["No."], code=1, outcomes={"failed": 1, "passed": 1}
    )
    assert ran.out.count("on disk 3") == 1, "in the logged run's captured output, and from no trial"
    assert "Captured Rust output call" in ran.out

    ran = sums.run(
        "--evolve",
        "-rP",
        answers=[body('println!("printed {}", xs.len()); eprintln!("noisily"); 7'), RIGHT],
        outcomes={"passed": 2},
        changed={"sum.rs": SUMMED},
    )
    assert "printed" not in ran.out
    assert "noisily" not in ran.out
    told = ran.last_message(1)
    assert "In test_of_three it printed:\n    printed 3\n    noisily\n" in told
    assert "In test_of_none it printed:\n    printed 0\n    noisily\n" in told


def test_a_slow_body_gets_a_second_chance_optimised(example: NewExample) -> None:
    """Unoptimised this loop takes many times the deadline; optimised it is one multiplication."""
    slow = body("let mut n = 0u64;\n    for _ in 0..30_000_000_000u64 { n = n.wrapping_add(1); }\n"
                "    n.wrapping_mul(0) + xs.iter().sum::<u64>()")  # fmt: skip
    sums = example({"sum.rs": SUM, "test_sum.py": SUMS})
    ran = sums.run(
        "--evolve", "--evolve-timeout=3", answers=[slow], outcomes={"passed": 2}, changed={"sum.rs": ...}
    )
    assert "green after 1 round" in ran.summary


def test_a_marker_may_set_the_deadline_of_its_test(example: NewExample) -> None:
    sums = example({"sum.rs": SUM, "test_sum.py": SUMS.replace("(total)", "(total, timeout=0.3)")})
    hang = body("let mut n = 0u64;\n    loop { n = n.wrapping_add(xs.len() as u64); if n == 1 { return n } }")
    ran = sums.run("--evolve", answers=[hang, RIGHT], outcomes={"passed": 2}, changed={"sum.rs": SUMMED})
    assert "no answer in 0.3 s" in ran.last_message(1)
