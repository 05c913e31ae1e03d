"""What goes between worker and controller comes out as it went in."""

from __future__ import annotations

import pytest

from pytest_symbiont.evolution.budget import Reservation
from pytest_symbiont.evolution.distributed import messages as said
from pytest_symbiont.evolution.ladder import RED
from pytest_symbiont.evolution.metric import Metric
from pytest_symbiont.evolution.values import Attempt, Failure, Outcome, Verdict
from pytest_symbiont.models.values import (
    Answer,
    Generation,
    Message,
    ModelError,
    Position,
    PromptTooLongError,
    Request,
)
from pytest_symbiont.setting_values import Price
from pytest_symbiont.source.values import Candidate

RESERVATION = Reservation(64, 0.5, Price("*", 1.0, 2.0))
ANSWER = Answer("fn", "scripted", 3, 1, 0.25)
REQUEST = Request(
    (Message("user", "?"),), Position("a.rs::a", 1), 64, 0.7, 3, Generation(extra='{"top_k": 20}')
)
VERDICT = Verdict(
    (
        Outcome(
            "test_a.py::test_a", "failed", Failure("call", "AssertionError", "no", parameters=(("x", "1"),)),
            metrics=(Metric("ns", "minimize", 2.5),),
        ),
    )
)  # fmt: skip
ATTEMPT = Attempt(
    1, "fn", Candidate({"a": "{ 1 }"}, alternative=Candidate({"a": "{ 2 }"})), verdict=VERDICT, shortfall=RED
)
FILE = said.FileCard("a.rs", "fn a() {}", None)


@pytest.mark.parametrize(
    "message",
    [
        said.Collected((said.SuiteCard("a.rs::a", ".", ("t",), ("t@g",), (), (FILE,)),), "isolation: off"),
        said.Baseline("a.rs::a", VERDICT),
        said.Attempted("a.rs::a", ATTEMPT, 2),
        said.Done("a.rs::a", said.Ended("won", attempts=(ATTEMPT,), won=(said.WonFile(0, "", {"a": ""}),))),
        said.Settle("a.rs::a", RESERVATION, ANSWER),
        said.Ask("a.rs::a", 0, REQUEST, ("a",), hangs_up=True),
    ],
    ids=lambda message: type(message).__name__,
)
def test_from_a_worker(message: said.FromWorker) -> None:
    assert said.from_worker(said.encode(message)) == message


@pytest.mark.parametrize("room", [RESERVATION, "used up"], ids=["room", "lacking"])
def test_room(room: Reservation | str) -> None:
    assert said.from_controller(said.encode(said.Room(room))) == said.Room(room)


@pytest.mark.parametrize("kind", [ModelError, PromptTooLongError])
def test_a_problem_is_raised_as_what_it_was(kind: type[Exception]) -> None:
    message = said.from_controller(said.encode(said.Problem.of(kind("no server"))))
    assert isinstance(message, said.Problem)
    assert type(message.error) is kind
    assert str(message.error) == "no server"


def test_a_lone_surrogate_becomes_its_escape() -> None:
    """An exception's text may hold one, which no encoding takes."""
    message = said.from_worker(said.encode(said.Noted("a.rs::a", "\ud800 é")))
    assert message == said.Noted("a.rs::a", "\\ud800 é")
