"""--evolve-watch, at a terminal: saves during everything, keys, and how one leaves."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from adding import FILES, GREEN, RED, RIGHT, TESTS, WRONG
from example import plugin_arguments
from model_server import Drip, ModelServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    import pexpect
    from example import Example, NewExample
    from model_server import Scripted

pytest.importorskip("watchfiles")
pexpect_ = pytest.importorskip("pexpect")
WAITING = r"waiting for a save \(Enter: run everything, q: leave\)"
KEY = r"\[a\]ccept or \[r\]eject\? "
MORE = TESTS + "\n@pytest.mark.evolve(add)\ndef test_more():\n    assert add(1, 1) == 2\n"


class Watched:
    """A session of `pytest --evolve-watch` at a terminal, with the server that answers it."""

    def __init__(self, suite: Example, server: ModelServer, *args: str) -> None:
        command = ["-m", "pytest", *plugin_arguments(), "--evolve-watch", *args]
        environ = {**os.environ, "OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "none", "TERM": "xterm"}
        self.suite = suite
        self.server = server
        self.terminal: pexpect.spawn[str] = pexpect_.spawn(
            sys.executable,
            command,
            cwd=suite.path,
            env=environ,
            encoding="utf-8",
            timeout=120,
            dimensions=(40, 120),
        )

    def sees(self, *patterns: str) -> None:
        for pattern in patterns:
            self.terminal.expect(pattern)

    def press(self, key: str) -> None:
        self.terminal.send(key)

    def save(self, name: str, text: str, *, by_rename: bool = False) -> None:
        path = self.suite.path / name
        if not by_rename:
            path.write_text(text, "utf-8")
            return
        # As vim and others do: the old file aside, the new one under its name.
        beside = path.with_name(f".{name}.new")
        beside.write_text(text, "utf-8")
        beside.replace(path)

    def leave(self, key: str = "q", code: int = 0) -> None:
        self.press(key)
        self.terminal.expect(pexpect_.EOF)
        self.terminal.close()
        assert (self.terminal.exitstatus, self.terminal.signalstatus) == (code, None)


@pytest.fixture
def watch(example: NewExample) -> Iterator[Watch]:
    with Watch(example(FILES)) as watching:
        yield watching


class Watch:
    """Makes one `Watched` and ends it with its server."""

    def __init__(self, suite: Example) -> None:
        self._suite = suite
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __call__(self, answers: Sequence[Scripted], *args: str) -> Watched:
        server = self._stack.enter_context(ModelServer(answers))
        watched = Watched(self._suite, server, *args)
        self._stack.callback(watched.terminal.close, force=True)
        return watched


def test_a_day_at_the_kata(watch: Watch) -> None:
    kata = watch([RIGHT, WRONG, RIGHT, RIGHT])
    # The diff is shown, and a key takes it.
    kata.sees(r"\+    a \+ b", KEY)
    kata.press("x")  # no key of these
    kata.press("a")
    kata.sees("written: add.rs", WAITING)
    assert kata.suite.read("add.rs") == GREEN
    # Saved as editors do it; green, so nobody is asked.
    kata.save("test_add.py", MORE, by_rename=True)
    kata.sees("test_add.py saved", "3 passed", WAITING)
    # A syntax error is shown, and the watch goes on.
    kata.save("test_add.py", MORE + "def broken(:\n")
    kata.sees("test_add.py saved", "SyntaxError", WAITING)
    kata.save("test_add.py", MORE)
    kata.sees("3 passed", WAITING)
    # A Rust file saved by hand: its tests run, and what is red evolves; a key declines it.
    kata.save("add.rs", RED)
    kata.sees("add.rs saved", "round 1", "round 2", KEY)
    kata.press("r")
    kata.sees("declined", WAITING)
    assert kata.suite.read("add.rs") == RED
    # Everything again.
    kata.press("\n")
    kata.sees(KEY)
    kata.press("a")
    kata.sees("written: add.rs", WAITING)
    assert len(kata.server.requests) == 4
    kata.leave()


def test_a_save_while_the_model_answers_starts_again(watch: Watch) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slowly() -> Iterator[str]:
        asked.set()
        go_on.wait(120)
        yield "data: [DONE]\n\n"

    kata = watch([Drip(pieces=slowly), RIGHT])
    assert asked.wait(120)
    kata.save("test_add.py", MORE)
    kata.sees("test_add.py saved: starting again", KEY)
    go_on.set()
    kata.press("a")
    kata.sees("3 passed", WAITING)
    kata.leave()
    assert kata.suite.read("add.rs") == GREEN


def test_a_save_while_rustc_builds_or_a_key_is_waited_for_starts_again(watch: Watch) -> None:
    kata = watch([RIGHT, RIGHT, RIGHT])
    kata.sees("rustc")
    kata.save("test_add.py", MORE)
    kata.sees("starting again", KEY)
    kata.save("test_add.py", TESTS)
    kata.sees("starting again", KEY)
    kata.press("a")
    kata.sees("2 passed", WAITING)
    kata.leave()


def test_ctrl_c_and_the_end_of_input_leave(watch: Watch) -> None:
    kata = watch([RIGHT])
    kata.sees(KEY)
    kata.press("r")
    kata.sees(WAITING)
    kata.leave("\x03", code=2)
    assert kata.suite.read("add.rs") == RED


def test_without_a_terminal_it_is_refused(example: NewExample) -> None:
    ran = example(FILES).run("--evolve-watch", answers=[], code=4, subprocess=True)
    assert "--evolve-watch shows what it does on a terminal" in ran.err
