"""From the option and the environment to a model."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from asking import ask
from model_server import ModelServer

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models.endpoint import Endpoint
from pytest_symbiont.models.gate import ModelChoice, choose, open_model
from pytest_symbiont.models.openai import openai_model
from pytest_symbiont.models.recording import Recordings
from pytest_symbiont.models.replay import ReplayModel
from pytest_symbiont.models.values import Answer, Listener, Message, Model, ModelError, Position, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = {"OPENAI_API_KEY": "sk-0123456789"}
SERVER = {"OPENAI_BASE_URL": "http://127.0.0.1:8080/v1"}
URL = SERVER["OPENAI_BASE_URL"]
REQUEST = Request((Message("user", "?"),), Position("a.rs::f", 1), max_tokens=9, temperature=0.0, seed=0)


def opened(choice: ModelChoice, environ: Mapping[str, str], folder: Path) -> Model:
    opening = open_model(
        choice,
        environ,
        recordings=Recordings(lambda _: folder),
        warn=pytest.fail,
        endpoint=lambda _: Endpoint(),
        silence=10,
    )
    return asyncio.run(opening)


def only(names: list[str], environ: Mapping[str, str], has_recordings: bool) -> ModelChoice:
    (choice,) = choose(names, environ, has_recordings)
    return choice


@pytest.mark.parametrize(
    ("name", "environ", "choice"),
    [
        ("gpt", KEY, ModelChoice("openai", "gpt", None, "gpt at api.openai.com")),
        (
            "anthropic:opus",
            {"ANTHROPIC_API_KEY": "sk"},
            ModelChoice("anthropic", "opus", None, "opus at api.anthropic.com"),
        ),
        (
            "anthropic:opus@http://proxy:1",
            {},
            ModelChoice("anthropic", "opus", "http://proxy:1", "opus at proxy:1"),
        ),
        ("openai:gpt", KEY, ModelChoice("openai", "gpt", None, "gpt at api.openai.com")),
        ("gpt", SERVER, ModelChoice("openai", "gpt", URL, "gpt at 127.0.0.1:8080")),
        ("qwen:7b", SERVER, ModelChoice("openai", "qwen:7b", URL, "qwen:7b at 127.0.0.1:8080")),
        ("@cf/qwen@v1", SERVER, ModelChoice("openai", "@cf/qwen@v1", URL, "@cf/qwen@v1 at 127.0.0.1:8080")),
        ("q@http://gpu:1/v1", SERVER, ModelChoice("openai", "q", "http://gpu:1/v1", "q at gpu:1")),
        ("openai:q@https://gpu/v1", {}, ModelChoice("openai", "q", "https://gpu/v1", "q at gpu")),
        (
            " gpt ",
            KEY | {"OPENAI_BASE_URL": " "},
            ModelChoice("openai", "gpt", None, "gpt at api.openai.com"),
        ),
    ],
)
def test_a_name_means_a_model_of_a_server(name: str, environ: dict[str, str], choice: ModelChoice) -> None:
    assert only([name], environ, has_recordings=True) == choice


def test_several_names_are_several_models() -> None:
    choices = choose(["gpt", "anthropic:opus@http://proxy:1", "gpt"], KEY, has_recordings=False)
    assert [(choice.kind, choice.name) for choice in choices] == [("openai", "gpt"), ("anthropic", "opus")]


def test_a_plugin_is_asked_first() -> None:
    class Plugged:
        name = "mine"
        replays = False

        async def answer(self, request: Request, listener: Listener | None = None) -> Answer:
            raise NotImplementedError

    mine = Plugged()
    (choice,) = choose(["gpt"], {}, False, plugged=lambda name: mine if name == "gpt" else None)
    assert choice == ModelChoice("plugin", "gpt", None, "gpt of a plugin", mine)
    assert opened(choice, {}, Path()) is mine


def test_replay_means_the_recordings() -> None:
    choice = only(["replay"], KEY | SERVER, has_recordings=True)
    assert choice == ModelChoice("replay", "replay", None, "replay (recorded answers)")


@pytest.mark.parametrize(
    ("environ", "has_recordings", "label"),
    [
        (KEY | {"OPENAI_MODEL": "gpt"}, True, "gpt at api.openai.com"),
        (SERVER | {"OPENAI_MODEL": "gpt"}, True, "gpt at 127.0.0.1:8080"),
        (KEY | SERVER, True, "first model of 127.0.0.1:8080"),
        ({}, True, "replay (recorded answers)"),
    ],
)
def test_without_a_name_the_environment_decides(
    environ: dict[str, str], has_recordings: bool, label: str
) -> None:
    assert only([], environ, has_recordings).label == label
    assert only(["", " "], environ, has_recordings).label == label


def test_the_same_name_twice_is_one_model() -> None:
    assert only(["gpt", "gpt"], KEY, has_recordings=False).name == "gpt"


@pytest.mark.parametrize(
    ("names", "environ", "has_recordings", "message"),
    [
        ([], {}, False, "OPENAI_API_KEY.*NAME@http://HOST:PORT/v1.*--evolve-model=replay"),
        ([], KEY, True, "no model is named: give --evolve-model=NAME, or --evolve-model=replay"),
        ([], KEY, False, "no model is named: give --evolve-model=NAME"),
        ([], {"OPENAI_MODEL": "gpt"}, True, "gpt at api.openai.com wants a key: set OPENAI_API_KEY"),
        (["gpt"], {"OPENAI_API_KEY": " "}, True, "gpt at api.openai.com wants a key: set OPENAI_API_KEY"),
        (
            ["replay"],
            KEY,
            False,
            "no recorded answers beside these suites; record some with --evolve-record=new",
        ),
        (
            ["anthropic:claude"],
            KEY,
            True,
            "claude at api.anthropic.com wants a key: set ANTHROPIC_API_KEY",
        ),
        (
            [],
            {"ANTHROPIC_API_KEY": "sk-0123"},
            True,
            "no model is named: give --evolve-model=anthropic:NAME, or",
        ),
        (["local:a.gguf"], KEY, True, "--evolve-model=local:a.gguf: there is no such .gguf file; give its"),
        (["gpt", "replay"], KEY, True, "recorded answers and live ones do not mix; leave one of them out"),
        (["openai:"], KEY, True, "no model name; valid are"),
        (["http://gpu:1/v1"], KEY, True, "no model name; valid are"),
        (["q@gpu:8080/v1"], KEY, True, "the URL lacks its http:// or https://"),
        (["q@http://"], KEY, True, "http:// is no URL; write http://HOST:PORT/v1"),
        (["q@http://gpu:port/v1"], KEY, True, "http://gpu:port/v1 is no URL"),
        ([], {"OPENAI_BASE_URL": "gpu:8080"}, True, "OPENAI_BASE_URL: gpu:8080 is no URL"),
    ],
)
def test_what_cannot_work_says_why(
    names: list[str], environ: dict[str, str], has_recordings: bool, message: str
) -> None:
    with pytest.raises(SymbiontError, match=message):
        only(names, environ, has_recordings)


def test_nothing_secret_of_a_url_is_shown() -> None:
    choice = only(["q@https://me:p@ss@gpu:1/v1?token=abc"], KEY, has_recordings=False)
    assert choice.base_url == "https://me:p@ss@gpu:1/v1?token=abc"
    assert choice.label == "q at gpu:1"
    assert not any(secret in repr(choice) for secret in ("p@ss", "abc", "sk-"))


@pytest.mark.parametrize("names", [["q@http://me:pass@gpu:x/v1?t=abc"], ["q@http://me:pass@gpu/?t=abc", "r"]])
def test_nothing_secret_of_a_wrong_url_is_shown(names: list[str]) -> None:
    with pytest.raises(SymbiontError) as raised:
        only(names, {}, has_recordings=False)
    assert not any(secret in str(raised.value) for secret in ("pass", "abc"))


def test_a_named_model_is_opened_without_asking_the_server(tmp_path: Path) -> None:
    model = opened(only(["q"], SERVER | KEY, has_recordings=False), SERVER | KEY, tmp_path)
    assert model == openai_model("q", URL, "sk-0123456789", silence=10, timeout=100)


def test_a_server_without_a_key_is_sent_none(tmp_path: Path) -> None:
    with ModelServer(["fn f() {}"]) as server:
        ask(opened(only([f"q@{server.url}"], {}, has_recordings=False), {}, tmp_path), REQUEST)
    assert server.requests[0].headers["authorization"] == "Bearer none"


def test_the_first_served_model_is_asked_where_none_is_named(tmp_path: Path) -> None:
    with ModelServer(["fn f() {}"], models=["second-best", "best"]) as server:
        environ = {"OPENAI_BASE_URL": server.url}
        model = opened(only([], environ, has_recordings=False), environ, tmp_path)
        ask(model, REQUEST)
    assert model.name == "second-best"
    assert server.requests[0].body["model"] == "second-best"


def test_a_server_without_models_is_told(tmp_path: Path) -> None:
    with ModelServer([], models=[]) as server:
        environ = {"OPENAI_BASE_URL": server.url}
        choice = only([], environ, has_recordings=False)
        with pytest.raises(ModelError, match=f"{server.url} serves no model: load one, or give"):
            opened(choice, environ, tmp_path)


def test_replay_opens_the_recordings(tmp_path: Path) -> None:
    model = opened(only(["replay"], {}, has_recordings=True), {}, tmp_path)
    assert isinstance(model, ReplayModel)
    with pytest.raises(ModelError, match=r"a\.rs-f\.jsonl; record with"):
        ask(model, REQUEST)


def test_a_key_that_cannot_be_sent_is_a_mistake_in_the_environment(tmp_path: Path) -> None:
    environ = SERVER | {"OPENAI_API_KEY": "sk two words"}
    with pytest.raises(SymbiontError, match="OPENAI_API_KEY holds a space"):
        opened(only(["q"], environ, has_recordings=False), environ, tmp_path)
