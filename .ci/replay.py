"""Replays what is recorded, in a folder far from the checkout, and holds each suite to what its README shows.

A README's `console` block has the command that replays the suite, its `text` block lines that the session
says, in this order. What was won must be written and green for an ordinary user; what was not must leave its
files as they were.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

SUITES = Path(__file__).resolve().parent.parent / "example_suites"
_FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
# Times, and the folder of the demo, are not the README's.
_PASSING = re.compile(r"\d+(?:\.\d+)? ?s\b")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a suite's README says: the arguments of pytest that replay it, and the last lines of that."""

    name: str
    arguments: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def solved(self) -> bool:
        return not any("not solved" in line for line in self.lines)


def shown(readme: Path) -> Shown:
    """Read a suite's README. Exits where it does not say how the suite is replayed and how that ends."""
    blocks = [(match["language"], match["text"]) for match in _FENCE.finditer(readme.read_text("utf-8"))]
    said = [text.splitlines() for language, text in blocks if language == "console"]
    commands = [line for lines in said for line in lines if "--evolve-model=replay" in line]
    ends = [text.splitlines() for language, text in blocks if language == "text"]
    if len(commands) != 1 or len(ends) != 1:
        sys.exit(f"replay: {readme}: needs one command with --evolve-model=replay and one text block")
    command, *arguments = shlex.split(commands[0])
    if command != "pytest":
        sys.exit(f"replay: {readme}: the command must begin with pytest")
    return Shown(readme.parent.name, tuple(arguments), tuple(ends[0]))


def lacking(lines: tuple[str, ...], said: str) -> list[str]:
    """The lines that were not said, in this order, whatever time things took."""
    left = iter(_timeless(said))
    return [line for line in _timeless("\n".join(lines)) if line not in left]


def main() -> None:
    recorded = [folder for folder in sorted(SUITES.iterdir()) if any(folder.glob("__answers__/*.jsonl"))]
    suites = [shown(folder / "README.md") for folder in recorded]
    solved = [suite.name for suite in suites if suite.solved]
    with tempfile.TemporaryDirectory(prefix="replay-") as folder:
        demo = Path(folder) / "demo"
        shutil.copytree(SUITES, demo, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        moved = [suite.name for suite in suites if _replayed(demo, suite)]
        _pytest(demo, *solved, code=0)
    for name in moved:
        print(
            f"replay: {name}: the prompts have changed since its answers were recorded; see CONTRIBUTING.md"
        )
    print(f"replay: {len(suites)} suites end as their READMEs say, {len(solved)} of them green, "
          f"with pytest {version('pytest')}")  # fmt: skip


def _replayed(demo: Path, suite: Shown) -> bool:
    """Replay a suite and hold it to its README; whether it went on by position."""
    before = _bodies(demo / suite.name)
    said = _pytest(demo, *suite.arguments, code=0 if suite.solved else 1)
    after = _bodies(demo / suite.name)
    if missing := lacking(suite.lines, said):
        sys.exit(f"replay: {suite.name} does not end as its README says; lacking: {missing[0]}")
    if (before != after) != suite.solved:
        sys.exit(f"replay: {suite.name}: its files are {'as before' if suite.solved else 'not as before'}")
    for name, text in after.items():
        if text != before.get(name):
            print(f"--- {suite.name}/{name}\n{text}")
    return "replaying by position" in said


def _bodies(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in sorted(folder.rglob("*.rs"))}


def _timeless(text: str) -> list[str]:
    return [_PASSING.sub("… s", line).strip() for line in text.splitlines()]


def _pytest(folder: Path, *arguments: str, code: int) -> str:
    # Whatever model the machine knows of must not be asked.
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANTHROPIC_", "OPENAI_", "PYTEST_EVOLVE_"))
    }
    command = [sys.executable, "-m", "pytest", "-W", "error", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False
    )
    print(done.stdout, flush=True)
    if done.returncode != code:
        sys.exit(f"replay: {shlex.join(command[1:])} ended with {done.returncode}, not {code}")
    return done.stdout


if __name__ == "__main__":
    main()
