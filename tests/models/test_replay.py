"""From a live answer to a recording and back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from asking import ask
from model_server import Fault, ModelServer

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models.kept import Kept
from pytest_symbiont.models.openai import openai_model
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
            openai_model("qwen", server.url, "none"),
            Recordings(lambda _: self.recorded, mode),
            Kept(self.kept),
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
        live = [ask(folders.live(server, "new"), request) for request in requests]
    warnings: list[str] = []
    replay = folders.replay(warnings)
    replayed = [ask(replay, request) for request in requests]
    assert replayed == [replace(answer, seconds=0.0, replayed=True) for answer in live]
    assert warnings == []
    assert (replay.name, replay.replays) == ("replay", True)


def test_recording_asks_even_what_is_recorded(folders: Folders) -> None:
    with ModelServer(["old", "new"]) as server:
        texts = [ask(folders.live(server, "new"), asking("one")).text for _ in range(2)]
    assert texts == ["old", "new"]
    assert len(server.requests) == 2
    assert folders.answers(folders.recorded) == ["old"]
    assert folders.answers(folders.kept) == ["old", "new"]


@pytest.mark.parametrize(("mode", "recorded"), [("none", []), ("new", ["1", "2"]), ("all", ["1", "2"])])
def test_every_answer_is_kept_in_every_mode(mode: Mode, recorded: list[str], folders: Folders) -> None:
    with ModelServer(["1", "2"]) as server:
        model = folders.live(server, mode)
        ask(model, asking("one"))
        ask(model, asking("two", 2))
    assert folders.answers(folders.recorded) == recorded
    assert folders.answers(folders.kept) == ["1", "2"]
    assert (model.name, model.replays) == ("qwen", False)


def test_a_failure_of_the_server_is_not_recorded(folders: Folders) -> None:
    with ModelServer([Fault(400, "no"), Fault(200, {"choices": []}), "1"]) as server:
        model = folders.live(server, "all")
        for _ in range(2):
            with pytest.raises(ModelError):
                ask(model, asking("one"))
        assert not folders.recorded.exists()
        assert folders.answers(folders.kept) == []
        ask(model, asking("one"))
    assert folders.answers(folders.recorded) == ["1"]


def test_a_bad_recording_shows_before_the_model_is_asked(folders: Folders) -> None:
    folders.recorded.mkdir()
    (folders.recorded / FILE).write_text("?\n", encoding="utf-8")
    with ModelServer(["1"], repeat=True) as server:
        with pytest.raises(SymbiontError, match=f"{FILE}:1: not a recorded answer"):
            ask(folders.live(server, "new"), asking("one"))
        assert server.requests == []
        assert ask(folders.live(server, "none"), asking("one")).text == "1"


def test_an_answer_is_kept_though_it_cannot_be_recorded(folders: Folders) -> None:
    folders.recorded.write_text("a file where the folder should be", encoding="utf-8")
    with ModelServer(["1"]) as server, pytest.raises(SymbiontError, match="cannot be recorded"):
        ask(folders.live(server, "all"), asking("one"))
    assert folders.answers(folders.kept) == ["1"]


def test_lanes_may_ask_at_the_same_time(folders: Folders) -> None:
    requests = [asking("same", lane=lane) for lane in range(8)]
    long = " ".join(map(str, range(4_000)))

    async def all_of_them(model: RecordingModel) -> None:
        await asyncio.gather(*(model.answer(request) for request in requests))

    with ModelServer([long], repeat=True) as server:
        asyncio.run(all_of_them(folders.live(server, "new")))
    assert folders.answers(folders.recorded) == [long] * 8
    assert folders.answers(folders.kept) == [long] * 8


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
        ask(folders.replay([]), request_)
    assert str(raised.value) == (
        f"no recorded answer for {where} in {folders.recorded / FILE};"
        " record with --evolve-record=new against a model"
    )


def test_a_changed_prompt_is_replayed_by_position_with_one_warning_a_suite(folders: Folders) -> None:
    with ModelServer(["1", "2"]) as server:
        model = folders.live(server, "new")
        ask(model, asking("one"))
        ask(model, asking("two", 2))
    warnings: list[str] = []
    replay = folders.replay(warnings)
    assert [ask(replay, asking("changed", round_)).text for round_ in (1, 2)] == ["1", "2"]
    (warning,) = warnings
    assert warning == (
        f"{folders.recorded / FILE}: the request for round 1 of counter.rs::step is not the recorded one"
        " (message 1 (user) changed); replaying by position, record again with --evolve-record=all"
    )


def test_replayed_answers_are_not_recorded_again(folders: Folders) -> None:
    with ModelServer(["1"]) as server:
        ask(folders.live(server, "new"), asking("one"))
    (folders.kept / FILE).unlink()
    both = RecordingModel(
        folders.replay([]), Recordings(lambda _: folders.recorded, "all"), Kept(folders.kept)
    )
    assert both.replays
    assert ask(both, asking("one")).text == "1"
    assert not (folders.kept / FILE).exists()
