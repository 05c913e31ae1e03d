"""Which layers of the sandbox hold here. Fails where one is missing that this kernel has."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from pytest_symbiont.bridge.workbench import Workbench
from pytest_symbiont.bridge.worker import probe
from pytest_symbiont.build.isolation import LAYERS, missing

LANDLOCK_CREATE_RULESET = 444


def main() -> None:
    holding = probe(Workbench().builder.native.worker, LAYERS)
    print(f"layers: {', '.join(holding) or 'none'}; landlock of this kernel: {landlock()}", flush=True)
    there = {"landlock": landlock() > 0, "seccomp": seccomp(), "rlimits": True}
    lost = [layer for layer in LAYERS if there[layer] and layer in missing(holding)]
    if f"landlock {landlock()}" not in holding and there["landlock"]:
        lost.append("landlock")
    if lost:
        sys.exit(f"layers: this Linux has {', '.join(lost)}, and the worker is not held to it")


def landlock() -> int:
    """The version of landlock that this kernel has, 0 for none."""
    version: int = ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, 1)
    return max(version, 0)


def seccomp() -> bool:
    """Whether this kernel has filters, and nobody forbids them: a container may."""
    actions = Path("/proc/sys/kernel/seccomp/actions_avail")
    return os.access(actions, os.R_OK) and "trap" in actions.read_text("ascii")


if __name__ == "__main__":
    main()
