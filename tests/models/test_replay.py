"""From a live answer to a recording and back."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from model_server import Fault, ModelServer

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models.openai import OpenAIModel
from pytest_symbiont.models.recording import Mode, Recordings
from pytest_symbiont.models.replay import RecordingModel, ReplayModel
from pytest_symbiont.models.values import Message, ModelError, Position, Request

if TYPE_CHECKING:
    from pathlib import Path

SUITE = "counter.rs::step"
FILE = "counter.rs-step.jsonl"


def asking(content: str, round_: int = 1, lane: int = 0, sample: int = 0) -> Request:
    messages = (Message("user", content),)
    return Request(messages, Position(SUITE, round_, lane, sample), max_tokens=300, temperature=0.25, seed=7)


@dataclass(frozen=True)
class Folders:
    """The folder beside the suites and the one that keeps everything."""

    recorded: Path
    kept: Path

    def live(self, server: ModelServer, mode: Mode) -> RecordingModel:
        return RecordingModel(
            OpenAIModel("qwen", server.url, "none"), Recordings(lambda _: self.recorded, mode), self.kept
        )

    def replay(self, warnings: list[str]) -> ReplayModel:
        return ReplayModel(Recordings(lambda _: self.recorded), warnings.append)

    def answers(self, folder: Path) -> list[str]:
        path = folder / FILE
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        return [json.loads(line)["answer"] for line in text.splitlines()]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "recorded", tmp_path / "kept")


def test_a_recorded_session_is_replayed_without_a_server(folders: Folders) -> None:
    requests = [asking("one"), asking("two", 2), asking("three", 3)]
    with ModelServer(["1", "2", "3"]) as server:
        live = [folders.live(server, "new").answer(request) for request in requests]
    warnings: list[str] = []
    replay = folders.replay(warnings)
    replayed = [replay.answer(request) for request in requests]
    assert replayed == [replace(answer, seconds=0.0, replayed=True) for answer in live]
    assert warnings == []
    assert (replay.name, replay.replays) == ("replay", True)


def test_recording_asks_even_what_is_recorded(folders: Folders) -> None:
    with ModelServer(["old", "new"]) as server:
        texts = [folders.live(server, "new").answer(asking("one")).text for _ in range(2)]
    assert texts == ["old", "new"]
    assert len(server.requests) == 2
    assert folders.answers(folders.recorded) == ["old"]
    assert folders.answers(folders.kept) == ["old", "new"]


@pytest.mark.parametrize(("mode", "recorded"), [("none", []), ("new", ["1", "2"]), ("all", ["1", "2"])])
def test_every_answer_is_kept_in_every_mode(mode: Mode, recorded: list[str], folders: Folders) -> None:
    with ModelServer(["1", "2"]) as server:
        model = folders.live(server, mode)
        model.answer(asking("one"))
        model.answer(asking("two", 2))
    assert folders.answers(folders.recorded) == recorded
    assert folders.answers(folders.kept) == ["1", "2"]
    assert (model.name, model.replays) == ("qwen", False)


def test_a_failure_of_the_server_is_not_recorded(folders: Folders) -> None:
    with ModelServer([Fault(400, "no"), Fault(200, {"choices": []}), "1"]) as server:
        model = folders.live(server, "all")
        for _ in range(2):
            with pytest.raises(ModelError):
                model.answer(asking("one"))
        assert not folders.recorded.exists()
        assert not folders.kept.exists()
        model.answer(asking("one"))
    assert folders.answers(folders.recorded) == ["1"]


def test_a_bad_recording_shows_before_the_model_is_asked(folders: Folders) -> None:
    folders.recorded.mkdir()
    (folders.recorded / FILE).write_text("?\n", encoding="utf-8")
    with ModelServer(["1"], repeat=True) as server:
        with pytest.raises(SymbiontError, match=f"{FILE}:1: not a recorded answer"):
            folders.live(server, "new").answer(asking("one"))
        assert server.requests == []
        assert folders.live(server, "none").answer(asking("one")).text == "1"


def test_an_answer_is_kept_though_it_cannot_be_recorded(folders: Folders) -> None:
    folders.recorded.write_text("a file where the folder should be", encoding="utf-8")
    with ModelServer(["1"]) as server, pytest.raises(SymbiontError, match="cannot be recorded"):
        folders.live(server, "all").answer(asking("one"))
    assert folders.answers(folders.kept) == ["1"]


def test_lanes_may_ask_at_the_same_time(folders: Folders) -> None:
    requests = [asking("same", lane=lane) for lane in range(8)]
    with ModelServer(["x" * 20_000], repeat=True) as server, ThreadPoolExecutor(8) as pool:
        list(pool.map(folders.live(server, "new").answer, requests))
    assert folders.answers(folders.recorded) == ["x" * 20_000] * 8
    assert folders.answers(folders.kept) == ["x" * 20_000] * 8


@pytest.mark.parametrize(
    ("request_", "where"),
    [
        (asking("two", 2), "round 2 of counter.rs::step"),
        (asking("two", 2, lane=1, sample=3), "round 2, lane 1, sample 3 of counter.rs::step"),
    ],
)
def test_a_missing_answer_says_which_where_and_what_to_do(
    request_: Request, where: str, folders: Folders
) -> None:
    with pytest.raises(ModelError) as raised:
        folders.replay([]).answer(request_)
    assert str(raised.value) == (
        f"no recorded answer for {where} in {folders.recorded / FILE};"
        " record with --evolve-record=new against a model"
    )


def test_a_changed_prompt_is_replayed_by_position_with_one_warning_a_suite(folders: Folders) -> None:
    with ModelServer(["1", "2"]) as server:
        model = folders.live(server, "new")
        model.answer(asking("one"))
        model.answer(asking("two", 2))
    warnings: list[str] = []
    replay = folders.replay(warnings)
    assert [replay.answer(asking("changed", round_)).text for round_ in (1, 2)] == ["1", "2"]
    (warning,) = warnings
    assert warning == (
        f"{folders.recorded / FILE}: the request for round 1 of counter.rs::step is not the recorded one"
        " (message 1 (user) changed); replaying by position, record again with --evolve-record=all"
    )


def test_replayed_answers_are_not_recorded_again(folders: Folders) -> None:
    with ModelServer(["1"]) as server:
        folders.live(server, "new").answer(asking("one"))
    (folders.kept / FILE).unlink()
    both = RecordingModel(folders.replay([]), Recordings(lambda _: folders.recorded, "all"), folders.kept)
    assert both.replays
    assert both.answer(asking("one")).text == "1"
    assert not (folders.kept / FILE).exists()
