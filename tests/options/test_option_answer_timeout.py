"""--evolve-answer-timeout: how long a server that is asked may say nothing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, refusals, refused
from model_server import Drip, delta, events

from pytest_symbiont import settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from example import NewExample


class Hangs:
    """A server that says a word, and then nothing till the test is over."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def answer(self, _: object) -> Drip:
        return Drip(pieces=self._pieces)

    def _pieces(self) -> Iterator[str]:
        yield events(delta("Let me think.")).replace("data: [DONE]\n\n", "")
        self.over.wait(60)


@pytest.fixture
def hangs() -> Iterator[Hangs]:
    server = Hangs()
    yield server
    server.over.set()


def test_command_line_over_environment_over_ini(example: NewExample, hangs: Hangs) -> None:
    add = example(FILES)

    def said(args: tuple[str, ...], env: Mapping[str, str]) -> object:
        ran = add.run("--evolve", *args, env=env, answers=[hangs.answer], repeat=True, code=1)
        assert len(ran.requests) == 2
        return ran.summary.partition("said nothing for ")[2].partition(" (2 tries)")[0]

    add.write({"pytest.ini": "[pytest]\nevolve_answer_timeout = 0.3\n"})
    assert said((), {}) == "0.3 s"
    assert said((), {"PYTEST_EVOLVE_ANSWER_TIMEOUT": "0.2"}) == "0.2 s"
    assert said(("--evolve-answer-timeout=0.1",), {"PYTEST_EVOLVE_ANSWER_TIMEOUT": "0.2"}) == "0.1 s"


def test_the_default_is_bounded(pytestconfig: pytest.Config) -> None:
    (option,) = (option for option in settings.OPTIONS if option.name == "answer-timeout")
    assert settings.read(pytestconfig, {}).answer_timeout == float(option.default) == 180


def test_a_session_goes_on_after_one_silence(example: NewExample, hangs: Hangs) -> None:
    ran = example(FILES).run(
        "--evolve", "--evolve-answer-timeout=0.3", "--evolve-write=never", answers=[hangs.answer, RIGHT]
    )
    assert "1 answer of scripted" in ran.summary


@pytest.mark.parametrize(
    ("value", "problem"),
    [("0", "'0' is not valid; use a number of seconds above 0"), ("x", "'x' is not a number of seconds")],
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "answer-timeout", value) == refusals("answer-timeout", problem)
