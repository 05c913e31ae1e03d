"""syrupy: snapshots are compared in trials, counted once, and never made of what a candidate returned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import RED, RIGHT, WRONG
from beside import alone, evolved_and_plain, of_add

if TYPE_CHECKING:
    from beside import Side
    from example import Content, NewExample

PLUGINS = ["syrupy"]
TESTS = """
def test_adds(snapshot):
    assert add(20, 22) == snapshot

def test_zero(snapshot):
    assert add(0, 0) == snapshot(name="zero")
"""
AMBER = "__snapshots__/test_add.ambr"
SNAPSHOTS: dict[str, Content] = {
    **of_add(TESTS),
    AMBER: """
# serializer version: 1
# name: test_adds
  42
# ---
# name: test_zero[zero]
  0
# ---
""",
}


def reported(side: Side) -> list[str]:
    return side.lines(r"^(\d+ snapshots? \w+\..*)$")


def test_snapshots_are_counted_once(example: NewExample) -> None:
    pair = evolved_and_plain(example, SNAPSHOTS, plugins=PLUGINS)
    assert pair.same(reported) == ["2 snapshots passed."]
    assert "add(20, 22)" in pair.evolved.ran.last_message(1)
    assert "-2" in pair.evolved.ran.last_message(1)


def test_an_update_writes_what_the_winner_returns(example: NewExample) -> None:
    """The snapshots that are there decide which body wins; one that no test uses any more is removed."""
    unused = {**SNAPSHOTS, AMBER: str(SNAPSHOTS[AMBER]) + "# name: test_gone\n  7\n# ---\n"}
    pair = evolved_and_plain(example, unused, "--snapshot-update", plugins=PLUGINS)
    assert pair.same(reported) == ["2 snapshots passed. 1 unused snapshot deleted."]
    assert "test_gone" not in pair.same(lambda side: side.files[AMBER].decode())


def test_a_snapshot_that_is_not_there_is_no_goal(example: NewExample) -> None:
    """`--snapshot-update` would make any body right."""
    folder = example(of_add(TESTS))
    args = ("--evolve", "--snapshot-update", "--evolve-rounds=2")
    ran = alone(folder, PLUGINS, *args, answers=[WRONG, RIGHT], code=1)
    assert "not solved" in ran.summary
    assert folder.read("add.rs") == RED
    assert not (folder.path / AMBER).exists()
