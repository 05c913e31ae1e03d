"""pytest-rerunfailures: trials rerun nothing, the logged run reruns as ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import RED, WRONG
from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from beside import Side
    from example import NewExample

PLUGINS = ["pytest_rerunfailures"]
# Flaky in the logged run alone, whatever came before: the first time that reports are logged.
FLAKY = """
@pytest.fixture
def logged(request):
    evolution = request.config.pluginmanager.get_plugin("symbiont-evolution")
    return evolution is None or evolution._session.trial is None

RUNS = []

def test_adds(logged):
    assert add(20, 22) == 42
    if logged:
        RUNS.append(1)
        assert len(RUNS) > 1, "the first time"

def test_zero():
    assert add(0, 0) == 0
"""


def reruns(side: Side) -> list[str]:
    return side.lines(r"^test_add\.py::(\w+) (RERUN|PASSED|FAILED)")


def test_a_flaky_test_is_rerun_and_its_suite_is_written(example: NewExample) -> None:
    pair = evolved_and_plain(example, of_add(FLAKY), "--reruns=2", "-v", "-rR", plugins=PLUGINS)
    assert pair.same(reruns) == ["test_adds RERUN", "test_adds PASSED", "test_zero PASSED"]
    assert pair.same(lambda side: side.outcomes) == {"passed": 2, "rerun": 1}
    assert pair.same(lambda side: side.lines("^(RERUN) (.*)")) == ["RERUN test_add.py::test_adds"]


def test_a_marked_test_that_stays_red_is_rerun_as_often_as_ever(example: NewExample) -> None:
    tests = "@pytest.mark.flaky(reruns=2)\ndef test_adds():\n    assert add(20, 22) == 42\n"
    pair = evolved_and_plain(
        example, of_add(tests), "-v", "--evolve-rounds=1", plugins=PLUGINS, answers=[WRONG], body=RED, code=1
    )
    assert pair.same(reruns) == ["test_adds RERUN", "test_adds RERUN", "test_adds FAILED"]
    assert pair.same(lambda side: side.outcomes) == {"failed": 1, "rerun": 2}
