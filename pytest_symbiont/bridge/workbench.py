"""Everything that building and loading needs, made on first use."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_symbiont.bridge import extension
from pytest_symbiont.bridge.runtime import Runtime
from pytest_symbiont.build import cache, native, toolchain
from pytest_symbiont.build.builder import Builder
from pytest_symbiont.build.isolation import Isolation
from pytest_symbiont.build.package import Package
from pytest_symbiont.source.allowance import doors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    from pytest_symbiont.bridge.route import Called, Route
    from pytest_symbiont.build.cache import Cache
    from pytest_symbiont.build.package import Member, Where
    from pytest_symbiont.build.toolchain import Toolchain


class Workbench:
    """The toolchain, the cache and what was built of `native/`; each is looked for when first needed.

    ``isolation``, and ``allow`` (what candidates may use beside the safe part of std), are set, where they
    were asked for, before the first build; ``counting`` too, which says that what is called for the record
    counts the lines that it reaches. ``elsewhere`` gives the route of what is not to
    be called in this process.
    """

    def __init__(self) -> None:
        self.isolation = Isolation()
        self.allow: frozenset[str] = frozenset()
        self.counting = False
        self.elsewhere: Callable[[Called], Route] | None = None
        self._packages: dict[Where, Package] = {}

    @cached_property
    def toolchain(self) -> Toolchain:
        return toolchain.discover(os.environ)

    @cached_property
    def cache(self) -> Cache:
        return cache.open_cache(os.environ)

    @cached_property
    def builder(self) -> Builder:
        built = native.build(self.toolchain, self.cache)
        opened = native.with_doors(built, self.toolchain, self.cache, doors(self.allow))
        return Builder(self.toolchain, self.cache, opened, self.isolation)

    def member(self, path: Path, where: Where) -> Member:
        """A file of a package. Raises `SymbiontError` where it is none."""
        if where not in self._packages:
            self._packages[where] = Package(where, self.toolchain, self.cache)
        return self._packages[where].member(path)

    @cached_property
    def runtime(self) -> Runtime:
        return Runtime(self.builder.native.runtime)

    @cached_property
    def extension(self) -> ModuleType | None:
        """The C callable, or None where no C compiler could make it."""
        return extension.load(self.cache.root)
