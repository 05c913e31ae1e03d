"""Trials happen inside the session, and nobody notices: one test a pitfall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from example import rust

if TYPE_CHECKING:
    from example import NewExample

NEXT = "pub fn next(n: i64) -> i64 {\n    todo!()\n}\n"
DONE = NEXT.replace("todo!()", "n + 1")
RIGHT = rust("pub fn next(n: i64) -> i64 { n + 1 }")
HEAD = """
import pytest
from pytest_symbiont import evolvable

next = evolvable("next.rs::next")
pytestmark = pytest.mark.evolve(next)
"""


def wrong(number: int) -> str:
    return rust(f"pub fn next(n: i64) -> i64 {{ n - {number} }}")


COUNTING = """
import json, pytest
from pathlib import Path

COUNTS = {}

def count(name):
    COUNTS[name] = COUNTS.get(name, 0) + 1

def pytest_unconfigure():
    Path("counts").write_text(json.dumps(COUNTS))

@pytest.fixture(scope="session")
def whole():
    count("session"); yield "up"; count("session down")
@pytest.fixture(scope="module")
def module(whole):
    count("module"); yield whole; count("module down")
@pytest.fixture(scope="class")
def klass(module):
    count("class"); yield []; count("class down")
@pytest.fixture
def function(klass):
    count("function"); yield []; count("function down")
"""


# A session fixture that fails until the body is right.
FIRST = """
@pytest.fixture(scope="session")
def first(whole):
    from pytest_symbiont import evolvable
    count("first")
    number = evolvable("next.rs::next")(0)
    assert number == 1
    yield number
    count("first down")
"""


def counts(example: object) -> dict[str, int]:
    import json  # noqa: PLC0415

    return dict(json.loads(example.read("counts")))  # type: ignore[attr-defined]


def test_fixtures_live_as_long_as_they_should_over_many_trials(example: NewExample) -> None:
    folder = example(
        {
            "next.rs": NEXT,
            "conftest.py": COUNTING,
            "test_a.py": HEAD
            + """
def setup_module():
    from conftest import count
    count("setup_module")

class TestNext:
    def test_one(self, function, klass, tmp_path):
        assert not function and not klass and not list(tmp_path.iterdir())
        function.append(1)
        (tmp_path / "file").touch()
        assert next(1) == 2

    def test_two(self, function, klass):
        assert not function
        klass.append(2)
        assert next(2) == 3
""",
        }
    )
    rounds = 20
    folder.run(
        "--evolve",
        f"--evolve-rounds={rounds + 1}",
        "-p",
        "conftest",
        answers=[*(wrong(number) for number in range(rounds)), RIGHT],
        outcomes={"passed": 2},
        changed={"next.rs": DONE, "counts": ...},
    )
    # Baseline, check (its first test), an attempt each, the winner in its two builds, the logged run.
    trials = 1 + 1 + rounds + 2 + 1
    assert counts(folder) == {
        "setup_module": 1,
        "session": 1,
        "module": 1,
        "class": trials,
        "function": 2 * trials - 1,
        "function down": 2 * trials - 1,
        "class down": trials,
        "module down": 1,
        "session down": 1,
    }


def test_a_suite_of_one_test_gets_fresh_fixtures(example: NewExample) -> None:
    folder = example(
        {
            "next.rs": NEXT,
            "conftest.py": COUNTING,
            "test_a.py": HEAD
            + "def test_one(function, module):\n    function.append(next(1))\n    assert function == [2]\n",
        }
    )
    folder.run(
        "--evolve", "-p", "conftest", answers=[wrong(1), RIGHT], changed={"next.rs": DONE, "counts": ...}
    )
    found = counts(folder)
    assert (found["session"], found["module"], found["class"], found["function"]) == (1, 1, 6, 6)


def test_a_suite_over_two_modules_with_hold_outs_in_the_second(example: NewExample) -> None:
    folder = example(
        {
            "next.rs": NEXT,
            "conftest.py": COUNTING,
            "test_a.py": HEAD + "def test_one(function):\n    assert next(1) == 2\n",
            "test_b.py": HEAD.replace("(next)", "(next, holdout=True)")
            + "def test_two(function):\n    assert next(5) == 6\n",
        }
    )
    ran = folder.run(
        "--evolve",
        "-p",
        "conftest",
        answers=[rust("pub fn next(n: i64) -> i64 { n * 2 }"), RIGHT],
        outcomes={"passed": 2},
        changed={"next.rs": DONE, "counts": ...},
    )
    assert "other inputs" in ran.last_message(1)
    found = counts(folder)
    assert found["session"] == 1
    assert found["function"] == found["function down"]


def test_a_session_fixture_that_fails_by_the_target_is_set_up_again(example: NewExample) -> None:
    folder = example(
        {
            "next.rs": NEXT,
            "conftest.py": COUNTING + FIRST,
            "test_a.py": HEAD
            + """
