"""Lines of Rust files in coverage.py's reports, beside the Python ones.

As a plugin of coverage.py (``plugins = ["pytest_symbiont.report.coverage"]``) it tells which lines of a Rust
file can be reached, so that ``coverage report``, ``html``, ``xml``, ``lcov`` and ``json`` show it. In a
session with pytest-cov it is switched on by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import coverage
from coverage.plugin import CodeRegion, FileReporter

from pytest_symbiont.report.measuring import TEXTS
from pytest_symbiont.source import parse
from pytest_symbiont.source.encoding import decode
from pytest_symbiont.source.instrument import instrument

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from coverage.plugin_support import Plugins

    Texts: TypeAlias = Mapping[str, str]


def coverage_init(reg: Plugins, options: Mapping[str, Any]) -> None:
    """Register with coverage.py, as its documentation of plugins says."""
    reg.add_file_tracer(RustCoverage(options.get(TEXTS, {})))


class RustCoverage(coverage.CoveragePlugin):
    """Reports on Rust files. ``texts`` are those of files that are not written yet, by path."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def file_reporter(self, filename: str) -> FileReporter:
        """What can be reached in a file."""
        return RustFile(filename, self._texts.get(filename))


class RustFile(FileReporter):
    """One Rust file. Lines that only ``const fn`` and macros have count as no code."""

    def __init__(self, filename: str, text: str | None = None) -> None:
        super().__init__(filename)
        self._text = text

    def source(self) -> str:
        """The text that was run."""
        if self._text is None:
            self._text = decode(Path(self.filename).read_bytes(), self.filename)
        return self._text

    def lines(self) -> set[int]:
        """The lines that can be reached."""
        counting = instrument(self.source())
        return set(counting.lines) if counting else set()

    def code_regions(self) -> list[CodeRegion]:
        """The functions."""
        lines = self.lines()
        regions = []
        for function in parse.bodies(self.source()):
            last = function.line + f"{function.signature} {function.body}".count("\n")
            inside = {line for line in lines if function.line <= line <= last}
            regions.append(CodeRegion("function", function.path, function.line, inside))
        return regions

    def code_region_kinds(self) -> list[tuple[str, str]]:
        """What `code_regions` has."""
        return [("function", "functions")]
