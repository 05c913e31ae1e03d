"""Answers that attack when they are compiled."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from example import rust

from hostile.arena import battle, split
from hostile.compiling import ALL
from hostile.test_running import let_through
from pytest_symbiont.build import jail
from pytest_symbiont.build import rustc as running

if TYPE_CHECKING:
    from example import NewExample

    from hostile.arena import Arena, Tally

SESSIONS = split({name: rust(text) for name, text in ALL.items()}, 2)


@pytest.mark.parametrize("session", range(2))
@pytest.mark.parametrize("doors", ["closed", "open"])
def test_what_compiles_can_do_no_harm(
    example: NewExample, arena: Arena, tally: Tally, monkeypatch: pytest.MonkeyPatch, doors: str, session: int
) -> None:
    """With screen and facade, and in the jail alone, whose limits are lower here so that bombs end sooner."""
    if doors == "open":
        let_through(monkeypatch)
    monkeypatch.setattr(jail, "CPU_SECONDS", 4)
    monkeypatch.setattr(jail, "MEMORY", 1 << 30)
    monkeypatch.setattr(running, "WALL_SECONDS", 5.0)
    os.mkfifo(arena.folder / "fifo")
    before = len(tally.lost)
    battle(example, arena, tally, SESSIONS[session], "--evolve-timeout=1")
    assert tally.lost[before:] == []
