"""A `#[test]` function of a file, as something to be called."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_symbiont.bridge import glue
from pytest_symbiont.bridge.callee import Callee
from pytest_symbiont.bridge.handle import Handle

if TYPE_CHECKING:
    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.build.builder import Entry
    from pytest_symbiont.source.rust_tests import RustTest

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


class TestHandle(Handle):
    """Called without arguments; it panics, as it does under cargo, where it returns an error."""

    __test__ = False  # for pytest, which collects by name

    def __init__(self, file: EvolvingFile, test: RustTest) -> None:
        self._returns = bool(test.function.returns)
        super().__init__(file, Callee(replace(test.function, returns=""), written=False))

    @cached_property
    def _entry(self) -> Entry:
        call = f"super::{self.path}()"
        if self._returns:
            call = f'if let ::core::result::Result::Err(error) = {call} {{ ::core::panic!("{{error:?}}") }}'
        return replace(glue.entry(self.plan, self.file.types), text=f"pub fn ENTRY() {{ {call} }}")