def test_one(first, module):
    assert next(first) == 2

def test_two(first):
    assert next(first) > first
""",
        }
    )
    ran = folder.run(
        "--evolve",
        "-p",
        "conftest",
        answers=[wrong(1), RIGHT],
        outcomes={"passed": 2},
        changed={"next.rs": DONE, "counts": ...},
    )
    assert "in its setup" in ran.last_message(1)
    found = counts(folder)
    assert found["session"] == 1, "what was set up well stays up"
    assert found["first"] == 4  # baseline, check, one that is wrong; from the right one on it is up


def test_a_session_fixture_that_fails_for_its_own_reason_costs_nothing(example: NewExample) -> None:
    folder = example(
        {
            "next.rs": NEXT,
            "conftest.py": """
import pytest

@pytest.fixture(scope="session")
def database():
    raise ConnectionError("no database on port 5432")
""",
            "test_a.py": HEAD + "def test_one(database):\n    assert next(1) == 2\n",
        }
    )
    ran = folder.run("--evolve", answers=[], code=1, outcomes={"errors": 1})
    assert "fails in a fixture before it calls `next`" in ran.summary
    assert "ConnectionError: no database on port 5432" in ran.summary


def test_every_scope_a_failing_session_fixture_and_two_modules_at_once(example: NewExample) -> None:
    folder = example(
        {
            "next.rs": NEXT,
            "conftest.py": COUNTING + FIRST,
            "test_a.py": HEAD
            + """
class TestNext:
    def test_one(self, first, function, klass):
        assert not function and not klass
        klass.append(first)
        assert next(first) == 2

    def test_two(self, function, klass):
        assert not function
        function.append(1)
        assert next(2) == 3
""",
            "test_b.py": HEAD
            + """
def test_three(first, module, function):
    assert not function
    assert next(2 * first) == 3
""",
        }
    )
    folder.run(
        "--evolve", "-p", "conftest", answers=[wrong(1), wrong(2), RIGHT],
        outcomes={"passed": 3}, changed={"next.rs": DONE, "counts": ...},
    )  # fmt: skip
    # All tests: the baseline, two wrong bodies, the right one in its two builds, the logged run. The check
    # that a panic is noticed stops at its first test, which fails in the session fixture.
    whole, check, red = 6, 1, 3
    assert counts(folder) == {
        "session": 1, "session down": 1,
        # Set up by each test that asks for it while it fails; once it stands it stays.
        "first": 2 * red + check + 1 - red, "first down": 1,
        # A module ends where the next one begins: two modules a trial, but for the second one's only test,
        # which does not get so far while `first` fails.
        "module": 2 * whole - red, "module down": 2 * whole - red,
        "class": 2 * whole - red, "class down": 2 * whole - red,
        "function": 3 * whole - 2 * red, "function down": 3 * whole - 2 * red,
    }  # fmt: skip


NOTES = """
import json, pytest
from pathlib import Path

TRIAL = {"under way": False}
LOG = []

def log(*words):
    LOG.append(" ".join(map(str, words)))

def pytest_runtest_logstart(nodeid): log("logstart", nodeid)
def pytest_runtest_logfinish(nodeid): log("logfinish", nodeid)
def pytest_runtest_logreport(report): log("report", report.when, report.outcome)
def pytest_exception_interact(node): log("interact", node.nodeid)
def pytest_warning_recorded(warning_message): log("warning", warning_message.message)

# pytest 8 has no subtests yet.
if pytest.version_tuple < (9,):
    from contextlib import nullcontext

    class Subtests:
        def test(self, **given):
            return nullcontext()

    @pytest.fixture
    def subtests():
        return Subtests()

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    log("enter", item.name)
    try:
        return (yield)
    finally:
        log("leave", item.name)

def pytest_unconfigure():
    Path("log").write_text("\\n".join(LOG))
