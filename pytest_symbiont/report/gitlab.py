"""GitLab CI: a code quality report, which merge requests show."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.source.digest import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.report.findings import Finding

NAME = "symbiont-code-quality.json"


def is_running(environ: Mapping[str, str]) -> bool:
    return environ.get("GITLAB_CI") == "true"


def place(environ: Mapping[str, str], root: Path) -> Path:
    """Where the report goes: the project's folder."""
    return Path(environ.get("CI_PROJECT_DIR") or root) / NAME


def code_quality(found: Sequence[Finding], base: Path) -> bytes:
    """The report; paths are relative to ``base``. Its fingerprint says when a finding is still the same."""
    issues = [
        {
            "description": f"{finding.title}: {finding.text}",
            "check_name": "pytest-symbiont",
            "fingerprint": digest([finding.title, finding.text]),
            "severity": "major",
            "location": {
                "path": os.path.relpath(finding.file, base) if finding.file else "symbiont.lock",
                "lines": {"begin": finding.line},
            },
        }
        for finding in found
    ]
    return json.dumps(issues, indent=2).encode() + b"\n"
