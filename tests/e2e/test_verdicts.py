"""What a body must not get away with, and what must not be held against one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from example import rust

if TYPE_CHECKING:
    from example import NewExample

F = "pub fn f(n: i64) -> i64 {\n    todo!()\n}\n"
HEAD = """
import pytest
from pytest_symbiont import evolvable

f = evolvable("f.rs::f")
pytestmark = pytest.mark.evolve(f)
"""
RIGHT = rust("pub fn f(n: i64) -> i64 { n + 1 }")


@pytest.mark.parametrize(
    "tests",
    [
        """
@pytest.mark.parametrize("xs", [[3, 1, 2], [2, 1]])
def test_sorts(xs):
""",
        """
@pytest.fixture(params=[[3, 1, 2], [2, 1]])
def xs(request):
    return request.param

def test_sorts(xs):
""",
    ],
    ids=["parametrize", "fixture"],
)
def test_half_a_job_is_not_finished_by_the_half_before(example: NewExample, tests: str) -> None:
    head = HEAD.replace("f.rs::f", "sort.rs::sort").replace("f =", "sort =").replace("(f)", "(sort)")
    body = "    want = sorted(xs)\n    sort(xs)\n    assert xs == want\n"
    files = {
        "sort.rs": "pub fn sort(xs: &mut [i64]) {\n    todo!()\n}\n",
        "test_sort.py": head + tests + body,
    }
    sort = example(files)
    of_three = rust("pub fn sort(xs: &mut [i64]) { if xs.len() == 3 { xs.sort() } }")
    of_two = rust("pub fn sort(xs: &mut [i64]) { if xs.len() == 2 { xs.sort() } }")
    ran = sort.run("--evolve", "--evolve-rounds=2", answers=[of_three, of_two], code=1)
    assert "not solved" in ran.summary


def test_a_mark_of_one_body_does_not_excuse_the_next(example: NewExample) -> None:
    tests = """
def test_a(request):
    if f(5) < 0:
        request.applymarker(pytest.mark.xfail(reason="negative"))
    assert f(5) == 6

def test_b():
    assert f(1) != 0
"""
    wrong = [rust("pub fn f(n: i64) -> i64 { -n }"), rust("pub fn f(n: i64) -> i64 { 4 * n }")]
    ran = example({"f.rs": F, "test_f.py": HEAD + tests}).run(
        "--evolve", "--evolve-rounds=2", answers=wrong, code=1
    )
    assert "not solved" in ran.summary


def test_a_body_cannot_make_its_test_skip(example: NewExample) -> None:
    tests = """
def test_a():
    if f(5) < 0:
        pytest.skip("no negatives")
    assert f(5) == 6

def test_b():
    assert f(1) < 5
"""
    evasive = rust("pub fn f(n: i64) -> i64 { -n }")
    ran = example({"f.rs": F, "test_f.py": HEAD + tests}).run(
        "--evolve", answers=[evasive, RIGHT], changed={"f.rs": ...}, outcomes={"passed": 2}
    )
    assert "green after 2 rounds" in ran.summary


@pytest.mark.parametrize("mark", ["skip(reason='later')", "xfail"])
def test_a_suite_with_nothing_red_costs_nothing(example: NewExample, mark: str) -> None:
    tests = f"@pytest.mark.{mark}\ndef test_a():\n    assert f(5) == 6\n"
    f = example({"f.rs": F, "test_f.py": HEAD + tests})
    assert "nothing to do" in f.run("--evolve", answers=[]).summary
    again = f.run("--evolve-again", answers=[], code=1)
    assert "every test of the suite is skipped or expected to fail" in again.summary


def test_blanks_inside_a_string_make_another_body(example: NewExample) -> None:
    files = {
        "f.rs": "pub fn f(n: i64) -> String {\n    todo!()\n}\n",
        "test_f.py": HEAD + "def test_f():\n    assert f(1) == 'FizzBuzz'\n",
    }
    answers = [
        rust(f'pub fn f(n: i64) -> String {{ let _ = n; "{said}".into() }}')
        for said in ("Fizz Buzz", "FizzBuzz")
    ]
    example(files).run("--evolve", answers=answers, changed={"f.rs": ...})


def test_what_was_proven_on_top_of_an_unwritten_body_is_not_written(example: NewExample) -> None:
    files = {
        "f.rs": "pub fn a(n: i64) -> i64 {\n    todo!()\n}\n\npub fn b(n: i64) -> i64 {\n    todo!()\n}\n",
        "test_f.py": """
import pytest
from pytest_symbiont import evolvable, revisions

a, b = evolvable("f.rs::a"), evolvable("f.rs::b")
RUNS = []

@pytest.mark.evolve(a)
def test_a(request):
    RUNS.append(1)
    assert a(1) == 2
    # Red in the logged run alone: no trial is under way.
    plugin = request.config.pluginmanager.get_plugin("symbiont-evolution")
    assert plugin._session.trial is not None

@pytest.mark.evolve(b)
def test_b():
    assert b(1) == 2
