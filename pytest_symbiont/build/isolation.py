"""How far candidates are kept away from everything else: what was asked for, and what this machine gives."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Iterable

Mode = Literal["auto", "strict", "off"]
Layer = Literal["landlock", "seccomp", "rlimits"]

LAYERS: tuple[Layer, ...] = ("landlock", "seccomp", "rlimits")
# TCP since 4, abstract sockets and signals since 6.
_WHOLE_LANDLOCK = 6
_WHERE = {
    "landlock": "Linux 6.12 with landlock among its LSMs has it whole",
    "seccomp": "a container may forbid it: see its seccomp profile",
    "rlimits": "a limit that is there already cannot be raised",
}


@dataclass(frozen=True, slots=True)
class Isolation:
    """``auto`` takes the layers that there are, ``strict`` all of them and keeps every call out of pytest's
    process, ``off`` none. ``layers`` are those that are asked of the worker and the jail.
    """

    mode: Mode = "auto"
    layers: tuple[Layer, ...] = LAYERS

    @classmethod
    def of(cls, mode: Mode) -> Isolation:
        """The isolation of a setting. Raises `SymbiontError` where this system has none, unless it is off."""
        if mode != "off" and sys.platform != "linux":
            raise SymbiontError(
                f"--evolve-isolation={mode}: what a model writes is kept in a sandbox on Linux only, and "
                f"this is {sys.platform}, which is untested; --evolve-isolation=off does without"
            )
        return cls(mode, () if mode == "off" else LAYERS)

    @property
    def strict(self) -> bool:
        return self.mode == "strict"

    def check(self, holding: Iterable[str]) -> None:
        """Raise `SymbiontError` where a layer is missing that ``strict`` needs."""
        if not self.strict:
            return
        for layer in missing(holding):
            raise SymbiontError(
                f"--evolve-isolation=strict: {layer} does not hold on this machine ({_WHERE[layer]}); "
                "--evolve-isolation=auto does with what there is"
            )


def missing(holding: Iterable[str]) -> list[Layer]:
    """The layers that are not, or not wholly, among those that a worker said hold (``landlock 7``)."""
    versions = dict(layer.partition(" ")[::2] for layer in holding)
    lacking: list[Layer] = [layer for layer in LAYERS if layer not in versions]
    if "landlock" in versions and int(versions["landlock"]) < _WHOLE_LANDLOCK:
        lacking.append("landlock")
    return lacking


def described(
    isolation: Isolation, holding: Iterable[str], *, confined: bool, packages: Iterable[str] = ()
) -> str:
    """For the header: ``isolation: worker (landlock 7, seccomp, rlimits)``.

    ``confined`` says that rustc sees nothing but what it needs; ``packages`` are compiled with the real std,
    other than files that stand alone.
    """
    real = "".join(f"; {name} has the whole std" for name in packages)
    if isolation.mode == "off":
        return f"isolation: off (a worker without a sandbox){real}"
    holding = [layer for name in LAYERS for layer in holding if layer.startswith(name)]
    lacking = missing(holding)
    without = f"; not on this machine: {', '.join(lacking)}" if lacking else ""
    logged = ", the logged run too" if isolation.strict else ""
    rustc = "" if confined else "; rustc is a script and sees every file"
    return f"isolation: worker ({', '.join(holding) or 'no layer'}{without}){logged}{rustc}{real}"
