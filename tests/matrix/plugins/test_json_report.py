"""pytest-json-report: one item a test, with its phases, sections and metadata."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from adding import RED, WRONG
from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from beside import Side
    from example import NewExample

PLUGINS = ["pytest_metadata.plugin", "pytest_jsonreport.plugin"]
ARGS = ("--json-report", "--json-report-file=report.json")
TESTS = """
import warnings

def test_adds(json_metadata, record_property):
    json_metadata["sum"] = add(20, 22)
    record_property("sum", json_metadata["sum"])
    json_metadata.setdefault("runs", []).append(1)
    print("printed")
    assert add(20, 22) == 42

def test_zero():
    assert add(0, 0) == 0
"""
WARNS = TESTS + "    warnings.warn('once', UserWarning)\n"


def report(side: Side) -> dict[str, Any]:
    """The whole report, without times, addresses and what the command line was."""
    text = re.sub(r"0x[0-9a-f]+", "0x…", side.files["report.json"].decode())
    found: dict[str, Any] = json.loads(text)
    for name in ("created", "duration", "environment"):
        del found[name]
    for test in found["tests"]:
        # Ours are there under --evolve alone.
        given = [
            each for each in test.pop("user_properties", ()) if not next(iter(each)).startswith("evolve.")
        ]
        test["user_properties"] = given
        for phase in ("setup", "call", "teardown"):
            del test[phase]["duration"]
    return found


def test_items_summary_and_warnings(example: NewExample) -> None:
    pair = evolved_and_plain(example, of_add(WARNS), *ARGS, "-Wdefault", plugins=PLUGINS)
    found = pair.same(report)
    assert found["summary"] == {"passed": 2, "total": 2, "collected": 2}
    first, second = found["tests"]
    assert first["metadata"] == {"sum": 42, "runs": [1]}
    assert first["call"]["stdout"] == "printed\n"
    assert first["user_properties"] == [{"sum": 42}]
    assert second["outcome"] == "passed"
    assert [warning["message"] for warning in found["warnings"]] == ["once"]


def test_what_is_red_on_disk_is_red_in_the_report(example: NewExample) -> None:
    pair = evolved_and_plain(
        example, of_add(TESTS), *ARGS, "--evolve-rounds=1", plugins=PLUGINS, answers=[WRONG], body=RED, code=1
    )
    found = pair.same(report)
    assert found["summary"] == {"failed": 2, "total": 2, "collected": 2}
    assert "not yet implemented" in found["tests"][0]["call"]["crash"]["message"]
