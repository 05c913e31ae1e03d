"""Tests against an installed package instead of the Rust file."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

INSTALLED = "PYTEST_SYMBIONT_INSTALLED"


class Installed:
    """A function of the package. It has no name, so that ``@pytest.mark.evolve(f)`` does not mark it."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<{self._function!r} of a package, because {INSTALLED} is set>"


class Package:
    """The functions of the package as attributes, in place of a whole file's."""

    def __init__(self, module: ModuleType, label: str) -> None:
        self._module = module
        self._label = label

    def __getattr__(self, name: str) -> Installed:
        if name not in self._module.__all__:
            raise AttributeError(f"{self._label}: the package has no function {name}; export it too")
        return Installed(getattr(self._module, name))


def installed(package: str, declaration: str, file: str | None, types: Mapping[str, str]) -> Any:
    """What ``evolvable`` gives of an exported package: a function of it, or for a whole file all of them."""
    label = f"{INSTALLED}={package}: evolvable({declaration!r})"
    if types:
        raise SymbiontError(f"{label}: an exported package has no generic functions; unset the variable")
    try:
        module = import_module(package)
    except ImportError as error:
        raise SymbiontError(f"{label}: {error}; pip install it, or unset the variable") from None
    if not hasattr(module, "__all__"):
        raise SymbiontError(f"{label}: {package} is no package that pytest-symbiont export wrote")
    whole = Package(module, label)
    if file is None:
        name = declaration.partition("::")[2]
    else:
        from pytest_symbiont.source import parse  # noqa: PLC0415 - Rust is parsed only here

        name = parse.declaration(declaration).path
    if not name:
        return whole
    try:
        return getattr(whole, name)
    except AttributeError as error:
        raise SymbiontError(str(error)) from None
