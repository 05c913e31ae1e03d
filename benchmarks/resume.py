"""Whether a killed session resumes to the same end: SIGKILL at random moments, then `--evolve-resume`.

    python benchmarks/resume.py [KILLS] [SEED]

A session of two lanes, against a server that answers by script and keeps a log of what it was asked. Each
kill hits a session of its own, at a moment drawn evenly from a whole session's time between its first
question and its end; one that had ended by then is drawn again. The exit code is 1 where a resumed session
ended otherwise than the whole one, or asked again what had been answered before the kill.
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


@dataclass(slots=True)
class Log:
    """What one server was asked, by seed and messages, and when it was asked first."""

    asked: list[tuple[int, str]] = field(default_factory=list)
    first: threading.Event = field(default_factory=threading.Event)

    def answer(self, request: dict[str, object]) -> str:
        seed = int(str(request["seed"]))
        lane, round_ = divmod(seed, 1_000)
        number = (round_ - 1) * _LANES + lane
        self.asked.append((seed, str(request["messages"])))
        self.first.set()
        return _WRONG[number] if number < len(_WRONG) else RIGHT


@dataclass(frozen=True, slots=True)
class Run:
    """A session: its exit code, its course without times, the body that it wrote, and how long it asked."""

    code: int
    course: tuple[str, ...]
    body: str
    seconds: float


def run(folder: Path, log: Log, *args: str, kill_after: float | None = None) -> Run:
    """One session in a process of its own, killed so many seconds after its first question."""
    with ModelServer([log.answer], repeat=True) as server:
        options = ["--evolve", f"--evolve-lanes={_LANES}", *args]
        env = {**os.environ, "OPENAI_BASE_URL": server.url}
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *options],
            cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        log.first.wait(60)
        began = time.monotonic()
        killer = threading.Timer(kill_after or 0.0, process.kill) if kill_after is not None else None
        if killer is not None:
            killer.start()
        out, _ = process.communicate(timeout=600)
        if killer is not None:
            killer.cancel()
    course = tuple(line for line in out.splitlines() if line.startswith(("  round", "add.rs::add: green")))
    return Run(process.returncode, course, (folder / "add.rs").read_text("utf-8"), time.monotonic() - began)


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
    hit = missed = wrong = most_again = 0
    at: list[float] = []
    while hit < kills:
        folder, killed, rest = project(), Log(), Log()
        moment = draw.uniform(0, whole.seconds)
        ended = run(folder, killed, kill_after=moment)
        if ended.code != -signal.SIGKILL:
            missed += 1
            continue
        hit += 1
        at.append(moment / whole.seconds)
        resumed = run(folder, rest, *(["--evolve-resume"] if killed.asked else []))
        again = [question for question in rest.asked if question in killed.asked]
        most_again = max(most_again, len(again))
        # Who was killed behind the write-back had nothing left to do.
        course = () if ended.body == whole.body else whole.course
        same = (resumed.code, resumed.course, resumed.body) == (0, course, whole.body)
        if not same or len(again) > _LANES or set(killed.asked + rest.asked) != set(whole_log.asked):
            wrong += 1
            print(f"kill {hit} after {moment:.2f} s: {resumed.code}, {len(again)} asked again, in {folder}")
    print(f"{hit} killed ({missed} had ended), between {min(at):.0%} and {max(at):.0%} of a session")
    print(f"{hit - wrong} of {hit} ended as the whole session; at most {most_again} questions asked again")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