"""


def test_nothing_of_a_trial_is_logged_and_no_clock_includes_the_model(example: NewExample) -> None:
    """Also where the plugin that watches comes from a folder's conftest, which is loaded later."""
    folder = example(
        {
            "next.rs": NEXT,
            "sub/conftest.py": NOTES,
            "sub/test_a.py": HEAD.replace("next.rs", "../next.rs")
            + """
import warnings

def test_one(record_property, subtests):
    record_property("tried", next(0))
    warnings.warn("one for each run", UserWarning)
    for number in range(3):
        with subtests.test(number=number):
            assert next(number) == number + 1
    print("printed", next(0))
""",
        }
    )

    def asked(_request: object) -> str:
        return wrong(5)

    ran = folder.run(
        "--evolve",
        "-W",
        "default",
        "--junitxml=report.xml",
        "-ojunit_family=xunit1",
        "-rA",
        answers=[asked, RIGHT],
        changed={"next.rs": DONE, "log": ..., "report.xml": ...},
    )
    said = folder.read("log").splitlines()
    assert "-5" in ran.last_message(1)
    # Five silent runs, complete each of them; only then the one that is logged begins.
    silent = ["enter test_one", "leave test_one"] * 5
    assert said[: len(silent)] == silent
    logged = said[len(silent) :]
    assert logged[0] == "enter test_one"
    assert logged.count("logstart sub/test_a.py::test_one") == 1
    assert sum(line.startswith("warning one for each run") for line in logged) == 1
    assert not any(line.startswith("interact") or line.endswith("failed") for line in said)
    assert ran.result.parseoutcomes()["warnings"] == 1
    assert ran.out.count("printed 1") == 1
    report = folder.read("report.xml")
    assert report.count('<property name="tried"') == 1
    assert 'failures="0"' in report
    assert ran.out.count("Captured stdout call") == 1


def test_a_clock_around_the_protocol_never_sees_the_model(example: NewExample) -> None:
    """As pytest-timeout does it: a wrapper of the protocol. The model is asked while none is open."""
    folder = example(
        {
            "next.rs": NEXT,
            "sub/conftest.py": """
import os, pytest

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    os.environ["CLOCK"] = "running"
    try:
        return (yield)
    finally:
        del os.environ["CLOCK"]
""",
            "sub/test_a.py": HEAD.replace("next.rs", "../next.rs")
            + "def test_one():\n    assert next(1) == 2\n",
        }
    )
    running: list[bool] = []

    def asked(_request: object) -> str:
        import os  # noqa: PLC0415

        running.append("CLOCK" in os.environ)
        return RIGHT

    ran = folder.run("--evolve", "--durations=0", "-vv", answers=[asked], changed={"next.rs": DONE})
    assert running == [False]
    assert ran.out.count("call     sub/test_a.py::test_one") == 1


@pytest.mark.parametrize("flag", ["-s", "--capture=tee-sys", "--setup-show"])
def test_no_output_of_trials_reaches_the_terminal(example: NewExample, flag: str) -> None:
    folder = example(
        {
            "next.rs": NEXT,
            "test_a.py": HEAD
            + """
import logging, os, sys

@pytest.fixture
def given():
    return 1

def test_one(given):
    print("from Python")
    sys.stderr.write("to stderr\\n")
    os.write(1, b"by descriptor\\n")
    logging.warning("by logging")
    assert next(given) == 2
""",
        }
    )
    ran = folder.run(
        "--evolve",
        flag,
        "-o",
        "log_cli=true",
        "--log-file=log",
        answers=[wrong(1), RIGHT],
        subprocess=True,
        outcomes={"passed": 1},
        changed={"next.rs": DONE, "log": ...},
    )
    captured = flag == "--setup-show"
    assert ran.out.count("from Python") == (0 if captured else 1)
    assert (ran.out + ran.err).count("to stderr") == (0 if captured else 1)
    assert ran.out.count("by descriptor") == (0 if captured else 1)
    assert ran.out.count("by logging") == 1
    assert folder.read("log").count("by logging") == 1
    assert ran.out.count("SETUP    F given") == (1 if captured else 0)


def test_builtin_fixtures_work_in_trials(example: NewExample) -> None:
    folder = example(
        {
            "next.rs": NEXT,
            "test_a.py": HEAD
            + """
import logging, os, sys

def test_capsys(capsys):
    print(next(1))
    assert capsys.readouterr().out == "2\\n"

def test_capfd(capfd):
    os.write(1, str(next(1)).encode())
    assert capfd.readouterr().out == "2"

def test_caplog(caplog):
    logging.getLogger("x").warning("%d", next(1))
    assert caplog.messages == ["2"]
    assert [record.message for record in caplog.get_records("call")] == ["2"]

def test_monkeypatch(monkeypatch, tmp_path, request):
    assert "NEXT" not in os.environ
    monkeypatch.setenv("NEXT", str(next(1)))
    monkeypatch.chdir(tmp_path)
    assert os.environ["NEXT"] == "2" and not os.listdir()
    open("there", "w").close()

def test_recwarn(recwarn):
    import warnings
    warnings.warn(str(next(1)))
    assert str(recwarn.pop().message) == "2"
""",
        }
    )
    for capture in ("fd", "no"):
        folder.write({"next.rs": NEXT})
        folder.run(
            "--evolve",
            f"--capture={capture}",
            "-p",
            "no:cacheprovider",
            answers=[wrong(1), RIGHT],
            outcomes={"passed": 5},
            changed={"next.rs": DONE},
        )


