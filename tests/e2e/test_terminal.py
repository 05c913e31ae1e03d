"""What is seen: one line under -q, the course, more under -v and -vv, a live line on a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import termios
import threading
from typing import TYPE_CHECKING

from adding import FILES, RED, RIGHT, TESTS, WRONG
from example import plugin_arguments, rust
from model_server import Drip, ModelServer, delta, events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pytest
    from example import NewExample
    from model_server import Scripted

BROKEN = rust("pub fn add(a: i64, b: i64) -> i64 { a + c }")
EVIL = rust('pub fn add(a: i64, b: i64) -> i64 { panic!("\x1b[2J\x1b]0;title\x07 {}", a - b) }')
PYTEST = (sys.executable, "-m", "pytest", *plugin_arguments())
COURSE = (BROKEN, WRONG, RIGHT)


def _ours(text: str) -> list[str]:
    return [line for line in text.splitlines() if "symbiont:" in line or "add.rs::add" in line]


def test_quiet_is_one_line(example: NewExample) -> None:
    add = example(FILES)
    won = add.run("--evolve", "-q", answers=COURSE, changed={"add.rs": ...})
    assert _ours(won.out) == ["symbiont: 1 won, 1 file written"]
    add.write(FILES)
    lost = add.run("--evolve", "-q", "--evolve-rounds=1", answers=[WRONG], code=1)
    assert _ours(lost.out) == [
        "symbiont: 1 not solved; add.rs::add: no body passed in 1 round; allow more with --evolve-rounds"
    ]
    partial = add.run("--evolve", "-q", "-k", "zero", answers=[RIGHT], code=1)
    (line,) = _ours(partial.out)
    assert line.startswith(
        "symbiont: 1 won; add.rs::add: not written: 1 of 2 tests of the suite were not selected"
    )
    add.run(
        "--evolve",
        "--evolve-record=new",
        answers=[RIGHT],
        changed={"add.rs": ..., "__answers__/add.rs-add.jsonl": ...},
    )
    green = add.run("--evolve", "-q", answers=[])
    assert _ours(green.out) == ["symbiont: 1 already green"]
    add.write(FILES)
    replayed = add.run("--evolve", "-q", changed={"add.rs": ...})
    assert _ours(replayed.out) == ["symbiont: 1 won, 1 file written; recorded answers were replayed"]


def test_by_default_the_course_and_the_summary(example: NewExample) -> None:
    ran = example(FILES).run("--evolve", answers=COURSE, changed={"add.rs": ...})
    ran.result.stdout.fnmatch_lines(
        [
            "symbiont: 1 suite; model: first model of 127.0.0.1:*; isolation: worker (*)",
            "add.rs::add: 0 of 2 tests pass as it is on disk",
            "  round 1: does not compile: error[[]E0425[]]: cannot find value `c` in this scope",
            "  round 2: 1 of 2 tests pass; add(20, 22) must return 42, not -2",
            "  round 3: 2 of 2 tests pass",
            "test_add.py ..*",
            "=* symbiont =*",
            "add.rs::add: green after 3 rounds",
            "*3 answers of scripted, 1 compile error, * tokens; model * s, rustc * s, tests * s",
            "  written: add.rs",
            "=* 2 passed in *",
        ]
    )
    assert "```" not in ran.out
    lines = ran.out.splitlines()
    heading = next(number for number, line in enumerate(lines) if "= symbiont =" in line)
    assert lines[heading + 1].startswith("add.rs::add")


def test_verbose_says_what_was_wrong_and_very_verbose_all_that_was_said(example: NewExample) -> None:
    add = example(FILES)
    verbose = add.run("--evolve", "-v", answers=COURSE, changed={"add.rs": ...}).out
    assert " --> add.rs:2:" in verbose
    assert "[user]" not in verbose
    assert "```" not in verbose
    add.write(FILES)
    very = add.run("--evolve", "-vv", answers=COURSE, changed={"add.rs": ...}).out
    assert very.count("[user]") >= 3
    assert "    Here it is." in very
    assert "    pub fn add(a: i64, b: i64) -> i64 { a + c }" in very


def test_what_a_model_sends_never_commands_the_terminal(example: NewExample) -> None:
    prose = f"\x1b]0;owned\x07 I say:\r\n\u202e{EVIL}"
    ran = example(FILES).run("--evolve", "-vv", "--evolve-rounds=2", answers=[prose, EVIL + " "], code=1)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", ran.out)
    assert r"\x1b]0;owned\x07" in ran.out


def test_several_suites_are_told_apart(example: NewExample) -> None:
    files = {**FILES, "mul.rs": RED.replace("add", "mul").replace("sum", "product")}
    files["test_mul.py"] = (
        TESTS.replace("add", "mul")
        .replace("(20, 22) == 42", "(6, 7) == 42")
        .replace("def test_", "def test_mul_")
    )
    ran = example(files).run(
        "--evolve",
        answers=[RIGHT, rust("pub fn mul(a: i64, b: i64) -> i64 { a * b }")],
        changed={"add.rs": ..., "mul.rs": ...},
        outcomes={"passed": 4},
    )
    assert "symbiont: 2 suites; " in ran.out
    assert ran.summary.index("add.rs::add: green") < ran.summary.index("mul.rs::mul: green")


def _on_a_terminal(
    example: NewExample,
    *args: str,
    answers: Sequence[Scripted],
    columns: int = 100,
    saw: Callable[[bytes], None] = lambda _: None,
) -> str:
    """What a terminal receives; ``saw`` is told all of it whenever there is more."""
    add = example(FILES)
    near, far = pty.openpty()
    os.set_blocking(near, True)
    termios.tcsetwinsize(far, (30, columns))
    received = bytearray()

    def read() -> None:
        try:
            while part := os.read(near, 4096):
                received.extend(part)
                saw(bytes(received))
        except OSError:  # the other end is closed
            return

    with ModelServer(answers) as server:
        reader = threading.Thread(target=read)
        reader.start()
        environment = {**os.environ, "OPENAI_BASE_URL": server.url, "TERM": "xterm-256color"}
        command = [*PYTEST, "--evolve", *args]
        done = subprocess.run(
            command, cwd=add.path, env=environment, stdin=far, stdout=far, stderr=far, check=False
        )
        os.close(far)
        reader.join()
        os.close(near)
    text = received.decode()
    assert done.returncode == 0, text
    return text


def test_a_terminal_has_a_live_line_and_is_left_clean(example: NewExample) -> None:
    seen = _on_a_terminal(example, answers=COURSE)
    live = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    for waiting in ("the model", "rustc", "the tests"):
        assert f"waiting for {waiting}" in live
    assert "add.rs::add: round 3, 1 of 2 tests pass, waiting for the model" in live
    # Every line that was drawn was erased, and the cursor is back.
    assert "waiting for" not in _screen(seen)
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")
    assert "  round 2: 1 of 2 tests pass; add(20, 22) must return 42, not -2" in _screen(seen)


def test_the_live_line_shows_tokens_as_they_come(example: NewExample) -> None:
    shown = threading.Event()

    def saw(text: bytes) -> None:
        if b"waiting for the model, 7 tokens" in text:
            shown.set()

    def pieces() -> Iterator[str]:
        for _ in range(7):
            yield f"data: {json.dumps(delta('word '))}\n\n"
        assert shown.wait(60)
        yield events(delta(RIGHT), delta(finish="stop"))

    seen = _on_a_terminal(example, answers=[Drip(pieces=pieces)], saw=saw)
    assert shown.is_set()
    assert "waiting for" not in _screen(seen)


def test_a_narrow_terminal_is_left_clean_too(example: NewExample) -> None:
    assert "waiting for" not in _screen(_on_a_terminal(example, answers=COURSE, columns=40))


def test_without_colours_there_are_none(example: NewExample) -> None:
    seen = _on_a_terminal(example, "--color=no", answers=COURSE)
    assert re.findall(r"\x1b\[[0-9;]*[1-9][0-9;]*m", seen) == []


def test_quiet_on_a_terminal_has_no_live_line(example: NewExample) -> None:
    assert "waiting for" not in _on_a_terminal(example, "-q", answers=COURSE)


def test_review_asks_on_a_terminal(example: NewExample, monkeypatch: pytest.MonkeyPatch) -> None:
    add = example(FILES)
    near, far = pty.openpty()
    os.write(near, b"d\ny\n")
    with ModelServer([RIGHT]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        process = subprocess.Popen(
            [*PYTEST, "--evolve", "--evolve-write=review"],
            cwd=add.path, stdin=far, stdout=far, stderr=far,
        )  # fmt: skip
        os.close(far)
        received = bytearray()
        try:
            while part := os.read(near, 4096):
                received.extend(part)
        except OSError:  # the other end is closed
            pass
        assert process.wait() == 0
        os.close(near)
    said = received.decode()
    assert said.count("write add.rs (add.rs::add)? [y]es, [n]o, [d]iff: ") == 2
    assert "+    a + b" in said
    assert add.read("add.rs") == RED.replace("todo!()", "a + b")


def _screen(stream: str) -> str:
    """What a terminal shows in the end, as far as lines, carriage returns, cursor-up and erasing go."""
    lines, row, column = [""], 0, 0
    for piece in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+", stream):
        if piece == "\n":
            row += 1
            column = 0
            lines += [""] * (row + 1 - len(lines))
        elif piece == "\r":
            column = 0
        elif piece.startswith("\x1b["):
            number = int(re.sub(r"\D", "", piece) or "1") if piece[-1] in "AK" else 0
            if piece[-1] == "A":
                row = max(0, row - number)
            elif piece[-1] == "K":
                lines[row] = ""
        else:
            lines[row] = lines[row][:column].ljust(column) + piece + lines[row][column + len(piece) :]
            column += len(piece)
    return "\n".join(lines)
