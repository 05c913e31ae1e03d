"""Revisions: what a file can be, numbered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.build.builder import Profile

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Revision:
    """One text of a file. Number 0 is what was on disk; the others are candidates, in order of trial.

    ``name`` is what rustc calls the file.
    """

    path: Path
    name: str
    number: int
    text: str

    @property
    def profile(self) -> Profile:
        """How this revision is built to be called in this process."""
        return Profile.DISK if self.number == 0 else Profile.PROMOTION
