"""Exit codes are pytest's own: those of an ordinary run, but for suites that were not won."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import GREEN, RED, RIGHT
from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from example import NewExample

BOUND = "\ndef test_adds():\n    assert add(20, 22) == 42\n"
RED_TEST = "def test_z():\n    assert 0\n"
EXITS = "import pytest\n\ndef test_z():\n    pytest.exit('so')\n"
CRASHES = """
def pytest_runtest_logreport(report):
    if report.when == "teardown":
        raise ValueError("broken")
"""
CASES: dict[str, tuple[pytest.ExitCode, dict[str, str], tuple[str, ...], bool]] = {
    "all is well": (pytest.ExitCode.OK, {}, (), True),
    "another test fails": (pytest.ExitCode.TESTS_FAILED, {"test_z.py": RED_TEST}, (), True),
    "another file cannot be collected": (
        pytest.ExitCode.INTERRUPTED, {"test_z.py": "import nowhere\n"}, (), False,
    ),
    "another test exits": (pytest.ExitCode.INTERRUPTED, {"test_z.py": EXITS}, (), True),
    "a plugin crashes": (pytest.ExitCode.INTERNAL_ERROR, {"conftest.py": CRASHES}, (), True),
    "an option is wrong": (pytest.ExitCode.USAGE_ERROR, {}, ("--no-such-option",), False),
    "nothing is selected": (pytest.ExitCode.NO_TESTS_COLLECTED, {}, ("-k", "nothing"), False),
}  # fmt: skip


@pytest.mark.parametrize(("code", "files", "args", "asks"), CASES.values(), ids=CASES)
def test_of_an_ordinary_run(
    example: NewExample, code: pytest.ExitCode, files: dict[str, str], args: tuple[str, ...], *, asks: bool
) -> None:
    """And a winner that was proven for the record is written, whatever came later."""
    pair = evolved_and_plain(
        example, {**of_add(BOUND), **files}, *args, code=code, body=GREEN if asks else RED,
        answers=[RIGHT] if asks else [],
    )  # fmt: skip
    assert pair.evolved.ran.result.ret == pair.plain.ran.result.ret == code
