"""Fixtures as pytest-django has them: a database made once, and a transaction around each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from beside import Side
    from example import Content, NewExample

CONFTEST = """
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

MADE = []

@pytest.fixture(scope="session")
def django_db_setup(tmp_path_factory):
    MADE.append("made")
    path = tmp_path_factory.mktemp("db") / "test.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("create table sums (value integer unique)")
        yield connection
    MADE.append("destroyed")

@pytest.fixture(autouse=True)
def _transaction(request):
    # Autouse, and for marked tests alone.
    if request.node.get_closest_marker("django_db") is None:
        yield
        return
    connection = request.getfixturevalue("django_db_setup")
    connection.execute("begin")
    yield
    connection.execute("rollback")

@pytest.fixture
def db(django_db_setup):
    return django_db_setup

def pytest_configure(config):
    config.addinivalue_line("markers", "django_db: may use the database")

def pytest_unconfigure():
    Path("made").write_text(" ".join(MADE))
"""
TESTS = """
@pytest.mark.django_db
@pytest.mark.parametrize("n", [1, 2])
def test_what_is_stored_is_rolled_back(db, n):
    assert db.execute("select count(*) from sums").fetchone() == (0,)
    db.execute("insert into sums values (?)", (add(40, n),))
    assert db.execute("select value from sums").fetchall() == [(40 + n,)]

def test_without_a_database(request):
    assert "django_db_setup" not in request.fixturenames
    assert add(0, 0) == 0
"""


def test_the_database_is_made_once_and_every_trial_begins_with_none_of_its_rows(example: NewExample) -> None:
    files: dict[str, Content] = {**of_add(TESTS), "conftest.py": CONFTEST}
    pair = evolved_and_plain(example, files, "-v", "--strict-markers")
    assert pair.same(lambda side: side.outcomes) == {"passed": 3}
    assert pair.same(_made) == "made destroyed"
    assert pair.same(lambda side: side.out).count("PASSED") == 3


def _made(side: Side) -> str:
    return side.files["made"].decode()
