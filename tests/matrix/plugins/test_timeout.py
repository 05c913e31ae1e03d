"""pytest-timeout: its clock is around tests, never around the model; in a trial it makes a test red."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import RED, RIGHT
from beside import evolved_and_plain, of_add
from example import rust

if TYPE_CHECKING:
    from example import NewExample

PLUGINS = ["pytest_timeout"]
TESTS = """
def test_adds():
    assert add(20, 22) == 42
"""
# More than the deadline of a test; the timer of the signal method is off while the model is asked.
CLOCK = """
import pytest
from pathlib import Path

@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item, settings):
    assert settings.timeout == 30
    NOTES.append("set " + item.name)

@pytest.hookimpl(tryfirst=True)
def pytest_timeout_cancel_timer(item):
    NOTES.append("cancel " + item.name)

NOTES = []

def pytest_unconfigure():
    Path("notes").write_text(" ".join(NOTES))
"""
SLOW = """
def test_adds():
    try:
        wrong = add(20, 22) != 42
    finally:
        while True:
            pass
"""
HANGS = rust("pub fn add(a: i64, b: i64) -> i64 { while a != b + 1 {} 0 }")


def test_reports_and_durations_are_those_of_the_logged_run(example: NewExample) -> None:
    args = ("--timeout=30", "--durations=0", "-vv")
    pair = evolved_and_plain(example, of_add(TESTS), *args, plugins=PLUGINS)
    assert pair.same(lambda side: side.lines(r"^(timeout\w*[^:]*: .*)")) == [
        "timeout: …", "timeout method: signal", "timeout func_only: False"
    ]  # fmt: skip
    phases = pair.same(lambda side: sorted(side.lines(r"(setup|call|teardown) +(test_add.py::\w+)$")))
    assert phases == [f"{phase} test_add.py::test_adds" for phase in ("call", "setup", "teardown")]


def test_a_timer_is_set_for_tests_and_off_while_the_model_is_asked(example: NewExample) -> None:
    files = {**of_add(TESTS), "sub/conftest.py": "", "conftest.py": CLOCK}
    pair = evolved_and_plain(example, files, "--timeout=30", plugins=PLUGINS)
    plain, evolved = (side.files["notes"].decode().split() for side in (pair.plain, pair.evolved))
    assert plain == ["set", "test_adds", "cancel", "test_adds"]
    # Baseline, check, two bodies, the winner's other build, the logged run: none inside of another.
    assert evolved == plain * 6


@pytest.mark.parametrize("given", ["option", "marker"])
def test_what_is_too_slow_for_it_in_a_trial_is_red_and_the_next_body_wins(
    example: NewExample, given: str
) -> None:
    """Also where it strikes in the middle of a call of Rust, long before that call's own deadline."""
    tests = TESTS if given == "option" else "\n@pytest.mark.timeout(0.5)" + TESTS
    args = ("--timeout=0.5",) if given == "option" else ()
    pair = evolved_and_plain(
        example, of_add(tests), *args, "--evolve-timeout=60", plugins=PLUGINS, answers=[HANGS, RIGHT]
    )
    assert "Timeout" in pair.evolved.ran.last_message(1)
    assert pair.same(lambda side: side.outcomes) == {"passed": 1}


def test_a_suite_that_was_not_won_is_reported_as_it_is_on_disk(example: NewExample) -> None:
    pair = evolved_and_plain(
        example,
        of_add(SLOW),
        "--timeout=0.5",
        "--evolve-rounds=1",
        plugins=PLUGINS,
        answers=[RIGHT],
        body=RED,
        code=1,
    )
    assert pair.same(lambda side: side.outcomes) == {"failed": 1}
    assert pair.same(lambda side: side.lines(r"^E +(Failed: Timeout)"))
