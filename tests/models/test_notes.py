"""Lines beside answers: what was measured of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.models.kept import Kept
from pytest_symbiont.models.recording import Mode, Recording, file_name
from pytest_symbiont.models.values import Answer, Message, Position, Request

if TYPE_CHECKING:
    from pathlib import Path

REQUEST = Request((Message("user", "?"),), Position("s", 1), 8, 0.0, 0)
ANSWER = Answer("a", "m", 1, 1, 0.0)
ONE, OTHER = b'{"measured":[],"round":1}', b'{"measured":[],"round":2}'


@pytest.mark.parametrize(("mode", "kept"), [("none", ()), ("new", (ONE, OTHER)), ("all", (ONE, OTHER))])
def test_notes_stand_beside_answers_as_the_mode_has_it(
    tmp_path: Path, mode: Mode, kept: tuple[bytes, ...]
) -> None:
    path = tmp_path / "s.jsonl"
    recording = Recording(path, mode)
    recording.note(ONE)
    recording.append(REQUEST, ANSWER)
    for line in (ONE, OTHER, OTHER):
        recording.note(line)
    again = Recording(path)
    assert again.notes() == kept
    assert (again.find(REQUEST) is not None) == (mode != "none")


def test_a_recording_that_begins_anew_forgets_the_notes_of_before(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    Recording(path, "new").note(ONE)
    anew = Recording(path, "all")
    anew.append(REQUEST, ANSWER)
    assert Recording(path).notes() == ()


def test_a_session_that_is_gone_on_with_has_its_own_notes(tmp_path: Path) -> None:
    for line in (ONE, OTHER):
        kept = Kept(tmp_path)
        kept.begin()
        kept.add(REQUEST, ANSWER)
        kept.note("s", line)
        assert kept.notes("s") == []
    with (tmp_path / file_name("s")).open("ab") as file:
        file.write(b'{"measured":')
    [found] = Kept(tmp_path, resume=True).notes("s")
    assert found.startswith(OTHER.removesuffix(b"}"))
