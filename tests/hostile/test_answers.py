"""Answers that attack what reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from hostile.answers import ANSWERS
from hostile.arena import battle, split

if TYPE_CHECKING:
    from example import NewExample

    from hostile.arena import Arena, Tally

SESSIONS = split(ANSWERS, 2)
# What a terminal obeys: nothing of it may come out as it went in.
OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff]")


@pytest.mark.parametrize("session", range(2))
def test_what_is_read_can_do_no_harm(example: NewExample, arena: Arena, tally: Tally, session: int) -> None:
    before = len(tally.lost)
    ran = battle(example, arena, tally, SESSIONS[session], "-vv")
    tally.lost += [f"the terminal got {found!r}" for found in set(OBEYED.findall(ran.out))]
    told = "".join(message["content"] for received in ran.requests for message in received.body["messages"])
    assert "\0" not in told
    assert re.search("[\ud800-\udfff]", told) is None
    assert " 49 " not in told, "no answer is a template"
    assert tally.lost[before:] == []
