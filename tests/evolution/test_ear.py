"""What ends an answer while it comes, and what it costs to find out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.evolution import ear as hearing
from pytest_symbiont.evolution.ear import Ear

if TYPE_CHECKING:
    import pytest

DONE = "```rust\nfn f() {}\n```\n"


def test_an_answer_is_over_with_the_block_that_has_what_was_asked_for() -> None:
    ear = Ear(["f"], hangs_up=True)
    assert [ear.heard(DONE[:end], end) for end in (4, 12, 18)] == ["", "", ""]
    assert ear.heard(DONE, 21) == "enough"


def test_where_tokens_are_counted_the_server_is_heard_out() -> None:
    assert Ear(["f"], hangs_up=False).heard(DONE, 1) == ""


def test_an_answer_of_nothing_but_fences_is_not_read_again_at_each(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    def look(text: str, _: object) -> bool:
        looks.append(len(text))
        return False

    monkeypatch.setattr(hearing, "is_enough", look)
    ear = Ear(["f"], hangs_up=True)
    for count in range(1, 2000):
        ear.heard("```\n" * count, count)
    assert len(looks) == 16
    assert Ear(["f"], hangs_up=True).heard("x" * 40_000 + DONE, 1) == ""
