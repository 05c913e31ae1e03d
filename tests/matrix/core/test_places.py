"""Where tests may be: conftest targets, doctests beside them, other roots, namespace packages, importlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import GREEN, RED, RIGHT, WRONG
from beside import evolved_and_plain

if TYPE_CHECKING:
    import pytest
    from example import Content, NewExample

DECLARED = """
import pytest
from pytest_symbiont import evolvable

add = evolvable("{path}add.rs::add")
"""
BOUND = """
@pytest.mark.evolve(add)
def test_adds():
    assert add(20, 22) == 42
"""


def test_a_target_of_conftest(example: NewExample) -> None:
    files: dict[str, Content] = {
        "add.rs": RED,
        "conftest.py": DECLARED.format(path="")
        + """
@pytest.fixture
def summed():
    return add
""",
        "deep/test_add.py": """
import pytest

@pytest.mark.evolve
def test_adds(summed):
    assert summed(20, 22) == 42
""",
    }
    pair = evolved_and_plain(example, files, "-v")
    assert pair.same(lambda side: side.lines("::(test_adds PASSED)")) == ["test_adds PASSED"]


def test_doctests_of_the_same_file_see_the_winner(example: NewExample) -> None:
    """pytest runs them first. They bind nothing: what they show is for people."""
    documented = '''
def twice(n):
    """
    >>> twice(21)
    42
    """
    return add(n, n)
'''
    files: dict[str, Content] = {
        "add.rs": RED,
        "test_add.py": DECLARED.format(path="") + documented + BOUND,
        "text.txt": ">>> 1 + 1\n2\n",
    }
    pair = evolved_and_plain(example, files, "-v", "--doctest-modules", "--doctest-glob=*.txt")
    assert pair.same(lambda side: side.lines(r"::(\S+ PASSED)")) == [
        "test_add.twice PASSED", "test_adds PASSED", "text.txt PASSED"
    ]  # fmt: skip


def test_unmarked_tests_of_the_same_file_see_the_winner(example: NewExample) -> None:
    before = "\ndef test_before():\n    assert add(1, 1) == 2\n"
    fixture = "\n@pytest.fixture(scope='module', autouse=True)\ndef up():\n    yield add(0, 1)\n"
    files: dict[str, Content] = {
        "add.rs": RED,
        "test_add.py": DECLARED.format(path="") + fixture + before + BOUND,
    }
    pair = evolved_and_plain(example, files, "-v")
    assert pair.same(lambda side: side.lines(r"::(\S+ PASSED)")) == ["test_before PASSED", "test_adds PASSED"]


def test_the_root_folder_is_not_where_pytest_is_run(
    example: NewExample, monkeypatch: pytest.MonkeyPatch
) -> None:
    tests = DECLARED.format(path="../rust/") + BOUND
    project = example(
        {"project/pytest.ini": "[pytest]\n", "project/rust/add.rs": RED, "project/tests/test_add.py": tests}
    )
    below = project.run("--evolve", "project", answers=[WRONG, RIGHT], changed={"project/rust/add.rs": GREEN})
    assert "written: project/rust/add.rs" in below.summary
    project.write({"project/rust/add.rs": RED})
    (project.path / "elsewhere").mkdir()
    monkeypatch.chdir(project.path / "elsewhere")
    again = project.run("--evolve", "../project", answers=[RIGHT], changed={"project/rust/add.rs": GREEN})
    assert again.prompt(0) == below.prompt(0)
    assert f"written: {project.path}/project/rust/add.rs" in again.summary


def test_namespace_packages_and_importlib(example: NewExample) -> None:
    """Two test files of one name, in folders without `__init__.py`."""
    tests = DECLARED.format(path="") + BOUND
    folder = example(
        {
            "space/one/add.rs": RED, "space/one/test_add.py": tests,
            "space/two/add.rs": RED, "space/two/test_add.py": tests,
        }
    )  # fmt: skip
    args = ("--import-mode=importlib", "-o", "consider_namespace_packages=true")
    changed = {"space/one/add.rs": GREEN, "space/two/add.rs": GREEN}
    ran = folder.run("--evolve", *args, answers=[RIGHT, RIGHT], changed=changed, outcomes={"passed": 2})
    assert "space/one/add.rs::add: green after 1 round" in ran.summary
    assert "space/two/add.rs::add: green after 1 round" in ran.summary
    folder.run(*args, outcomes={"passed": 2})
