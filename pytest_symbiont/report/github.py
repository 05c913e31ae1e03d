"""GitHub Actions: annotations, a step summary, and model text that gives the runner no commands."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.report.findings import Finding

_MOST_ANNOTATIONS = 10  # what GitHub shows of one kind in a step
_COMMAND = re.compile(r"^(\s*):(?=:)|##(?=\[)", re.MULTILINE)


def is_running(environ: Mapping[str, str]) -> bool:
    return environ.get("GITHUB_ACTIONS") == "true"


def defused(text: str) -> str:
    """The text without what the runner takes for commands: ``::name::`` at a line's start, ``##[name]``."""
    return _COMMAND.sub(lambda match: f"{match[1] or ''}: " if match[1] is not None else "# #", text)


def told(found: Sequence[Finding], environ: Mapping[str, str], root: Path) -> list[str]:
    """Lines for standard output; paths are relative to the workspace, or to ``root``."""
    base = environ.get("GITHUB_WORKSPACE") or str(root)
    return [_annotation(finding, base) for finding in found[:_MOST_ANNOTATIONS]]


def _annotation(finding: Finding, base: str) -> str:
    place = ""
    if finding.file is not None:
        place = f"file={_property(os.path.relpath(finding.file, base))},line={finding.line},"
    return f"::error {place}title={_property(finding.title)}::{_data(finding.text)}"


def summary(results: Sequence[Result], problems: Sequence[str]) -> str:
    """Markdown for the step summary. Whatever is not ours in it is text, never markup."""
    rows = [
        (result.suite.name, _end(result), str(result.rounds), str(result.generated_tokens), result.written)
        for result in results
    ]
    lines = ["### pytest-symbiont", "", *_table(("suite", "end", "rounds", "tokens", "files"), rows)]
    lines += ["", *(f"- {_cell(problem)}" for problem in problems)]
    return "\n".join(lines).rstrip() + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *(list(map(_cell, row)) for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _end(result: Result) -> str:
    return f"{result.end}: {result.message}" if result.message else result.end


def _cell(text: str) -> str:
    """Plain words: every other character as an entity, so that no Markdown or HTML is left."""
    line = " ".join(text.split())[:500]
    return "".join(char if char.isalnum() or char in " .-/" else f"&#{ord(char)};" for char in line)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
