"""`#[test]` functions as items, in files under ``src`` of packages that `evolve_crates` names."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

from pytest_symbiont.build.package import Where
from pytest_symbiont.current import current
from pytest_symbiont.errors import CompileError, RustCrash, RustPanic, RustTimeout, SymbiontError
from pytest_symbiont.source.encoding import decode
from pytest_symbiont.source.rust_tests import rust_tests
from pytest_symbiont.source.unwritten import is_unwritten

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _pytest._code.code import TracebackStyle

    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.source.rust_tests import RustTest

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


def marked(config: pytest.Config) -> dict[Path, Where]:
    """The packages that the project's settings name, by their folders. Raises `pytest.UsageError`."""
    found = {}
    for line in config.getini("evolve_crates"):
        named, *features = line.split()
        folder = (config.rootpath / named).resolve()
        if not (folder / "Cargo.toml").is_file():
            raise pytest.UsageError(f"evolve_crates = {line}: there is no Cargo.toml in {folder}")
        switched = tuple(sorted(name for part in features for name in part.split(",") if name))
        found[folder] = Where(folder, switched, tests=True)
    return found


def collected(path: Path, parent: pytest.Collector) -> RustFile | None:
    """The collector of a Rust file, where it is of such a package and has tests."""
    for folder, where in current().registry.tested.items():
        if path.resolve().is_relative_to(folder / "src") and "#[test]" in path.read_text("utf-8", "replace"):
            file: RustFile = RustFile.from_parent(parent, path=path, where=where)
            return file
    return None


class RustFile(pytest.File):
    """A file with tests, of a package."""

    def __init__(self, *, where: Where, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._where = where

    def collect(self) -> Iterator[RustTests | RustItem]:
        tests = rust_tests(decode(self.path.read_bytes(), self.path.name))
        if not tests:
            return
        file = current().registry.on_disk(self.path, self._where)
        targets = [file.body(function) for function in file.functions if is_unwritten(function.body)]
        for module, inside in groupby(tests, lambda test: test.function.module):
            made = [(test, file.rust_test(test)) for test in inside]
            if module:
                yield RustTests.from_parent(self, name=module, tests=made, targets=targets)
            else:
                yield from _items(self, made, targets)


class RustTests(pytest.Collector):
    """A module of such a file."""

    def __init__(self, *, tests: list[tuple[RustTest, Handle]], targets: list[Handle], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._tests, self._targets = tests, targets

    def collect(self) -> Iterator[RustItem]:
        return _items(self, self._tests, self._targets)


def _items(
    parent: pytest.Collector, tests: list[tuple[RustTest, Handle]], targets: list[Handle]
) -> Iterator[RustItem]:
    for test, handle in tests:
        yield RustItem.from_parent(parent, name=test.function.name, test=test, handle=handle, targets=targets)


class RustItem(pytest.Item):
    """One test. While bodies of its file are unwritten, it is bound to them."""

    def __init__(self, *, test: RustTest, handle: Handle, targets: list[Handle], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._test, self._handle, self._targets = test, handle, targets
        if targets:
            self.add_marker(pytest.mark.evolve(*(target.callable for target in targets)))
        if test.ignored is not None:
            self.add_marker(pytest.mark.skip(reason=test.ignored))

    def runtest(self) -> None:
        for target in self._targets:
            target.count()  # what Rust calls of it nobody sees
        try:
            self._handle()
        except RustPanic as panic:
            if not self._test.panics:
                raise
            if self._test.expected not in panic.message:
                pytest.fail(
                    f"panicked with {panic.message!r}, expected {self._test.expected!r} in it", pytrace=False
                )
        else:
            if self._test.panics:
                pytest.fail("did not panic, as it should", pytrace=False)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: TracebackStyle | None = None
    ) -> Any:
        """A panic with its lines of Rust, without the way there; other errors of Rust in their own words."""
        if isinstance(excinfo.value, CompileError | RustCrash | RustTimeout | SymbiontError):
            return f"{type(excinfo.value).__name__}: {excinfo.value}"
        if isinstance(excinfo.value, RustPanic):
            rust = [
                entry for entry in excinfo.traceback if str(entry.path).partition(" (")[0].endswith(".rs")
            ]
            excinfo.traceback = type(excinfo.traceback)(rust[-1:] or excinfo.traceback[-1:])
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._test.function.line - 1, self._test.function.path
