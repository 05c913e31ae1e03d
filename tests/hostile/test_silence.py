"""What rustc says to a candidate does not depend on files that are none of its business."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from example import rust

from hostile.arena import PLAIN
from hostile.compiling import READS
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.build.builder import BuildFailure, Profile
from pytest_symbiont.evolution.candidate import take_candidate, texts_with
from pytest_symbiont.evolution.ladder import Shortfall

if TYPE_CHECKING:
    from pathlib import Path

_AIMED = {name: text for name, text in READS.items() if "@secret@" in text}


@pytest.mark.parametrize("name", _AIMED)
def test_a_candidate_cannot_find_out_whether_a_file_is_there(tmp_path: Path, name: str) -> None:
    (tmp_path / "f.rs").write_text(PLAIN.file)
    (tmp_path / "there").write_text("fn content() {}")
    registry = Registry()
    handle = registry.handle(registry.function(tmp_path / "f.rs", "f"))
    assert handle is not None
    told = set()
    for path in ("there", "gone"):
        taken = take_candidate(rust(_AIMED[name].replace("@secret@", str(tmp_path / path))), [handle])
        if isinstance(taken, Shortfall):
            said = taken.told
        else:
            (text,) = texts_with(taken.bodies, [handle], {handle.file: PLAIN.file}).values()
            done = handle.file.build(handle.file.add(text), Profile.TRIAL)
            said = done.text if isinstance(done, BuildFailure) else "it builds"
        told.add(said.replace(path, "file"))
    assert len(told) == 1, told
