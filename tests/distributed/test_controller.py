"""What is the controller's alone: who is asked and what it may cost, what is written and said."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from distributed.arithmetic import answer, module, solved, source, suites

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample


def test_properties_in_the_junit_report(example: NewExample) -> None:
    two = example(suites("twice", "thrice"))
    found = []
    # What was tried in vain by the first session would be known to the second one, and get no number.
    for args, done in ((("-n2",), {}), (("--cache-clear",), suites("twice", "thrice"))):
        two.write(done)
        two.run(
            "--evolve", "--junitxml=junit.xml", *args, answers=[answer] * 4,
            changed={"twice.rs": solved("twice"), "thrice.rs": solved("thrice"), "junit.xml": ...},
        )  # fmt: skip
        found.append(_properties(two.read("junit.xml")))
    assert found[0] == found[1]
    assert found[0]["test_twice[0]"] == {
        "evolve.target": "twice.rs::twice", "evolve.revision": "2", "evolve.rounds": "2",
        "evolve.tokens": "28", "evolve.written": "true",
    }  # fmt: skip
    two.run("--evolve", "--junitxml=junit.xml", answers=[], changed={"junit.xml": ...})
    green = _properties(two.read("junit.xml"))["test_thrice[3]"]
    assert (green["evolve.revision"], green["evolve.tokens"], green["evolve.written"]) == ("0", "0", "false")


def _properties(xml: str) -> dict[str, Mapping[str, str]]:
    cases = ET.fromstring(xml).iter("testcase")  # noqa: S314 - pytest's own
    return {
        case.attrib["name"]: {each.attrib["name"]: each.attrib["value"] for each in case.iter("property")}
        for case in cases
    }


def test_suites_of_one_file_build_on_each_other(example: NewExample) -> None:
    """Whichever worker evolves the second one starts from what the first one won."""
    shared = example(
        {
            "both.rs": source("twice") + source("thrice"),
            "test_twice.py": module("twice", file="both"),
            "test_thrice.py": module("thrice", file="both"),
        }
    )
    ran = shared.run(
        "--evolve", "-n2", "--dist=loadfile", answers=[_by_first] * 4, outcomes={"passed": 8},
        changed={"both.rs": solved("twice") + solved("thrice")},
    )  # fmt: skip
    assert "x * 3" in ran.prompt(2)


def _by_first(body: Any) -> str:
    """The suite of test_thrice.py comes first, and its winner stands in the second one's prompt."""
    name = "twice" if "x * 3" in body["messages"][1]["content"] else "thrice"
    right = {"twice": 2, "thrice": 3}[name] if len(body["messages"]) > 2 else 7
    return f"```rust\npub fn {name}(x: i64) -> i64 {{\n    x * {right}\n}}\n```"


def test_limits_are_shared(example: NewExample) -> None:
    """Three answers for two suites that need two each, and one at a time."""
    server = _Busy()
    ran = example(suites("twice", "thrice")).run(
        "--evolve", "-n2", "--evolve-answers=3", "--evolve-concurrency=1", "--dist=loadfile",
        "--evolve-write=never", answers=[server.answer] * 3, code=1, outcomes={"passed": 4, "failed": 4},
    )  # fmt: skip
    assert server.most == 1
    assert ran.summary.count("green after 2 rounds") == 1
    assert "not solved: the session's 3 answers are used up" in ran.summary


class _Busy:
    """Counts how many questions it has at once."""

    def __init__(self) -> None:
        self.most = self._now = 0
        self._lock = threading.Lock()

    def answer(self, body: Any) -> str:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            return answer(body)
        finally:
            with self._lock:
                self._now -= 1


def test_a_patch_of_all_suites_and_one_trace(example: NewExample) -> None:
    two = example(suites("twice", "thrice"))
    ran = two.run(
        "--evolve", "-n2", "--dist=loadfile", "--evolve-write=report", "--evolve-trace=trace.jsonl",
        answers=[answer] * 4, changed={"trace.jsonl": ...},
    )  # fmt: skip
    assert ran.out.count("+    x * 2") == ran.out.count("+    x * 3") == 1
    events = two.read("trace.jsonl").splitlines()
    assert events[0].startswith('{"event":"session"')
    assert sum('"event":"session"' in event for event in events) == 1
    assert sum('"event":"attempt"' in event for event in events) == 4
    assert sum('"event":"written"' in event for event in events) == 2


def test_a_session_is_gone_on_with(example: NewExample) -> None:
    """The answer that it was given is kept by the controller, and not asked for again."""
    ended = example(suites("twice"))
    ended.run("--evolve", "-n2", "--evolve-answers=1", answers=[answer], code=1)
    ended.run("--evolve-resume", "-n2", answers=[answer], changed={"twice.rs": solved("twice")})


_SAYS_STOPPED = """
from pathlib import Path

def pytest_testnodedown():
    Path(__file__).with_name("stopped").touch()
"""
_FAILS = """
import threading
from pathlib import Path

def test_fails():
    while not Path(__file__).with_name("asked").exists():
        threading.Event().wait(0.01)
    assert False
"""


def test_exitfirst_ends_what_evolves_elsewhere(example: NewExample) -> None:
    """A test fails while a model is asked, which answers when that test's worker is down."""
    failing = example({**suites("twice"), "conftest.py": _SAYS_STOPPED, "test_failing.py": _FAILS})

    def late(body: Any) -> str:
        (failing.path / "asked").touch()
        while not (failing.path / "stopped").exists():
            threading.Event().wait(0.01)
        return answer(body)

    ran = failing.run(
        "--evolve", "-n2", "--dist=loadfile", "-x", answers=[late], code=2,
        changed={"asked": "", "stopped": ""},
    )  # fmt: skip
    assert "twice.rs::twice: not solved: stopping after 1 failures; its file is untouched" in ran.summary


def test_prompts_are_shown_by_one_process(example: NewExample) -> None:
    ran = example(suites("twice")).run("--evolve-show-prompt", "-n2")
    assert "[user]" in ran.out
    assert "workers" not in ran.out


def test_mistakes_are_usage_errors(example: NewExample) -> None:
    files = suites("twice")
    wrong = example(files)
    assert "no model to ask" in wrong.run("--evolve", "-n2", code=4).err
    wrong.write({"test_twice.py": module("twice", marks="@pytest.mark.evolve(weight=-1)")})
    ran = wrong.run("--evolve", "-n2", answers=[], code=4)
    assert ran.err.count("two evolve markers stand at one place") == 1


def test_nothing_to_evolve(example: NewExample) -> None:
    plain = example({"test_plain.py": "def test_a(): pass\ndef test_b(): pass\n"})
    ran = plain.run("--evolve", "-n2", outcomes={"passed": 2})
    assert ran.out.count("no selected test is marked with @pytest.mark.evolve: nothing to evolve") == 1
