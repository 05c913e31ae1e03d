"""What pytest prints under its own options is what it prints of an ordinary run, to the letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import RED, WRONG
from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from beside import Side
    from example import Content, NewExample

# Every outcome, fixtures of every scope, parameters, and what tests write.
RICH = """
import logging, unittest, warnings

@pytest.fixture(scope="session")
def session_list():
    return []

@pytest.fixture(scope="module")
def module_list(session_list, tmp_path_factory):
    yield [tmp_path_factory.mktemp("shared").name]

@pytest.fixture(scope="class")
def class_list(module_list):
    yield []

@pytest.fixture
def doubled(request):
    return 2 * request.param

def test_adds(module_list, session_list, tmp_path, record_property):
    record_property("sum", add(20, 22))
    print(tmp_path.name, module_list, session_list)
    assert add(20, 22) == 42

@pytest.mark.parametrize("doubled", [1, 2], indirect=True, ids=["one", "two"])
@pytest.mark.parametrize("n", [0, pytest.param(1, marks=pytest.mark.xfail(reason="odd", strict=True))])
def test_indirect(doubled, n):
    assert add(doubled, n) % 2 == 0

class TestShared:
    def test_first(self, class_list):
        class_list.append(add(1, 1))
        assert class_list == [2]

    def test_second(self, class_list):
        assert class_list == [2]
        assert add(0, 0) == 0

class TestCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.start = add(0, 1)

    def test_start(self):
        self.assertEqual(self.start, 1)

    @unittest.skip("not today")
    def test_skipped(self):
        self.fail()

    @unittest.expectedFailure
    def test_expected(self):
        self.assertEqual(add(1, 1), 3)

@pytest.mark.skip(reason="never")
def test_skip():
    add(1, 1)

@pytest.mark.skipif(True, reason="on this machine")
def test_skipif():
    add(1, 1)

@pytest.mark.xfail(reason="perhaps")
def test_passes_unexpectedly():
    assert add(2, 2) == 4

def test_captured(capsys, caplog, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    logging.getLogger("sums").warning("sum %d", add(1, 2))
    print(add(3, 4))
    assert capsys.readouterr().out == "7\\n"
    assert caplog.messages == ["sum 3"]

def test_warns():
    warnings.warn(f"sum {add(5, 6)}", UserWarning)
    assert add(5, 6) == 11
"""
COUNTED = {"passed": 8, "skipped": 3, "xfailed": 3, "xpassed": 1}
MARKED: dict[str, Content] = {"pytest.ini": "[pytest]\nmarkers = slow: takes long\n", **of_add(RICH)}


def whole(side: Side) -> str:
    return side.out


@pytest.mark.parametrize(
    "args",
    [
        (), ("-q",), ("-v", "-rA", "--strict-markers", "--strict-config"), ("-s",),
        ("--capture=tee-sys", "-p", "no:cacheprovider"),
        ("-o", "log_cli=true", "--no-header", "--no-summary"),
        ("-o", "tmp_path_retention_policy=failed", "--show-capture=no", "-rP"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_of_a_suite_that_was_won(example: NewExample, args: tuple[str, ...]) -> None:
    # What is written to the terminal's own descriptors can be told in a process alone.
    plugins = ["pytest_symbiont.plugin"] if {"-s", "--capture=tee-sys"}.intersection(args) else []
    pair = evolved_and_plain(example, MARKED, "-Wdefault", *args, plugins=plugins)
    out = pair.same(whole)
    assert "xfailed" in out or "--no-summary" in args
    counted = pair.same(lambda side: side.outcomes)
    if "--no-summary" not in args:
        assert {name: counted[name] for name in COUNTED} == COUNTED


@pytest.mark.parametrize(
    "args",
    [("--tb=long",), ("--tb=short", "-v"), ("--tb=line",), ("--tb=no", "-rfE")],
    ids=" ".join,
)
def test_of_a_suite_that_was_not(example: NewExample, args: tuple[str, ...]) -> None:
    """Its tests fail for the record as they fail on what is on disk."""
    pair = evolved_and_plain(
        example, MARKED, "-Wdefault", "--evolve-rounds=1", *args, answers=[WRONG], body=RED, code=1
    )
    assert "RustPanic: not yet" in pair.same(whole)
    assert pair.same(lambda side: side.outcomes)["failed"] > 1


def test_durations_are_those_of_the_logged_run(example: NewExample) -> None:
    pair = evolved_and_plain(example, MARKED, "-Wdefault", "--durations=0", "-vv")
    phases = sorted(pair.same(lambda side: sorted(side.lines(r"(setup|call|teardown) +(test_add.py::\S+)"))))
    assert phases.count("call test_add.py::test_adds") == 1
    assert phases.count("setup test_add.py::TestShared::test_first") == 1


@pytest.mark.parametrize("args", [("--collect-only",), ("--co", "-q")], ids=" ".join)
def test_where_nothing_runs_nothing_evolves(example: NewExample, args: tuple[str, ...]) -> None:
    pair = evolved_and_plain(example, MARKED, *args, answers=[], body=RED)
    assert "test_indirect" in pair.same(whole)
    assert pair.same(lambda side: side.ran.out.count("symbiont: ")) == 0
