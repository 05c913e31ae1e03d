"""Replays the demo in a folder far from the checkout, then runs the same suites as an ordinary user would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

SUITES = Path(__file__).resolve().parent.parent / "example_suites"


def main() -> None:
    # Whatever model the machine knows of must not be asked.
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANTHROPIC_", "OPENAI_", "PYTEST_EVOLVE_"))
    }
    with tempfile.TemporaryDirectory(prefix="replay-") as folder:
        demo = Path(folder) / "demo"
        shutil.copytree(SUITES, demo, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        before = _bodies(demo)
        said = _pytest(demo, env, "--evolve", "--evolve-model=replay")
        after = _bodies(demo)
        untouched = [path for path, text in before.items() if after[path] == text]
        if untouched or len(after) < len(list(demo.glob("*/test_*.py"))):
            said = f"as before: {', '.join(untouched)}" if untouched else "a file is missing"
            sys.exit(f"replay: not every suite was written; {said}")
        for path, text in after.items():
            print(f"--- {path}\n{text}")
        _pytest(demo, env)
    if "replaying by position" in said:
        print("replay: the prompts have changed since the answers were recorded; see CONTRIBUTING.md")
    print(f"replay: {len(after)} suites evolved and green with pytest {version('pytest')}")


def _bodies(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in sorted(folder.rglob("*.rs"))}


def _pytest(folder: Path, env: dict[str, str], *options: str) -> str:
    command = [sys.executable, "-m", "pytest", "-W", "error", *options, "."]
    done = subprocess.run(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False
    )
    print(done.stdout, flush=True)
    if done.returncode:
        sys.exit(f"replay: {' '.join(command[1:])} ended with {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    main()
