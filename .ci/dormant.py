"""Runs well-known plugins' own tests without pytest-symbiont and with it installed: no outcome may differ.

Needs the network, and minutes: `tox -e dormant`. Versions are pinned, so that a difference is ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import venv
import xml.etree.ElementTree as ET  # what pytest itself has written just now
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = "pytest==9.0.*"


@dataclass(frozen=True, slots=True)
class Project:
    """A release whose sdist has its tests, in ``tests``; ``needs`` are what these import."""

    name: str
    version: str
    tests: str
    needs: tuple[str, ...] = ()


PROJECTS = (
    Project("pytest-mock", "3.15.1", "tests", ("pytest-asyncio==1.3.0",)),
    Project("pytest-timeout", "2.4.0", "test_pytest_timeout.py", ("pexpect",)),
    Project("pytest-rerunfailures", "16.1", "tests"),
    Project("pytest-subtests", "0.15.0", "tests"),
)


def main() -> None:
    worst = 0
    with tempfile.TemporaryDirectory(prefix="dormant-") as folder:
        for project in PROJECTS:
            worst |= _compared(project, Path(folder) / project.name)
    sys.exit(worst)


def _compared(project: Project, folder: Path) -> int:
    """1 where an outcome differs, or nothing ran."""
    source, python = _prepared(project, folder)
    without = _outcomes(source, python, project)
    _run(python, "-m", "pip", "install", "-q", str(ROOT))
    with_us = _outcomes(source, python, project)
    differing = sorted(
        name for name in without.keys() | with_us.keys() if without.get(name) != with_us.get(name)
    )
    counted = ", ".join(
        f"{number} {outcome}" for outcome, number in sorted(Counter(without.values()).items())
    )
    print(
        f"{project.name} {project.version}: {counted or 'nothing ran'}; {len(differing)} differ", flush=True
    )
    for name in differing:
        print(f"  {name}: {without.get(name)} without, {with_us.get(name)} with pytest-symbiont")
    return int(bool(differing) or not without)


def _prepared(project: Project, folder: Path) -> tuple[Path, str]:
    """The unpacked sdist, and a Python with the plugin in that version."""
    venv.create(folder / "venv", with_pip=True)
    python = str(folder / "venv" / "bin" / "python")
    pinned = f"{project.name}=={project.version}"
    _run(python, "-m", "pip", "install", "-q", PYTEST, pinned, *project.needs)
    _run(python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary=:all:", "-d", str(folder), pinned)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as packed:
        packed.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir() and path.name != "venv"), python


def _outcomes(source: Path, python: str, project: Project) -> dict[str, str]:
    """Test → outcome of one run."""
    report = source / "outcomes.xml"
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", project.tests]
    # Its configuration may add options of plugins that are not here.
    command += ["-o", "addopts="]
    subprocess.run(command, cwd=source, env=_clean(), stdout=subprocess.DEVNULL, check=False)
    found = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - see the import
        kinds = [child.tag for child in case if child.tag in {"failure", "error", "skipped"}]
        found[f"{case.get('classname')}::{case.get('name')}"] = kinds[0] if kinds else "passed"
    return found


def _clean() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHONPATH"))
    }


def _run(*command: str) -> None:
    subprocess.run(command, check=True, env=_clean())


if __name__ == "__main__":
    main()
