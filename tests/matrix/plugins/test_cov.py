"""pytest-cov: what trials execute is not covered; what only a trial sets up is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from beside import HEAD, evolved_and_plain, of_add

if TYPE_CHECKING:
    from pathlib import Path

    from beside import Side
    from example import NewExample

PLUGINS = ["pytest_cov.plugin"]
TESTS = """
from helper import Table

@pytest.fixture(scope="session")
def table():
    made = Table()
    yield made
    made.close()

@pytest.fixture
def each(table):
    yield table.rows

def test_adds(each):
    if add(20, 22) == 42:
        each.append(42)
    else:
        raise AssertionError("only a wrong body comes here")

def test_zero(table):
    assert add(0, 0) == 0
"""
HELPER = """
class Table:
    def __init__(self):
        self.rows = []

    def close(self):
        self.rows.clear()

    def never(self):
        raise NotImplementedError
"""


def contexts(side: Side, path: Path) -> set[tuple[str, str]]:
    """Which test covered something of which file; ``path`` is for the data meanwhile."""
    path.write_bytes(side.files[".coverage"])
    with closing(sqlite3.connect(path)) as data:
        rows = data.execute(
            "select context.context, file.path from line_bits join context on context.id = context_id "
            "join file on file.id = file_id where context.context != ''"
        ).fetchall()
    return {(context, file.rpartition("/")[2]) for context, file in rows}


def test_the_table_is_that_of_the_logged_run(example: NewExample) -> None:
    files = {**of_add(TESTS), "helper.py": HELPER}
    pair = evolved_and_plain(
        example,
        files,
        "--cov=.",
        "--cov-report=term-missing",
        "--cov-branch",
        "--cov-fail-under=80",
        plugins=PLUGINS,
    )
    rows = pair.same(lambda side: side.lines(r"^(?:\S+\.py +\d|TOTAL|Required).*"))
    helper, test, required = rows[0], rows[1], rows[-1]
    # The branch that only a wrong body took, and the method that nobody calls: not the session fixture.
    assert test.split()[-1] == str(TESTS.count("\n", 0, TESTS.index("raise")) + HEAD.count("\n"))
    assert helper.split()[-1] == "9"
    assert required.startswith("Required test coverage of 80% reached")


def test_contexts_are_those_of_the_logged_run(example: NewExample, tmp_path: Path) -> None:
    files = {**of_add(TESTS), "helper.py": HELPER}
    pair = evolved_and_plain(example, files, "--cov=.", "--cov-context=test", plugins=PLUGINS)
    tested = pair.same(lambda side: contexts(side, tmp_path / "read"))
    assert ("test_add.py::test_adds|run", "test_add.py") in tested