def test_every_way_to_be_a_test(example: NewExample) -> None:
    """Classes, TestCase, parametrize, pytestmark, xfail, skip, helpers, fixtures, a bare marker."""
    folder = example(
        {
            "next.rs": NEXT + "\npub fn back(n: i64) -> i64 {\n    todo!()\n}\n",
            "helper.py": """
from pytest_symbiont import evolvable

rust = evolvable("next.rs")

def advanced(n):
    return Steps().up(n)

class Steps:
    def up(self, n):
        return rust.next(n)
""",
            "test_a.py": """
import unittest
import pytest
from helper import advanced, rust

@pytest.mark.evolve(rust.next)
class TestClass:
    @pytest.mark.parametrize("n", [1, 2])
    def test_n(self, n):
        assert advanced(n) == n + 1

    @pytest.mark.xfail(reason="as it is", strict=True)
    def test_strictly_expected_to_fail(self):
        assert rust.next(1) == 1

    @pytest.mark.xfail(reason="perhaps", strict=False)
    def test_expected_to_fail(self):
        assert rust.next(1) == 2

    @pytest.mark.skip(reason="not today")
    def test_skipped(self):
        assert rust.next(1) == 0

@pytest.mark.evolve(rust.next)
class TestCase(unittest.TestCase):
    def setUp(self):
        self.start = advanced(0)

    def test_start(self):
        self.assertEqual(self.start, 1)

    def test_each(self):
        for n in range(2):
            with self.subTest(n=n):
                self.assertEqual(rust.next(n), n + 1)

@pytest.fixture
def behind():
    return rust.back(10)

@pytest.mark.evolve
def test_bare(behind):
    assert behind == 9

@pytest.mark.evolve
@pytest.mark.parametrize("step", [lambda n: rust.back(n)], ids=["lambda"])
def test_bare_through_a_parameter(step):
    assert step(1) == 0

def test_without_any_marker():
    assert rust.next(1) == 2
""",
        }
    )
    ran = folder.run(
        "--evolve",
        answers=[
            rust("pub fn next(n: i64) -> i64 { n }"),
            RIGHT,
            rust("pub fn back(n: i64) -> i64 { n - 1 }"),
        ],
        changed={"next.rs": DONE + "\npub fn back(n: i64) -> i64 {\n    n - 1\n}\n"},
    )
    found = ran.result.parseoutcomes()
    assert {key: found[key] for key in ("passed", "skipped", "xfailed", "xpassed")} == {
        "passed": found["passed"],
        "skipped": 1,
        "xfailed": 1,
        "xpassed": 1,
    }
    assert "failed" not in found
    assert "next.rs::next: green after 2 rounds" in ran.summary
    assert "next.rs::back: green after 1 round" in ran.summary


def test_ctrl_c_in_a_trial_leaves_files_whole_and_says_what_was_won(example: NewExample) -> None:
    folder = example(
        {
            "next.rs": NEXT,
            "other.rs": NEXT.replace("next", "other"),
            "test_a.py": HEAD + "def test_one():\n    assert next(1) == 2\n",
            "test_b.py": HEAD.replace("next", "other")
            + """
def test_interrupts():
    if other(1) == 7:
        raise KeyboardInterrupt
    assert other(1) == 2

def test_more():
    assert other(2) == 3
""",
        }
    )
    ran = folder.run(
        "--evolve",
        answers=[RIGHT, rust("pub fn other(n: i64) -> i64 { n + 6 }")],
        code=2,
        subprocess=True,
        outcomes={"passed": 1},
        changed={"next.rs": DONE},
    )
    assert "next.rs::next: green after 1 round" in ran.summary
    assert "written: next.rs" in ran.summary
    assert "other.rs::other: interrupted" in ran.summary
    assert "its file is untouched" in ran.summary
    assert "KeyboardInterrupt" in ran.out


