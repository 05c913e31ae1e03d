"""`--evolve-coverage`: the model is told what no test reaches, and so is the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from example import rust

if TYPE_CHECKING:
    from example import NewExample

UNWRITTEN = "pub fn sign(x: i64) -> i64 {\n    todo!()\n}\n"
TESTS = """
import pytest
from pytest_symbiont import evolvable

sign = evolvable("sign.rs::sign")
pytestmark = pytest.mark.evolve(sign)

def test_positive():
    assert sign(5) == 1

def test_zero():
    assert sign(0) == 0

@pytest.mark.evolve(sign, holdout=True)
def test_kept_back():
    assert sign(100) == 1
"""
WRONG = """
pub fn sign(x: i64) -> i64 {
    if x > 0 {
        return 1;
    }
    if x < 0 {
        return -1;
    }
    7
}
"""
WON = WRONG.strip().replace("    7\n", "    0\n") + "\n"


def test_lines_are_told_and_warned_of(example: NewExample) -> None:
    suite = example({"sign.rs": UNWRITTEN, "test_sign.py": TESTS})
    ran = suite.run(
        "--evolve", "--evolve-coverage", answers=[rust(WRONG), rust(WON)], changed={"sign.rs": WON}
    )
    assert (
        "Only failing tests reach these lines of sign.rs:\n"
        "    5 |     if x < 0 {\n"
        "    8 |     7\n"
        "\n"
        "No test reaches these lines of sign.rs:\n"
        "    6 |         return -1;"
    ) in ran.last_message(1)
    assert "  no test reaches sign.rs: 6\n" in ran.summary


def test_what_workers_reached_is_added_up(example: NewExample) -> None:
    """Each test runs in a worker of its own for the record; line 6 is reached by none of them."""
    suite = example({"sign.rs": UNWRITTEN, "test_sign.py": TESTS})
    ran = suite.run(
        *("--evolve", "--evolve-coverage", "-n3"), answers=[rust(WON)], outcomes={"passed": 3},
        changed={"sign.rs": WON},
    )  # fmt: skip
    assert "  no test reaches sign.rs: 6\n" in ran.summary


def test_a_worker_that_was_killed_leaves_it_unknown(example: NewExample) -> None:
    """What it had reached it told nobody, so that line 6 cannot be called untested."""
    kills = """
        import os, signal

        def pytest_runtest_logfinish(nodeid):
            if "PYTEST_XDIST_WORKER" in os.environ and nodeid.endswith("test_zero"):
                if not os.path.exists("killed"):
                    open("killed", "w").close()
                    os.kill(os.getpid(), signal.SIGKILL)
    """
    suite = example({"sign.rs": UNWRITTEN, "test_sign.py": TESTS, "conftest.py": kills})
    ran = suite.run(
        *("--evolve", "--evolve-coverage", "-n2"), answers=[rust(WON)],
        changed={"sign.rs": WON, "killed": ""},
    )  # fmt: skip
    assert "sign.rs::sign: green after 1 round" in ran.summary
    assert "no test reaches" not in ran.summary


def test_without_it_nothing_is_said(example: NewExample) -> None:
    suite = example({"sign.rs": UNWRITTEN, "test_sign.py": TESTS})
    ran = suite.run("--evolve", answers=[rust(WRONG), rust(WON)], changed={"sign.rs": WON})
    assert "reach" not in ran.last_message(1)
    assert "reach" not in ran.summary


def test_errors_of_rustc_have_nothing_of_the_counters(example: NewExample) -> None:
    suite = example({"sign.rs": UNWRITTEN, "test_sign.py": TESTS})
    wrong = rust('pub fn sign(x: i64) -> i64 { let y = x; "one" }')
    ran = suite.run("--evolve", "--evolve-coverage", answers=[wrong, rust(WON)], changed={"sign.rs": WON})
    assert "mismatched types" in ran.last_message(1)
    assert "__symbiont" not in ran.prompt(1)


def test_a_hang_and_a_panic_leave_the_rest_of_the_lines_known(example: NewExample) -> None:
    suite = example({"sign.rs": UNWRITTEN, "test_sign.py": TESTS})
    stuck = rust("pub fn sign(x: i64) -> i64 {\n    if x > 0 {\n        loop {}\n    }\n    0\n}")
    panics = rust('pub fn sign(x: i64) -> i64 {\n    if x > 0 {\n        panic!("no");\n    }\n    0\n}')
    ran = suite.run(
        *("--evolve", "--evolve-coverage", "--evolve-timeout=1"),
        answers=[stuck, panics, rust(WON)],
        changed={"sign.rs": WON},
    )
    assert "no answer in 1 s" in ran.last_message(1)
    assert "Only failing tests reach these lines of sign.rs:\n    3 |         panic!" in ran.last_message(2)
