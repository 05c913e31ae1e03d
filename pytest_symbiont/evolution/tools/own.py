"""The project's own tools: functions marked `@pytest_symbiont.tool` in conftest files and test modules."""

from __future__ import annotations

from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING

from pytest_symbiont.api import TOOL
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.tools.limit import time_limit
from pytest_symbiont.models.tools import FunctionTool

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from types import ModuleType

    import pytest

    from pytest_symbiont.models.values import Tool


class OwnTool:
    """A project's function, which is given so many seconds for one call."""

    lasting = True

    def __init__(self, inner: FunctionTool, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds

    @property
    def tool(self) -> Tool:
        return self._inner.tool

    def use(self, arguments: str) -> str:
        with time_limit(self._seconds):
            return self._inner.use(arguments)


def own_tools(
    items: Sequence[pytest.Item], seconds: float, taken: Collection[str] = ()
) -> tuple[OwnTool, ...]:
    """The tools that are meant for these tests. ``taken`` are names that they cannot have.

    Raises `SymbiontError` for one that cannot be offered.

    As with fixtures, the closest of one name counts: the module's own before those of conftest files, and of
    these the one in the deepest folder.
    """
    found: dict[str, FunctionType] = {}
    for module in _modules(items):
        for function in list(vars(module).values()):
            # Not by attribute access: modules of Rust files, say, answer to every name.
            if isinstance(function, FunctionType) and TOOL in vars(function):
                found[function.__name__] = function
    tools = []
    for function in found.values():
        of = f"{Path(function.__code__.co_filename).name}: tool {function.__name__}"
        if function.__name__ in taken:
            raise SymbiontError(
                f"{of}: with --evolve-tools=all there is one of ours by this name; rename yours"
            )
        tools.append(OwnTool(FunctionTool(function, of=of), seconds))
    return tuple(tools)


def _modules(items: Sequence[pytest.Item]) -> Iterator[ModuleType]:
    """Conftest files from the outermost folder to the innermost, then the modules of the tests."""
    folders = {folder for item in items for folder in item.path.parents}
    plugins = items[0].config.pluginmanager.get_plugins() if items else ()
    conftests = [
        (Path(file), plugin)
        for plugin in plugins
        if (file := getattr(plugin, "__file__", None)) and Path(file).name == "conftest.py"
    ]
    for path, plugin in sorted(conftests, key=lambda found: len(found[0].parts)):
        if path.parent in folders:
            yield plugin
    yield from dict.fromkeys(module for item in items if (module := getattr(item, "module", None)))
