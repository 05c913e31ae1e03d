"""Exit codes are pytest's own: those of an ordinary run, but for suites that were not won."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import GREEN, RED
from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from example import NewExample

BOUND = "\ndef test_adds():\n    assert add(20, 22) == 42\n"
CRASHING = "def pytest_runtest_logreport(report):\n    if report.when == 'teardown': raise ValueError('broken')\n"


@pytest.mark.parametrize(
    ("code", "files", "args", "asks"),
    [
        (pytest.ExitCode.OK, {}, (), True),
        (pytest.ExitCode.TESTS_FAILED, {"test_z.py": "def test_z():\n    assert 0\n"}, (), True),
        (pytest.ExitCode.INTERRUPTED, {"test_z.py": "import nowhere\n"}, (), False),
        (pytest.ExitCode.INTERRUPTED, {"test_z.py": "import pytest\ndef test_z():\n    pytest.exit('so')\n"}, (), True),
        (pytest.ExitCode.INTERNAL_ERROR, {"conftest.py": CRASHING}, (), True),
        (pytest.ExitCode.USAGE_ERROR, {}, ("--no-such-option",), False),
        (pytest.ExitCode.NO_TESTS_COLLECTED, {}, ("-k", "nothing"), False),
    ],
    ids=["ok", "failed", "collection", "exit", "internal", "usage", "none"],
)  # fmt: skip
def test_of_an_ordinary_run(
    example: NewExample, code: pytest.ExitCode, files: dict[str, str], args: tuple[str, ...], *, asks: bool
) -> None:
    """And a winner that was proven for the record is written, whatever came later."""
    more = {} if asks else {"answers": []}
    written = asks and code != pytest.ExitCode.INTERNAL_ERROR
    pair = evolved_and_plain(
        example, {**of_add(BOUND), **files}, *args, code=code, body=GREEN if written else RED, **more
    )
    assert pair.evolved.ran.result.ret == pair.plain.ran.result.ret == code
