"""What a session has to say to whoever reads a change: where something is wrong, and what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.report.text import plain
from pytest_symbiont.source import parse
from pytest_symbiont.source.encoding import decode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_symbiont.evolution.provenance import Subject
    from pytest_symbiont.evolution.result import Result

_LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``file`` is None where it is nowhere; ``line`` counts from 1."""

    title: str
    text: str
    file: Path | None = None
    line: int = 1


def findings(results: Sequence[Result], problems: Sequence[str]) -> list[Finding]:
    """What stands in the way of a good end."""
    found = [_of_suite(result) for result in results if result.failed]
    return [*found, *(Finding("symbiont.lock", plain(problem)) for problem in problems)]


def _of_suite(result: Result) -> Finding:
    words = {"lost": "not solved", "refused": "not evolved", "unproven": "not as proven"}
    title = f"{result.suite.name}: {'not written' if result.kept_back else words.get(result.end, result.end)}"
    text = plain(result.written if result.kept_back else result.message)[:_LONGEST]
    if not result.subjects:
        return Finding(plain(title), text)
    subject = result.subjects[0]
    return Finding(plain(title), text, subject.file, _line(subject))


def _line(subject: Subject) -> int:
    """Where the target stands, the file's first line where it does not."""
    try:
        text = decode(subject.file.read_bytes(), subject.file.name)
        return parse.find(text, subject.path, file=subject.file.name).line
    except (OSError, SymbiontError):
        return 1
