"""Whether a killed session resumes to the same end: SIGKILL at random moments, then `--evolve-resume`.

    python benchmarks/resume.py [KILLS] [SEED]

A session of two lanes, against a server that answers by script and keeps a log of what it was asked. Each
kill hits a session of its own, at a moment drawn evenly: behind a question, by up to the time that there is
between two. A session that had written its winner by then is drawn again. The exit code is 1 where a resumed
session ended otherwise than the whole one, or asked again what had been answered before the kill.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from adding import FILES, RIGHT, WORSE, WRONG
from model_server import ModelServer

_LANES = 2
_WRONG = [WRONG, WORSE, *(WRONG.replace("a - b", f"a - b - {n}") for n in range(1, 5))]


@dataclass(frozen=True, slots=True)
class Kill:
    """So many seconds behind the question with this number, from 1."""

    question: int
    seconds: float


@dataclass(slots=True)
class Log:
    """What one server was asked, by seed and messages; it kills ``process`` as ``kill`` says."""

    kill: Kill | None = None
    asked: list[tuple[int, str]] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    def answer(self, request: dict[str, object]) -> str:
        seed = int(str(request["seed"]))
        lane, round_ = divmod(seed, 1_000)
        number = (round_ - 1) * _LANES + lane
        self.asked.append((seed, str(request["messages"])))
        if self.kill is not None and len(self.asked) == self.kill.question and self.process is not None:
            threading.Timer(self.kill.seconds, self.process.kill).start()
        return _WRONG[number] if number < len(_WRONG) else RIGHT


@dataclass(frozen=True, slots=True)
class Run:
    """A session: its exit code, its course without times, the body that it wrote, and how long it asked."""

    code: int
    course: tuple[str, ...]
    body: str
    seconds: float


def run(folder: Path, log: Log, *args: str) -> Run:
    """One session in a process of its own."""
    with ModelServer([log.answer], repeat=True) as server:
        options = ["--evolve", f"--evolve-lanes={_LANES}", *args]
        env = {**os.environ, "OPENAI_BASE_URL": server.url}
        began = time.monotonic()
        log.process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *options],
            cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        out, _ = log.process.communicate(timeout=600)
    course = tuple(line for line in out.splitlines() if line.startswith(("  round", "add.rs::add: green")))
    body = (folder / "add.rs").read_text("utf-8")
    return Run(log.process.returncode, course, body, time.monotonic() - began)


def project() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="resume-"))
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def main() -> None:
    kills, seed = (int(given) for given in (*sys.argv[1:], *("50", "0")[len(sys.argv) - 1 :]))
    draw = random.Random(seed)  # noqa: S311 - no secret
    run(project(), Log())  # builds what every session needs
    whole_log = Log()
    whole = run(project(), whole_log)
    assert whole.code == 0
    print(
        f"whole session: {len(whole_log.asked)} questions in {whole.seconds:.1f} s, {len(whole.course)} lines"
    )
    questions = len(whole_log.asked)
    hit = missed = wrong = most_again = 0
    while hit < kills:
        moment = Kill(draw.randint(1, questions), draw.uniform(0, whole.seconds / questions))
        folder, killed, rest = project(), Log(moment), Log()
        ended = run(folder, killed)
        if ended.code != -signal.SIGKILL or ended.body == whole.body:
            missed += 1
            continue
        hit += 1
        resumed = run(folder, rest, "--evolve-resume")
        again = [question for question in rest.asked if question in killed.asked]
        most_again = max(most_again, len(again))
        same = (resumed.code, resumed.course, resumed.body) == (0, whole.course, whole.body)
        if not same or len(again) > _LANES or set(killed.asked + rest.asked) != set(whole_log.asked):
            wrong += 1
            print(f"kill {hit} at {moment}: code {resumed.code}, {len(again)} asked again, in {folder}")
    print(f"{hit} killed; {missed} more had ended by then")
    print(f"{hit - wrong} of {hit} ended as the whole session; at most {most_again} questions asked again")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
