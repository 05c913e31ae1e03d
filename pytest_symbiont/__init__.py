"""Test-driven evolution of native code: Rust bodies written by a model, proven by your tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_symbiont.errors import CompileError, RustCrash, RustError, RustPanic, RustTimeout, SymbiontError

if TYPE_CHECKING:
    from pytest_symbiont.api import activate, active, evolvable, measure, revision, revisions, tool, vmap
    from pytest_symbiont.bridge.measuring import Measurement
    from pytest_symbiont.bridge.mut import Mut
    from pytest_symbiont.bridge.some import Some

__all__ = [
    "CompileError",
    "Measurement",
    "Mut",
    "RustCrash",
    "RustError",
    "RustPanic",
    "RustTimeout",
    "Some",
    "SymbiontError",
    "activate",
    "active",
    "evolvable",
    "measure",
    "revision",
    "revisions",
    "tool",
    "vmap",
]


def __getattr__(name: str) -> Any:
    # pytest imports this package in every session; what it does not use there is imported on use.
    if name in {"activate", "active", "evolvable", "measure", "revision", "revisions", "tool", "vmap"}:
        from pytest_symbiont import api  # noqa: PLC0415

        return getattr(api, name)
    if name == "Measurement":
        from pytest_symbiont.bridge.measuring import Measurement  # noqa: PLC0415

        return Measurement
    if name == "Mut":
        from pytest_symbiont.bridge.mut import Mut  # noqa: PLC0415

        return Mut
    if name == "Some":
        from pytest_symbiont.bridge.some import Some  # noqa: PLC0415

        return Some
    raise AttributeError(f"module 'pytest_symbiont' has no attribute {name!r}")
