"""Where attacks are tried, and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hostile.arena import TALLY, Tally, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hostile.arena import Arena


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    return pytestconfig.stash.setdefault(TALLY, Tally())


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    with opened(tmp_path / "canaries") as arena:
        yield arena
