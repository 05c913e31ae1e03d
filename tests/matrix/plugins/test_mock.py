"""pytest-mock: what a test patches is put back after each trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from example import NewExample

TESTS = """
import os

REAL = os.getcwd

def test_calls_are_counted_anew_in_every_run(mocker):
    assert os.getcwd is REAL
    spy = mocker.spy(os, "getcwd")
    stub = mocker.stub(name="told")
    stub(add(20, 22))
    os.getcwd()
    stub.assert_called_once_with(42)
    assert spy.call_count == 1

def test_what_calls_the_function_can_be_patched(mocker):
    patched = mocker.patch(f"{__name__}.add", return_value=7)
    assert add(1, 2) == 7
    mocker.stopall()
    patched.assert_called_once_with(1, 2)
    assert add(0, 0) == 0
"""


def test_patches_do_not_outlive_a_trial(example: NewExample) -> None:
    pair = evolved_and_plain(example, of_add(TESTS), "-v", plugins=["pytest_mock"])
    assert pair.same(lambda side: side.lines(r"::(test_\w+) (PASSED)")) == [
        "test_calls_are_counted_anew_in_every_run PASSED",
        "test_what_calls_the_function_can_be_patched PASSED",
    ]
    # pytest-mock compares the calls itself, and says how they differ.
    assert "Actual: told(-2)" in pair.evolved.ran.last_message(1)
