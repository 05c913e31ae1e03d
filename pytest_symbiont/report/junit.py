"""What a JUnit report, and any other that shows user properties, says of a test's evolution."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import SubElement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    import pytest

    from pytest_symbiont.evolution.marker import Bound
    from pytest_symbiont.evolution.result import Result


def properties_of(bound: Bound, result: Result) -> list[tuple[str, object]]:
    """What is known when the test runs for the record.

    ``evolve.revision`` is the winner's number, 0 where the test ran what is on disk. ``evolve.rounds`` and
    ``evolve.tokens`` are the suite's.
    """
    return [
        ("evolve.target", ", ".join(handle.label for handle in bound.handles)),
        ("evolve.revision", result.revision if result.end == "won" else 0),
        ("evolve.rounds", result.rounds),
        ("evolve.tokens", result.generated_tokens),
    ]


class JUnit:
    """Adds to pytest's own JUnit report, where there is one, what is known when files are written."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._cases: dict[str, list[Any]] = {}

    def logged(self, nodeid: str, report: pytest.TestReport) -> None:
        """Remember the test's case before it is closed."""
        xml = self._xml
        if xml is not None and report.when == "teardown":
            self._cases.setdefault(nodeid, []).append(xml.node_reporter(report))

    def forget(self, report: pytest.TestReport) -> None:
        """Let a report that is to count for nothing leave no case."""
        xml = self._xml
        if xml is None:
            return
        case = xml.node_reporter(report)
        xml.node_reporters_ordered.remove(case)
        xml.node_reporters = {key: each for key, each in xml.node_reporters.items() if each is not case}

    def written(self, results: Sequence[Result]) -> None:
        """Add ``evolve.written``: whether the suite's winner was written to its files."""
        for result in results:
            written = "true" if result.written.startswith("written: ") else "false"
            for nodeid in result.suite.nodeids:
                for case in self._cases.get(nodeid, ()):
                    _add(case.to_xml(), "evolve.written", written)

    @property
    def _xml(self) -> Any:
        module: Any = sys.modules.get("_pytest.junitxml")
        return self._config.stash.get(module.xml_key, None) if module is not None else None


def _add(case: Element, name: str, value: str) -> None:
    properties = case.find("properties")
    if properties is not None:
        SubElement(properties, "property", name=name, value=value)
