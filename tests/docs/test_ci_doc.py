"""The workflows of docs/ci.md do what they say, as far as no runner is needed: their commands are run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pages import ROOT, blocks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WORKFLOWS = {
    text.partition("\n")[0]: yaml.safe_load(text) for text in blocks(ROOT / "docs" / "ci.md", "yaml")
}
GITLAB = WORKFLOWS["check:"]


def commands(job: dict[str, Any]) -> list[str]:
    """What a job runs: GitHub's steps, or GitLab's script."""
    return job["script"] if "script" in job else [step["run"] for step in job["steps"] if "run" in step]


class Machine:
    """A checkout of a repository with one suite, and the programs of a runner."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self._programs = folder / "bin"
        self._programs.mkdir()
        for name, script in {
            "pip": 'test "$*" = "install -r requirements.txt"',
            "gh": f'echo "$@" >> {folder}/gh.log',
            "pytest": f'exec {sys.executable} -m pytest -p no:randomly "$@"',
        }.items():
            (self._programs / name).write_text(f"#!/bin/sh\n{script}\n")
            (self._programs / name).chmod(0o755)
        (folder / "origin.git").mkdir()
        self.git("init", "--quiet", "--bare", ".", at=folder / "origin.git")
        self.git("clone", "--quiet", str(folder / "origin.git"), str(self.folder), at=folder)
        shutil.copytree(
            ROOT / "example_suites" / "gcd", self.folder / "gcd", ignore=shutil.ignore_patterns("_*c*_", ".")
        )
        (self.folder / ".gitignore").write_text("__pycache__/\n.pytest_cache/\n.hypothesis/\n")
        self.commit("A suite")

    def git(self, *args: str, at: Path | None = None) -> str:
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", *args]
        done = subprocess.run(command, cwd=at or self.folder, check=True, capture_output=True, text=True)
        return done.stdout

    def commit(self, subject: str) -> None:
        self.git("add", "-A")
        self.git("commit", "--quiet", "-m", subject)
        self.git("push", "--quiet", "origin", "HEAD:main")

    def run(self, lines: Sequence[str]) -> None:
        env = os.environ | {
            "PATH": f"{self._programs}{os.pathsep}{os.environ['PATH']}",
            "PYTEST_EVOLVE_MODEL": "replay",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        said = []
        for line in lines:
            done = subprocess.run(
                ["bash", "-e", "-c", line],  # noqa: S607 - the one on PATH
                cwd=self.folder, env=env, capture_output=True, text=True, check=False,
            )  # fmt: skip
            said += [line, done.stdout, done.stderr]
            assert done.returncode == 0, "\n".join(said)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def proposed(machine: Machine) -> set[str]:
    return set(machine.git("diff", "--name-only", "origin/main", "origin/evolve/nightly").split())


@pytest.mark.parametrize("service", ["github", "gitlab"])
def test_what_is_regenerated_is_proposed_and_then_passes_the_check(machine: Machine, service: str) -> None:
    if service == "github":
        evolve = WORKFLOWS["name: evolve"]["jobs"]
        machine.run([*commands(evolve["evolve"]), *commands(evolve["propose"])])
        assert "pr create --fill --head evolve/nightly" in (machine.folder.parent / "gh.log").read_text()
        check = WORKFLOWS["name: check"]["jobs"]["check"]
    else:
        machine.git("config", "receive.advertisePushOptions", "true", at=machine.folder.parent / "origin.git")
        machine.run(commands(GITLAB["evolve"]))
        check = GITLAB["check"]
    assert proposed(machine) == {"gcd/gcd.rs", "gcd/symbiont.lock"}
    assert json.loads((machine.folder / "report.json").read_text())["suites"][0]["end"] == "won"
    machine.run(commands(check))


def test_the_job_that_runs_candidates_can_write_nothing() -> None:
    jobs = WORKFLOWS["name: evolve"]["jobs"]
    assert jobs["evolve"]["permissions"] == {"contents": "read"}
    assert not any("pytest -" in command or "pip" in command for command in commands(jobs["propose"]))
    assert WORKFLOWS["name: check"]["permissions"] == {"contents": "read"}
