"""The scripted server itself: what the end-to-end tests lean on."""

from __future__ import annotations

import pytest
from asking import ask
from model_server import ModelServer

from pytest_symbiont.models.openai import openai_model
from pytest_symbiont.models.values import Message, ModelError, Position, Request

REQUEST = Request((Message("user", "?"),), Position("a.rs::f", 1), max_tokens=9, temperature=0.0, seed=0)


def text_of(server: ModelServer) -> str:
    return ask(openai_model("scripted", server.url, "none"), REQUEST).text


def test_answers_come_in_order_and_the_last_may_repeat() -> None:
    with ModelServer(["1", "2"], repeat=True) as server:
        assert [text_of(server) for _ in range(4)] == ["1", "2", "2", "2"]


def test_a_function_answers_by_the_request() -> None:
    with ModelServer([lambda request: f"seed {request['seed']}"]) as server:
        assert text_of(server) == "seed 0"


def test_an_exhausted_script_fails_at_once() -> None:
    with ModelServer(["1"]) as server:
        text_of(server)
        with pytest.raises(ModelError, match=r"500, 1 try: script exhausted: request 2 of 1"):
            text_of(server)
    assert len(server.requests) == 2


def test_a_bug_in_a_script_shows() -> None:
    with (
        ModelServer([lambda request: str(request["typo"])]) as server,
        pytest.raises(ModelError, match=r"500, 1 try: script failed: KeyError\('typo'\)"),
    ):
        text_of(server)
