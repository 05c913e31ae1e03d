from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.evolution.prompt import Task, render_first, render_next
from pytest_symbiont.evolution.values import Attempt, Failure, Outcome, Verdict
from pytest_symbiont.source.values import Candidate, Function, SourceFile, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_symbiont.models.values import Message

SNAPSHOTS = Path(__file__).parent / "snapshots"

TEXT = """\
/// Advance the counter by a constant between 5 and 20.
pub fn step(counter: &mut usize) {
    *counter += 1;
}
"""
TESTS = """\
# test_counter.py
from pytest_symbiont import Mut, evolvable

step = evolvable("counter.rs::step")


def test_step():
    counter = Mut(0)
    step(counter)
    assert 5 <= counter.value <= 20"""
RED = Outcome(
    "test_counter.py::test_step",
    "failed",
    Failure(
        "call",
        "AssertionError",
        "assert 5 <= 1\n +  where 1 = Mut(1).value",
        statement="assert 5 <= counter.value <= 20",
    ),
)
HIDDEN = Outcome(
    "test_counter.py::test_secret", "failed", Failure("call", "AssertionError", "secret"), holdout=True
)


def target(
    text: str = TEXT, name: str = "step", signature: str = "pub fn step(counter: &mut usize) "
) -> Target:
    start = text.index(signature)
    body = start + len(signature)
    doc = "What it is for." if "///" in text[:start] else ""
    function = Function(name, name, signature, (), "", text[body:].strip(), start, body, len(text), 2, doc)
    return Target(SourceFile(Path("counter.rs"), text, text.encode()), function)


def task(**changes: object) -> Task:
    values: dict[str, object] = {
        "targets": (target(),),
        "files": {"counter.rs": TEXT},
        "tests": TESTS,
        "baseline": (RED, HIDDEN),
        "hints": (),
    }
    return Task(**(values | changes))  # type: ignore[arg-type]


def attempt(number: int, body: str, *outcomes: Outcome, error: str = "", problem: str = "") -> Attempt:
    verdict = Verdict(outcomes, compile_error=error) if outcomes or error else None
    return Attempt(number, f"```rust\n{body}\n```", Candidate({"step": body}), problem, verdict)


def no_files(_: Attempt) -> Mapping[str, str]:
    return {}


def joined(messages: tuple[Message, ...]) -> str:
    return "".join(f"[{message.role}]\n{message.content}\n\n" for message in messages)


def assert_as_snapshot(name: str, messages: tuple[Message, ...]) -> None:
    """Compare with the file; write it anew with `UPDATE_SNAPSHOTS=1` and read the difference as prose."""
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(joined(messages), encoding="utf-8")
    assert joined(messages) == path.read_text(encoding="utf-8")


def test_first_question() -> None:
    assert_as_snapshot("first", render_first(task(hints=("Prefer a small step.",))))


def test_after_red_tests() -> None:
    other = Outcome("test_counter.py::test_other", "failed", Failure("call", "RustPanic", "overflow"))
    history = [
        attempt(1, "{ *counter += 2; }", RED, other, HIDDEN),
        attempt(2, "{ nothing }", error="error: no"),
        attempt(3, "{ *counter += 3; }", RED, HIDDEN),
    ]
    assert_as_snapshot("red", render_next(task(), history, no_files))


def test_after_a_compile_error() -> None:
    error = "error[E0425]: cannot find value `n` in this scope\n --> counter.rs:3:5\n"
    assert_as_snapshot("compile_error", render_next(task(), [attempt(1, "{ n }", error=error)], no_files))


def test_after_a_repetition() -> None:
    history = [
        attempt(1, "{ *counter += 2; }", RED),
        attempt(2, "{ *counter += 2; }", problem="the same again"),
    ]
    assert_as_snapshot("repetition", render_next(task(), history, no_files))


def test_after_no_candidate() -> None:
    history = [Attempt(1, "I cannot.", problem="there is no ```rust block in it")]
    assert_as_snapshot("no_candidate", render_next(task(), history, no_files))


def test_no_history_is_the_first_question() -> None:
    assert render_next(task(), [], no_files) == render_first(task())


def test_what_stays_the_same_comes_first() -> None:
    following = render_next(task(), [attempt(1, "{ 0 }", RED)], no_files)
    assert following[:2] == render_first(task())


def test_the_best_attempt_is_the_one_to_mend() -> None:
    passed = Outcome("test_counter.py::test_other", "passed")
    history = [attempt(1, "{ better }", RED, passed), attempt(2, "{ worse }", RED, RED)]
    assistant = render_next(task(), history, no_files)[2]
    assert assistant.content == "```rust\npub fn step(counter: &mut usize) { better }\n```"


@pytest.mark.parametrize("history", [[], [attempt(1, "{ 0 }", RED, HIDDEN)], [attempt(1, "{ 0 }", HIDDEN)]])
def test_holdouts_never_leak(history: list[Attempt]) -> None:
    assert "secret" not in joined(render_next(task(), history, no_files))


def test_unwritten_bodies_are_no_news() -> None:
    outcome = Outcome("t.py::t", "failed", Failure("call", "RustPanic", "not yet implemented"))
    assert "fails" not in joined(render_first(task(baseline=(outcome,))))


def test_values_are_data_and_not_templates() -> None:
    text = TEXT.replace("Advance", "{{ 1 + 1 }} {% endfor %} <b> Advance")
    messages = render_first(task(files={"counter.rs": text}, hints=("{{ nothing }}",)))
    assert "{{ 1 + 1 }} {% endfor %} <b> Advance" in messages[1].content
    assert "{{ nothing }}" in messages[1].content


def test_fences_inside_a_file_do_not_end_its_block() -> None:
    text = "/// ```\n/// step(&mut n);\n/// ```\n" + TEXT
    assert f"````rust\n{text}````" in render_first(task(files={"counter.rs": text}))[1].content


def test_source_text_keeps_its_empty_lines() -> None:
    text = TEXT + "\n\n\n\nconst LAST: u8 = 1;\n"
    assert text.strip() in render_first(task(files={"counter.rs": text}))[1].content


def test_two_targets_are_both_asked_for() -> None:
    other = target("pub fn back() { }", "back", "pub fn back() ")
    text = render_first(task(targets=(target(), other)))[1].content
    assert "`pub fn step(counter: &mut usize)` and `pub fn back()`" in text
