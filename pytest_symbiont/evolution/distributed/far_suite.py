"""A suite whose tests and targets are in other processes."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_symbiont.evolution.suite import Suite


@dataclass(frozen=True, slots=True, eq=False)
class FarSuite(Suite):
    """A suite as its card tells of it: ``label`` and ``ids`` are in place of targets and tests."""

    label: str = ""
    ids: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.label

    @property
    def nodeids(self) -> tuple[str, ...]:
        return self.ids
