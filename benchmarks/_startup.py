"""What a project pays that installed the plugin and does not use it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from _measure import interleaved, median, seconds, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from _measure import Judge

_PLUGIN = ["-p", "pytest_symbiont.plugin"]
# Without the other plugins that may be installed here: each run is shorter and so less of it is noise.
_ENVIRONMENT = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
_HEAVY = ("openai", "anthropic", "cffi", "tree_sitter", "msgspec", "jinja2", "rich", "coverage")
_IMPORT = """
import time, pytest
began = time.perf_counter()
import pytest_symbiont.plugin
print(time.perf_counter() - began)
"""
_LOADED = """
import sys, pytest
pytest.main(["-q", "-p", "pytest_symbiont.plugin"])
print(*sys.modules, file=sys.stderr)
"""


def run(judge: Judge, *, quick: bool) -> None:
    rounds = 9 if quick else 41
    # Not `pytest --version`: that one ends before it loads plugins.
    with tempfile.TemporaryDirectory() as empty:
        processor: dict[str, list[float]] = {"without": [], "with": []}

        def start(name: str, arguments: list[str]) -> float:
            wall, worked = _start(arguments, empty)
            processor[name].append(worked)
            return wall

        wall = interleaved(
            {"without": lambda: start("without", []), "with": lambda: start("with", _PLUGIN)}, rounds
        )
        imports = [float(_python(_IMPORT, empty)[0]) for _ in range(rounds)]
        loaded = _python(_LOADED, empty)[1].split()
    rows = [
        (f"{name} the plugin", seconds(median(wall[name])), seconds(median(processor[name]))) for name in wall
    ]
    rows.append(("added, by medians", _added(wall, median), _added(processor, median)))
    rows.append(("added, by minima", _added(wall, min), _added(processor, min)))
    rows.append(("the import alone", seconds(median(imports)), ""))
    table(("pytest in an empty folder", "takes", "of processor"), rows)
    assert "pytest_symbiont.plugin" in loaded
    heavy = [name for name in _HEAVY if name in loaded]
    # What else runs on the machine only ever adds, a hundred milliseconds to either side: minima tell most.
    judge.at_most("added by the unused plugin", _difference(processor, min) * 1e3, 10, "ms")
    judge.at_most("import of the unused plugin", median(imports) * 1e3, 10, "ms")
    judge.at_most(f"heavy modules that it imports ({', '.join(heavy) or 'none'})", len(heavy), 0, "modules")


def _difference(values: dict[str, list[float]], of: Callable[[list[float]], float]) -> float:
    return of(values["with"]) - of(values["without"])


def _added(values: dict[str, list[float]], of: Callable[[list[float]], float]) -> str:
    return f"{_difference(values, of) * 1e3:+.1f} ms"


def _start(arguments: list[str], folder: str) -> tuple[float, float]:
    """Seconds on the wall, and of processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, check=False)
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _python(code: str, folder: str) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout, done.stderr


def _environment() -> dict[str, str]:
    """This one; what PYTHONPATH names is found from another folder as well."""
    parts = [str(Path(part).resolve()) for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    return {**os.environ, **_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(parts)}
