"""Recorded answers: their keys, their file, and how they are found again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models.kept import Kept
from pytest_symbiont.models.recording import Recording, Recordings, file_name, key_of
from pytest_symbiont.models.values import Answer, Message, Position, Request

if TYPE_CHECKING:
    from pathlib import Path

SUITE = "counter.rs::step"
REQUEST = Request(
    messages=(Message("system", "You write Rust."), Message("user", "Write fn f().")),
    position=Position(SUITE, 1),
    max_tokens=300,
    temperature=0.25,
    seed=7,
)
ANSWER = Answer("fn f() {}", "qwen", prompt_tokens=8, generated_tokens=3, seconds=1.5, finish="stop")


def asking(content: str, round_: int = 1, lane: int = 0) -> Request:
    return replace(REQUEST, messages=(Message("user", content),), position=Position(SUITE, round_, lane))


def saying(text: str) -> Answer:
    return replace(ANSWER, text=text)


def found_text(recording: Recording, request: Request) -> str | None:
    found = recording.find(request)
    return found.entry.answer if found else None


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_key_is_the_same_in_every_version() -> None:
    # Recordings are kept in repositories: a key that moves makes all of them stale.
    asked = b'["qwen",[["system","You write Rust."],["user","Write fn f()."]],[300,0.25,7],0]'
    assert key_of(REQUEST, "qwen") == hashlib.sha256(asked).hexdigest()


@pytest.mark.parametrize(
    "same",
    [
        replace(REQUEST, position=Position("other.rs::f", 3, lane=2)),
        replace(
            REQUEST, messages=(Message("system", "You write Rust.\r\n"), Message("user", "\nWrite fn f()."))
        ),
    ],
)
def test_a_key_does_not_depend_on_place_or_line_ends(same: Request) -> None:
    assert key_of(same, "qwen") == key_of(REQUEST, "qwen")


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, max_tokens=301),
        replace(REQUEST, temperature=0.3),
        replace(REQUEST, seed=8),
        replace(REQUEST, position=Position(SUITE, 1, sample=1)),
        replace(REQUEST, messages=REQUEST.messages[:1]),
        replace(REQUEST, messages=(Message("user", "You write Rust."), REQUEST.messages[1])),
        replace(REQUEST, messages=(Message("system", "You write rust."), REQUEST.messages[1])),
    ],
)
def test_a_key_depends_on_what_is_asked(other: Request) -> None:
    assert key_of(other, "qwen") != key_of(REQUEST, "qwen")
    assert key_of(REQUEST, "llama") != key_of(REQUEST, "qwen")


def test_a_whole_temperature_has_one_key() -> None:
    assert key_of(replace(REQUEST, temperature=1), "qwen") == key_of(
        replace(REQUEST, temperature=1.0), "qwen"
    )


def test_a_line_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    Recording(path, "new").append(REQUEST, ANSWER)
    (line,) = lines(path)
    assert [digest.partition(":")[0] for digest in line.pop("prompt")] == ["system", "user"]
    assert line == {
        "key": key_of(REQUEST, "qwen"),
        "suite": SUITE,
        "round": 1,
        "lane": 0,
        "sample": 0,
        "model": "qwen",
        "parameters": {"max_tokens": 300, "temperature": 0.25, "seed": 7},
        "answer": "fn f() {}",
        "prompt_tokens": 8,
        "generated_tokens": 3,
        "finish": "stop",
    }


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / "a.jsonl"
    Recording(path, "new").append(REQUEST, saying(text))
    assert found_text(Recording(path), REQUEST) == text


def test_mode_none_writes_nothing(tmp_path: Path) -> None:
    Recording(tmp_path / "a.jsonl").append(REQUEST, ANSWER)
    assert list(tmp_path.iterdir()) == []


def test_mode_new_adds_only_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.jsonl"
    for said in ("first", "second"):
        recording = Recording(path, "new")
        recording.append(REQUEST, saying(said))
        recording.append(REQUEST, saying(f"{said} again"))
        recording.append(asking(said), saying(f"for {said}"))
    assert [line["answer"] for line in lines(path)] == ["first", "for first", "for second"]


def test_lanes_that_ask_the_same_keep_their_own_answers(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    Recording(path, "new").append(asking("same", lane=0), saying("lane 0"))
    Recording(path, "new").append(asking("same", lane=1), saying("lane 1"))
    assert [found_text(Recording(path), asking("same", lane=lane)) for lane in (0, 1, 2)] == [
        "lane 0",
        "lane 1",
        "lane 0",
    ]


def test_mode_all_replaces_the_file_at_the_first_answer(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("not even a recording\n", encoding="utf-8")
    recording = Recording(path, "all")
    recording.prepare()
    assert path.read_text(encoding="utf-8") == "not even a recording\n"
    recording.append(asking("one"), saying("1"))
    recording.append(asking("two"), saying("2"))
    assert [line["answer"] for line in lines(path)] == ["1", "2"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.jsonl"]


def test_an_exact_match_says_that_nothing_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    Recording(path, "new").append(REQUEST, ANSWER)
    found = Recording(path).find(replace(REQUEST, position=Position(SUITE, 5)))
    assert found is not None
    assert (found.entry.answer, found.changed) == ("fn f() {}", "")


@pytest.mark.parametrize(
    ("request_", "changed"),
    [
        (replace(REQUEST, temperature=0.5), "temperature 0.25 is now 0.5"),
        (replace(REQUEST, max_tokens=4, seed=9), "max_tokens 300 is now 4, seed 7 is now 9"),
        (
            replace(REQUEST, messages=(REQUEST.messages[0], Message("user", "?"))),
            "the Rust file, its tests or what they found changed",
        ),
        (
            replace(REQUEST, messages=(Message("system", "?"), REQUEST.messages[1])),
            "pytest-symbiont's own instructions changed",
        ),
        (replace(REQUEST, messages=REQUEST.messages[:1]), "the prompt had 2 messages and has 1"),
    ],
)
def test_a_changed_request_is_found_by_position_and_says_what_changed(
    request_: Request, changed: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    Recording(path, "new").append(REQUEST, ANSWER)
    found = Recording(path).find(request_)
    assert found is not None
    assert (found.entry.answer, found.changed) == ("fn f() {}", changed)


def test_of_several_answers_at_a_position_the_latest_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    for content in ("old", "new"):
        Recording(path, "new").append(asking(content), saying(f"to {content}"))
    assert found_text(Recording(path), asking("newer")) == "to new"


def test_what_was_never_asked_is_not_found(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert Recording(path).find(REQUEST) is None
    Recording(path, "new").append(REQUEST, ANSWER)
    assert Recording(path).find(asking("other", round_=2)) is None


def test_an_edited_key_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    Recording(path, "new").append(REQUEST, ANSWER)
    text = path.read_text(encoding="utf-8").replace(key_of(REQUEST, "qwen"), "0" * 64)
    path.write_text(text, encoding="utf-8")
    found = Recording(path).find(REQUEST)
    assert found is not None
    assert found.changed == "the entry's key is not the one of its own request"


@pytest.mark.parametrize("bad", [b"<<<<<<< HEAD", b'{"key": "x"}', b'{"key": "x"', b"\xff\xfe", b"[]"])
@pytest.mark.parametrize("mode", ["none", "new"])
def test_a_bad_line_is_named_with_file_and_number(bad: bytes, mode: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    Recording(path, "new").append(REQUEST, ANSWER)
    path.write_bytes(path.read_bytes() + b"\n" + bad + b"\n")
    with pytest.raises(SymbiontError) as raised:
        Recording(path, mode).find(REQUEST)
    assert str(raised.value).startswith(f"{path}:3: not a recorded answer (")


def test_mode_new_shows_a_bad_file_before_anything_is_paid_for(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("?\n", encoding="utf-8")
    with pytest.raises(SymbiontError, match=r"a\.jsonl:1: not a recorded answer"):
        Recording(path, "new").prepare()


def test_line_ends_of_a_checkout_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    Recording(path, "new").append(REQUEST, ANSWER)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert found_text(Recording(path), REQUEST) == "fn f() {}"


def test_a_line_end_that_an_editor_took_is_put_back(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    Recording(path, "new").append(asking("one"), saying("1"))
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    Recording(path, "new").append(asking("two"), saying("2"))
    assert [line["answer"] for line in lines(path)] == ["1", "2"]


@pytest.mark.parametrize("mode", ["new", "all"])
def test_a_file_that_cannot_be_written_is_named(mode: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    path = tmp_path / "file" / "a.jsonl"
    with pytest.raises(
        SymbiontError, match=r"file/a\.jsonl: the (answer cannot be recorded|recording cannot be read)"
    ):
        Recording(path, mode).append(REQUEST, ANSWER)


def test_a_folder_in_the_place_of_a_recording_is_named(tmp_path: Path) -> None:
    with pytest.raises(SymbiontError, match="the recording cannot be read"):
        Recording(tmp_path).find(REQUEST)


def test_recordings_are_read_once_a_suite(tmp_path: Path) -> None:
    asked: list[str] = []

    def folder_for(suite: str) -> Path:
        asked.append(suite)
        return tmp_path / "recorded"

    recordings = Recordings(folder_for)
    assert recordings.of(SUITE) is recordings.of(SUITE)
    assert recordings.of(SUITE).path == tmp_path / "recorded" / "counter.rs-step.jsonl"
    assert recordings.of("other.rs::f") is not recordings.of(SUITE)
    assert asked == [SUITE, "other.rs::f"]


def test_everything_is_kept_with_the_whole_prompt(tmp_path: Path) -> None:
    for text in ("one", "one"):
        Kept(tmp_path / "kept").add(REQUEST, saying(text))
    kept = lines(tmp_path / "kept" / "counter.rs-step.jsonl")
    assert [line["answer"] for line in kept] == ["one", "one"]
    assert [(message["role"], message["content"]) for message in kept[0]["messages"]] == [
        ("system", "You write Rust."),
        ("user", "Write fn f()."),
    ]


@pytest.mark.parametrize(
    ("suite", "name"),
    [
        ("counter.rs::step", "counter.rs-step.jsonl"),
        ("a.rs::inner::f", "a.rs-inner-f.jsonl"),
        ("a.rs::f + a.rs::g", "a.rs-f-a.rs-g.jsonl"),
        ("a.rs::f, b.rs::g", "a.rs-f-b.rs-g.jsonl"),
    ],
)
def test_a_file_is_named_after_its_suite(suite: str, name: str) -> None:
    assert file_name(suite) == name


def test_many_targets_get_a_short_name_of_their_own() -> None:
    many = [f"module_{number}.rs::function_{number}" for number in range(30)]
    one, other = file_name(" + ".join(many)), file_name(" + ".join([*many, "last.rs::f"]))
    assert one != other
    assert one.startswith("module_0.rs-function_0-module_1")
    assert len(one) < 100


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_file_names_are_portable(suite: str) -> None:
    name = file_name(suite)
    assert name.isascii()
    assert not set(name) & set('/\\:*?"<>| \t\n')
    assert not name.startswith((".", "-"))
    assert len(name) <= 100


def test_names_that_look_the_same_when_cleaned_are_kept_apart() -> None:
    assert len({file_name(suite) for suite in ("a/b.rs::f", "a_b.rs::f", "a:b.rs::f", "ä_b.rs::f")}) == 4
