"""One run: a task, a strategy, a seed, and what came of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.report import events
from pytest_symbiont.report.trace import read

if TYPE_CHECKING:
    from collections.abc import Iterable

# Of one seed come those of its rounds, and of its lanes by the thousand: sessions must not share any.
_SEEDS_APART = 1_000_000
_MOST_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Plan:
    """What is compared is equal in everything but the ``strategy``. ``tokens`` is the budget."""

    task: str
    strategy: str
    seed: int
    model: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """``solved_at`` are the generated tokens after which a body was green, 0 where none was."""

    plan: Plan
    solved_at: int
    tokens: int
    answers: int
    arms: str


def run(plan: Plan, folder: Path, url: str) -> Outcome:
    """Evolve a copy of the task's folder. Raises RuntimeError where that was no run."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary) / folder.name
        shutil.copytree(folder, place, ignore=shutil.ignore_patterns("__pycache__", "__answers__", ".*"))
        trace = Path(temporary) / "trace.jsonl"
        (Path(temporary) / "pytest.ini").write_text("[pytest]\n", "utf-8")
        arguments = [
            "--evolve", "--evolve-write=never", "--evolve-rounds=200", "--evolve-concurrency=1",
            f"--evolve-strategy={plan.strategy}", f"--evolve-seed={plan.seed * _SEEDS_APART}",
            f"--evolve-max-tokens={plan.tokens}", f"--evolve-model={plan.model}@{url}",
            f"--evolve-trace={trace}", "-q", "-p", "_ablation", str(place),
        ]  # fmt: skip
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_EVOLVE_")},
            "PYTHONPATH": str(Path(__file__).parent),
            "OPENAI_API_KEY": "none",
        }
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=temporary, env=environ, capture_output=True, text=True, timeout=_MOST_SECONDS, check=False,
        )  # fmt: skip
        told = read(trace) if trace.is_file() else ()
    attempts = [event for event in told if isinstance(event, events.Attempt)]
    ended = [event for event in told if isinstance(event, events.End)]
    if not ended or not attempts or "cannot be" in ended[0].message:
        raise RuntimeError(
            f"{plan.task}, {plan.strategy}, seed {plan.seed}:\n{done.stdout[-2000:]}{done.stderr}"
        )
    used = 0
    solved_at = 0
    for attempt in attempts:
        used += attempt.generated_tokens
        if attempt.number == ended[0].winner:
            solved_at = max(used, 1)
    return Outcome(plan, solved_at, used, len(attempts), " ".join(_arm(attempt) for attempt in attempts))


def _arm(attempt: events.Attempt) -> str:
    return attempt.decision.arm.replace(" ", "-")


class Results:
    """Outcomes in a file, one a line: a run that is there is not made again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[Plan, Outcome] = {}
        for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
            row = json.loads(line)
            plan = Plan(**row.pop("plan"))
            self._known[plan] = Outcome(plan, **row)

    def get(self, plan: Plan) -> Outcome | None:
        return self._known.get(plan)

    def add(self, outcome: Outcome) -> None:
        self._known[outcome.plan] = outcome
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(outcome)) + "\n")

    def of(self, plans: Iterable[Plan]) -> list[Outcome]:
        return [outcome for plan in plans if (outcome := self._known.get(plan))]