def test_exitfirst_means_the_logged_run(example: NewExample) -> None:
    folder = example({
        "next.rs": NEXT,
        "test_a.py": HEAD + "def test_one():\n    assert next(1) == 2\n",
        "test_a2.py": HEAD + "def test_two():\n    assert next(3) == 4\n",
        "test_b.py": "def test_red():\n    assert 0\n\ndef test_never():\n    pass\n",
    })  # fmt: skip
    folder.run(
        "--evolve",
        "-x",
        answers=[wrong(1), wrong(2), RIGHT],
        code=1,
        outcomes={"passed": 2, "failed": 1},
        changed={"next.rs": DONE},
    )


def test_without_a_terminal_plugin_it_works_the_same(example: NewExample) -> None:
    folder = example({"next.rs": NEXT, "test_a.py": HEAD + "def test_one():\n    assert next(1) == 2\n"})
    folder.run("--evolve", "-p", "no:terminal", answers=[wrong(1), RIGHT], changed={"next.rs": DONE})


LONG = """
def test_long(tmp_path):
    (tmp_path / "file").touch()
    numbers = [next(n) for n in range(200)]
    assert numbers == list(range(1, 201)), f"in {tmp_path} of {object()!r}"

def test_text():
    assert "x" * next(400) == "x" * 401
"""


def test_requests_are_the_same_bytes_in_every_environment(example: NewExample) -> None:
    folder = example({"next.rs": NEXT, "test_a.py": HEAD + LONG})
    asked = []
    for args, env in (
        (("-q",), {}),
        (("-vv", "--tb=short"), {"CI": "1", "COLUMNS": "200"}),
        (("-v", "-s", "--color=yes"), {"BUILD_NUMBER": "7"}),
    ):
        folder.write({"next.rs": NEXT})
        ran = folder.run(
            *("--evolve", "--cache-clear", *args),  # what was tried in vain before would be known
            env=env,
            answers=[wrong(1), RIGHT],
            changed={"next.rs": DONE},
        )
        asked.append([request.body for request in ran.requests])
    assert asked[0] == asked[1] == asked[2]
    assert "Full output truncated" not in str(asked[0])
    assert "pytest-of-" not in str(asked[0])


def test_recorded_answers_replay_to_the_same_bodies(example: NewExample) -> None:
    folder = example(
        {
            "next.rs": NEXT,
            "test_a.py": HEAD
            + """
from hypothesis import given, strategies as st

@given(st.integers(-1000, 1000))
def test_any(n):
    assert next(n) == n + 1, f"for {n}"
"""
            + LONG,
        }
    )
    recorded = folder.run(
        "--evolve",
        "--evolve-record=new",
        answers=[wrong(1), rust("pub fn next(n: i64) -> i64 { if n > 77 { n } else { n + 1 } }"), RIGHT],
        changed={"next.rs": DONE, "__answers__/next.rs-next.jsonl": ...},
    )
    assert "n=78" in recorded.last_message(2)
    folder.write({"next.rs": NEXT})
    replayed = folder.run("--evolve", outcomes={"passed": 3}, changed={"next.rs": DONE})
    assert "recorded answers are replayed" in replayed.out
    assert "warning" not in replayed.out, "the same requests"
    assert "green after 3 rounds" in replayed.summary


def test_hypothesis_draws_anew_in_the_logged_run_and_its_report_is_clean(example: NewExample) -> None:
    folder = example(
        {
            "next.rs": NEXT,
            "test_a.py": HEAD
            + """
from hypothesis import given, strategies as st

@given(st.integers(-1000, 1000))
def test_any(n):
    assert next(n) == n + 1
""",
        }
    )
    ran = folder.run(
        "--evolve",
        "--hypothesis-show-statistics",
        answers=[wrong(1), RIGHT],
        outcomes={"passed": 1},
        changed={"next.rs": DONE},
    )
    assert ran.out.count("test_a.py::test_any:") == 1
    assert "0 failing, and" in ran.out


def test_a_test_may_look_at_the_text_that_is_tried(example: NewExample) -> None:
    suite = example(
        {
            "next.rs": NEXT,
            "test_next.py": HEAD
            + """
from pytest_symbiont import active

def test_without_a_constant():
    assert next(1) == 2
    assert "ONE" not in active(next).text, "do without ONE"
""",
        }
    )
    with_a_constant = rust("const ONE: i64 = 1; fn next(n: i64) -> i64 { n + ONE }")
    ran = suite.run("--evolve", answers=[with_a_constant, RIGHT], changed={"next.rs": DONE})
    assert "do without ONE" in ran.last_message(1)
