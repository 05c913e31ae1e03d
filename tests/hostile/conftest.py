"""The last line says what was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hostile.arena import Tally, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hostile.arena import Arena

_TALLY = pytest.StashKey[Tally]()


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    return pytestconfig.stash.setdefault(_TALLY, Tally())


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    with opened(tmp_path / "canaries") as arena:
        yield arena


def pytest_unconfigure(config: pytest.Config) -> None:
    if tally := config.stash.get(_TALLY, None):
        layers = ", ".join(sorted(tally.layers))
        print(f"{tally.tried} attacks tried, {len(tally.lost)} lost; layers: {layers}")  # noqa: T201
