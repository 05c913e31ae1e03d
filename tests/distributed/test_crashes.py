"""A worker that is killed loses nothing that was paid for, and changes nothing that is left behind."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from distributed.arithmetic import answer, solved, suites

if TYPE_CHECKING:
    from example import NewExample

# Kills its worker where a file does not yet say so: ``when`` is Python that says at which call.
_KILL = """
import os, signal
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_calls = 0


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    global _calls
    _calls += 1
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    number = len(list(_HERE.glob("killed-*")))
    if {when}:
        (_HERE / f"killed-{{number}}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
"""


def _killing(when: str) -> str:
    return dedent(_KILL.format(when=when))


@pytest.mark.parametrize("dist", ["load", "loadfile"])
def test_killed_in_a_trial(example: NewExample, dist: str) -> None:
    """The sixth test that a worker runs is of the trial of the first answer, which is not asked for again."""
    killed = example(suites("twice") | {"conftest.py": _killing("_calls == 6 and number < 1")})
    ran = killed.run(
        "--evolve", "-n2", f"--dist={dist}", "--junitxml=junit.xml", answers=[answer] * 2,
        outcomes={"passed": 4},
        changed={"twice.rs": solved("twice"), "killed-0": "", "junit.xml": ...},
    )  # fmt: skip
    assert "twice.rs::twice: its worker crashed; another one goes on, with its answers" in ran.out
    assert "2 rounds, 2 answers of scripted" in ran.summary
    cases = list(ET.fromstring(killed.read("junit.xml")).iter("testcase"))  # noqa: S314 - pytest's own
    assert sorted(case.attrib["name"] for case in cases) == [f"test_twice[{x}]" for x in range(4)]


def test_killed_in_the_logged_run(example: NewExample) -> None:
    """Where a test has the properties of its winner, it runs for the record."""
    killed = example(suites("twice") | {"conftest.py": _killing("number < 1 and item.user_properties")})
    killed.run(
        "--evolve", "-n2", answers=[answer] * 2, outcomes={"passed": 4},
        changed={"twice.rs": solved("twice"), "killed-0": ""},
    )  # fmt: skip


def test_a_suite_that_crashes_every_worker_is_given_up(example: NewExample) -> None:
    """Its own tests do it, after the baseline; the other suite goes on."""
    crashing = example(
        suites("twice", "thrice") | {"conftest.py": _killing("_calls > 4 and 'twice' in item.name")}
    )
    ran = crashing.run(
        "--evolve", "-n2", "--dist=loadfile", answers=[answer] * 2, code=1,
        changed={"thrice.rs": solved("thrice"), **{f"killed-{number}": "" for number in range(3)}},
    )  # fmt: skip
    assert "twice.rs::twice: not evolved: 3 workers crashed while they evolved it" in ran.summary
