"""A session that was killed goes on where it was, and nothing that was paid for is paid for again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from adding import FILES, GREEN, RIGHT, WORSE, WRONG
from example import plugin_arguments
from model_server import ModelServer

if TYPE_CHECKING:
    from example import Example, NewExample

SCRIPT = [WRONG, WORSE, WRONG.replace("a - b", "b - a"), WRONG.replace("a - b", "a * b"), RIGHT]
ALWAYS = ("--evolve-lanes=2", "--evolve-write=never")


class Paid:
    """Answers by what was asked, and counts how often each question was; kills whoever asks the n-th one."""

    def __init__(self, killed_at: int = 0, *, after: bool = False) -> None:
        self.asked: list[tuple[int, str]] = []
        self.process: subprocess.Popen[bytes] | None = None
        self._killed_at = killed_at
        self._after = after
        self._lock = threading.Lock()

    def answer(self, request: dict[str, object]) -> str:
        seed = int(str(request["seed"]))
        lane, round_ = divmod(seed, 1_000)
        text = SCRIPT[(round_ - 1) * 2 + lane if (round_ - 1) * 2 + lane < len(SCRIPT) else -1]
        with self._lock:
            self.asked.append((seed, str(request["messages"])))
            if len(self.asked) == self._killed_at and self.process is not None:
                self._kill()
        return text

    def _kill(self) -> None:
        assert self.process is not None
        if self._after:  # some time later: while it is built, tried or asked again
            timer = threading.Timer(self._killed_at * 0.1, self.process.kill)
            timer.start()
        else:
            self.process.kill()


def run(add: Example, paid: Paid, *args: str) -> tuple[int, str]:
    """A run in a process of its own, which may be killed."""
    with ModelServer([paid.answer], repeat=True) as server:
        command = [sys.executable, "-m", "pytest", *plugin_arguments(), "--evolve", *ALWAYS, *args]
        env = {**os.environ, "OPENAI_BASE_URL": server.url}
        paid.process = subprocess.Popen(
            command, cwd=add.path, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        out, _ = paid.process.communicate(timeout=120)
        return paid.process.returncode, out.decode()


def course(out: str) -> list[str]:
    """What an evolution came to, without its times."""
    return [line for line in out.splitlines() if line.startswith(("  round", "add.rs::add: green"))]


@pytest.mark.parametrize(("killed_at", "after"), [(1, False), (3, False), (3, True), (4, True), (5, False)])
def test_a_killed_session_goes_on_where_it_was(example: NewExample, killed_at: int, after: bool) -> None:
    add = example(FILES)
    whole = Paid()
    code, expected = run(add, whole)
    assert code == 0

    shutil.rmtree(add.path / ".pytest_cache")  # what was tried in vain would be known
    killed = Paid(killed_at, after=after)
    code, _ = run(add, killed)
    assert code in {-signal.SIGKILL, 0}  # it may have been through
    rest = Paid()
    code, resumed = run(add, rest, "--evolve-resume")
    assert code == 0
    assert course(resumed) == course(expected)
    # What was asked twice was under way when it was killed: one question a lane at most.
    again = [question for question in rest.asked if question in killed.asked]
    assert len(again) <= 2
    assert set(killed.asked + rest.asked) == set(whole.asked)


def test_half_a_line_is_no_obstacle(example: NewExample) -> None:
    add = example(FILES)
    run(add, Paid())
    (kept,) = (add.path / ".pytest_cache").rglob("*.jsonl")
    # What the suite began with comes before its answers.
    began, first, second, third, *_ = kept.read_bytes().splitlines(keepends=True)
    kept.write_bytes(began + first + second + third[: len(third) // 2])
    rest = Paid()
    code, _ = run(add, rest, "--evolve-resume")
    assert code == 0
    seeds = {seed for seed, _ in rest.asked}
    assert not seeds & {1, 1_001}
    assert seeds & {2, 1_002}


def test_without_resume_everybody_is_asked_again(example: NewExample) -> None:
    add = example(FILES)
    for _ in range(2):
        add.run("--evolve", "--evolve-write=never", answers=[WRONG, RIGHT])
    add.run("--evolve-resume", answers=[], changed={"add.rs": GREEN}, outcomes={"passed": 2})


def test_answers_that_were_paid_for_count_all_the_same(example: NewExample) -> None:
    add = example(FILES)
    args = ("--evolve-answers=2", "--evolve-write=never")
    add.run("--evolve", *args, answers=[WRONG, WORSE], code=1)
    ran = add.run("--evolve-resume", *args, answers=[], code=1)
    assert "the session's 2 answers are used up" in ran.summary


def test_there_has_to_be_a_session(example: NewExample) -> None:
    ran = example(FILES).run("--evolve-resume", answers=[], code=1)
    assert (
        "not evolved: --evolve-resume: pytest's cache has no earlier session to go on with; leave it out"
        in ran.summary
    )


def test_ctrl_c_hangs_up_tells_all_and_can_be_gone_on_from(example: NewExample) -> None:
    add = example(FILES)
    over = threading.Event()
    started: list[subprocess.Popen[bytes]] = []

    def answer(request: dict[str, object]) -> str:
        if request["seed"] == 2:
            started[0].send_signal(signal.SIGINT)
            over.wait(60)  # the answer is under way until pytest has gone
        return WRONG if request["seed"] == 1 else WORSE

    with ModelServer([answer], repeat=True) as server:
        command = [sys.executable, "-m", "pytest", *plugin_arguments(), "--evolve"]
        env = {**os.environ, "OPENAI_BASE_URL": server.url}
        process = subprocess.Popen(
            command, cwd=add.path, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        started.append(process)
        out = process.communicate(timeout=120)[0].decode()
        over.set()
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert "add.rs::add: interrupted after 1 round; its file is untouched" in out
    assert "  1 round, 1 answer of scripted" in out
    assert "Traceback" not in out
    ran = add.run("--evolve-resume", answers=[RIGHT], changed={"add.rs": GREEN})
    assert "green after 2 rounds" in ran.summary
