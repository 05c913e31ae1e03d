"""What a loop evolves at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.evolution.measured import Report
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.evolution.values import Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A suite, and what its tests find of the revisions that it begins with.

    ``reports`` is what they measured then. With ``step`` the suite is the beginning of a longer one, and the
    simplest body for it is wanted.
    """

    suite: Suite
    current: Mapping[EvolvingFile, Revision]
    baseline: Verdict
    reports: Sequence[Report] = ()
    step: bool = False

    @property
    def texts(self) -> Mapping[EvolvingFile, str]:
        """What it begins with, as text."""
        return {file: revision.text for file, revision in self.current.items()}
