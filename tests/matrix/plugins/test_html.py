"""pytest-html: one row a test, with the log and the extras of the run for the record."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

from adding import RED, WRONG
from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from beside import Side
    from example import NewExample

# Its second entry point is a module that the first has imported, which pytest warns of.
PLUGINS = ["pytest_metadata.plugin", "pytest_html.plugin", "pytest_html.fixtures"]
ARGS = ("--html=page.html", "--self-contained-html", "-Wignore::pytest.PytestAssertRewriteWarning")
TESTS = """
import pytest_html

def test_adds(extras):
    extras.append(pytest_html.extras.text(str(add(20, 22)), name="sum"))
    print("printed once")
    assert add(20, 22) == 42

def test_zero():
    assert add(0, 0) == 0
"""


def rows(side: Side) -> dict[str, list[tuple[str, str, list[str]]]]:
    """Outcome, log and extras of each test in the page."""
    blob = re.search(r'data-jsonblob="([^"]*)"', side.files["page.html"].decode())
    assert blob is not None
    found: dict[str, list[dict[str, Any]]] = json.loads(html.unescape(blob[1]))["tests"]
    return {
        name: [
            (run["result"], re.sub(r"\d+\.\d+", "…", run["log"]), [extra["name"] for extra in run["extras"]])
            for run in runs
        ]
        for name, runs in found.items()
    }


def test_a_test_is_one_row_with_its_extras(example: NewExample) -> None:
    pair = evolved_and_plain(example, of_add(TESTS), *ARGS, plugins=PLUGINS)
    (name, runs), _ = pair.same(rows).items()
    ((result, log, extras),) = runs
    assert (name, result, extras) == ("test_add.py::test_adds", "Passed", ["sum"])
    assert log.count("printed once") == 1


def test_what_is_red_on_disk_is_red_in_the_page(example: NewExample) -> None:
    pair = evolved_and_plain(
        example, of_add(TESTS), *ARGS, "--evolve-rounds=1", plugins=PLUGINS, answers=[WRONG], body=RED, code=1
    )
    ((result, log, _),) = pair.same(rows)["test_add.py::test_adds"]
    assert result == "Failed"
    assert "not yet implemented" in log
