"""Tests against an installed package instead of the Rust file."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Mapping

INSTALLED = "PYTEST_SYMBIONT_INSTALLED"


def installed(package: str, declaration: str, file: str | None, types: Mapping[str, str]) -> Any:
    """What ``evolvable`` gives of an exported package: a function of it, or for a whole file the package."""
    label = f"{INSTALLED}={package}: evolvable({declaration!r})"
    if types:
        raise SymbiontError(f"{label}: an exported package has no generic functions; unset the variable")
    try:
        module = import_module(package)
    except ImportError as error:
        raise SymbiontError(f"{label}: {error}; pip install it, or unset the variable") from None
    if file is None:
        name = declaration.partition("::")[2]
    else:
        from pytest_symbiont.source import parse  # noqa: PLC0415 - Rust is parsed only here

        name = parse.declaration(declaration).path
    if not name:
        return module
    if name not in getattr(module, "__all__", ()):
        raise SymbiontError(f"{label}: the package has no function {name}; export it too")
    return getattr(module, name)