""",
    }
    answers = [rust("pub fn a(n: i64) -> i64 { n + 1 }"), rust("pub fn b(n: i64) -> i64 { a(n) }")]
    ran = example(files).run("--evolve", answers=answers, code=1, outcomes={"passed": 1, "failed": 1})
    assert "flaky: test_f.py::test_a" in ran.summary
    assert "it was proven on top of f.rs::a, which is not written" in ran.summary


def test_a_suite_is_written_whole_or_not_at_all(example: NewExample) -> None:
    g = "pub fn g(n: i64) -> i64 {\n    todo!()\n}\n"
    tests = """
import pytest
from pytest_symbiont import evolvable

f, g = evolvable("f.rs::f"), evolvable("g.rs::g")

@pytest.mark.evolve(f, g)
def test_both():
    assert g(f(1)) == 1
"""
    both = example({"f.rs": F, "g.rs": g, "test_both.py": tests})
    (both.path / "g.rs").chmod(0o444)
    answer = rust("pub fn f(n: i64) -> i64 { n + 1 }\npub fn g(n: i64) -> i64 { n - 1 }")
    ran = both.run("--evolve", answers=[answer], code=1, outcomes={"passed": 1})
    assert "not written: " in ran.summary
    assert "as a patch: git" in ran.summary


def test_outcomes_of_other_plugins_are_let_be(example: NewExample) -> None:
    reruns = """
import pytest
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for last in (False, True):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        again = not last and any(report.failed for report in reports)
        for report in reports:
            if again and report.failed:
                report.outcome = "rerun"
            item.ihook.pytest_runtest_logreport(report=report)
        if not again:
            return True
"""
    tests = (
        HEAD.replace("pytestmark = ", "bound = ")
        + """
RUNS = []

@bound
def test_f():
    assert f(5) == 6

def test_other():
    RUNS.append(1)
    assert len(RUNS) > 1
"""
    )
    example({"f.rs": F, "test_f.py": tests, "conftest.py": reruns}).run(
        "--evolve", answers=[RIGHT], changed={"f.rs": ...}
    )


def test_what_hangs_once_does_not_make_the_other_tests_red(example: NewExample) -> None:
    files = {
        "f.rs": "pub fn f(n: i64) -> i64 {\n    while n == 1 {}\n    n + 1\n}\n",
        "test_f.py": HEAD
        + "def test_one():\n    assert f(1) == 2\n\ndef test_two():\n    assert f(2) == 3\n",
    }
    example(files).run(
        "--evolve", "--evolve-rounds=1", "--evolve-timeout=0.5", answers=["no code"], code=1,
        outcomes={"passed": 1, "failed": 1},
    )  # fmt: skip


def test_two_markers_at_one_place_are_refused(example: NewExample) -> None:
    tests = (
        HEAD.replace("pytestmark = ", "bound = ") + "@bound\n@bound\ndef test_f():\n    assert f(1) == 2\n"
    )
    ran = example({"f.rs": F, "test_f.py": tests}).run("--evolve", answers=[], code=4)
    assert "two evolve markers stand at one place" in ran.err


def test_suites_of_one_name_in_two_folders_are_told_apart(example: NewExample) -> None:
    tests = HEAD + "def test_f():\n    assert f(1) == {}\n"
    files = {"a/f.rs": F, "a/test_a.py": tests.format(2), "b/f.rs": F, "b/test_b.py": tests.format(3)}
    answers = [RIGHT, rust("pub fn f(n: i64) -> i64 { n + 2 }")]
    changed = {"a/f.rs": ..., "b/f.rs": ...}
    ran = example(files).run("--evolve", answers=answers, changed=changed)
    assert "a/f.rs::f: green after 1 round" in ran.summary
    assert "b/f.rs::f: green after 1 round" in ran.summary


def test_trials_leave_nothing_in_the_session(example: NewExample) -> None:
    tests = (
        HEAD
        + """
def test_f(tmp_path, record_testsuite_property, request):
    assert len(list(tmp_path.parent.glob("test_f[0-9]*"))) == 1
    record_testsuite_property("seen", f(1))
    if f(1) < 0:
        request.session.shouldfail = "a trial said so"
    assert f(1) == 2

def test_g():
    assert f(2) == 3
"""
    )
    f = example({"f.rs": F, "test_f.py": tests})
    wrong = rust("pub fn f(n: i64) -> i64 { -n }")
    f.run(
        "--evolve", "--junitxml=.pytest_cache/j.xml", answers=[wrong, RIGHT], changed={"f.rs": ...},
        outcomes={"passed": 2},
    )  # fmt: skip
    report = (f.path / ".pytest_cache" / "j.xml").read_text("utf-8")
    assert report.count('name="seen"') == 1
    assert 'name="seen" value="2"' in report


@pytest.mark.parametrize("capture", ["--capture=sys", "--capture=fd"])
def test_what_a_body_prints_in_a_trial_is_not_shown(example: NewExample, capture: str) -> None:
    loud = rust('pub fn f(n: i64) -> i64 { println!("loud"); n }')
    ran = example({"f.rs": F, "test_f.py": HEAD + "def test_f():\n    assert f(1) == 2\n"}).run(
        "--evolve", capture, answers=[loud, RIGHT], changed={"f.rs": ...}, subprocess=True
    )
    assert "loud" not in ran.out
