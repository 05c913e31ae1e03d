"""--evolve-write: what happens to winners at the end."""

from __future__ import annotations

import builtins
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from adding import FILES, GREEN, RED, RIGHT, precedence, refusals, refused
from example import rust

from pytest_symbiont.report.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from example import Example, NewExample

PATCH = ".pytest_cache/d/symbiont/evolve.patch"
DIFF = "@@ -1,4 +1,4 @@\n /// The sum.\n pub fn add(a: i64, b: i64) -> i64 {\n-    todo!()\n+    a + b\n }\n"


def _git(folder: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True)  # noqa: S607 - the one on PATH


def test_command_line_over_environment_over_ini_over_always(example: NewExample) -> None:
    add = example(FILES)

    expected: list[bool] = []

    def written(args: tuple[str, ...], env: Mapping[str, str]) -> bool:
        is_one = expected.pop(0)
        add.run("--evolve", *args, env=env, answers=[RIGHT], changed={"add.rs": GREEN} if is_one else {})
        add.write(FILES)
        return is_one

    for values, outcome in (
        (("always", "never", "never"), [True, False, False, True]),
        (("never", "always", "never"), [False, True, False, True]),
    ):
        expected += outcome
        assert precedence(add, "write", values, written) == outcome


def test_never_tells_that_nothing_was_asked_for(example: NewExample) -> None:
    ran = example(FILES).run("--evolve", "--evolve-write=never", answers=[RIGHT], outcomes={"passed": 2})
    assert "not asked to be written (--evolve-write=never)" in ran.summary


@pytest.mark.parametrize("place", ["", "deep/er/"])
def test_report_shows_the_diff_and_leaves_a_patch_that_git_takes(example: NewExample, place: str) -> None:
    add = example({f"{place}{name}": text for name, text in FILES.items()})
    _git(add.path, "init", "--quiet")
    ran = add.run("--evolve", "--evolve-write=report", answers=[RIGHT], outcomes={"passed": 2}, changed={})
    assert DIFF in ran.out
    assert f"as a patch: git apply {PATCH}" in ran.summary
    _git(add.path, "apply", "--check", PATCH)
    _git(add.path, "apply", PATCH)
    assert add.read(f"{place}add.rs") == GREEN


def test_report_of_a_new_file(example: NewExample) -> None:
    add = example(
        {
            "test_add.py": FILES["test_add.py"].replace(
                'evolvable("add.rs::add")', 'evolvable("fn add(a: i64, b: i64) -> i64", file="add.rs")'
            )
        }
    )
    _git(add.path, "init", "--quiet")
    add.run("--evolve", "--evolve-write=report", answers=[RIGHT], outcomes={"passed": 2}, changed={})
    _git(add.path, "apply", PATCH)
    assert "a + b" in add.read("add.rs")


def test_without_pytests_cache_there_is_the_diff_and_no_patch(example: NewExample) -> None:
    add = example(FILES)
    ran = add.run("--evolve", "--evolve-write=report", "-p", "no:cacheprovider", answers=[RIGHT])
    assert DIFF in ran.out
    assert "no patch is left: pytest's cache is off" in ran.summary
    assert not (add.path / ".pytest_cache").exists()


def _review(
    example: Example, monkeypatch: pytest.MonkeyPatch, *typed: str, changed: dict[str, str]
) -> tuple[str, str]:
    """What was asked, and what was printed."""
    asked: list[str] = []
    answers = iter(typed)

    def answer(question: str) -> str:
        asked.append(question)
        found = next(answers, None)
        if found is None:
            raise EOFError
        return found

    monkeypatch.setattr(Terminal, "can_ask", lambda _: True)
    monkeypatch.setattr(builtins, "input", answer)
    ran = example.run(
        "--evolve", "--evolve-write=review", answers=[RIGHT], outcomes={"passed": 2}, changed=changed
    )
    assert len(asked) == max(1, len(typed)), asked
    return "".join(asked), ran.out


def test_review_writes_what_is_taken(example: NewExample, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, said = _review(example(FILES), monkeypatch, "Y", changed={"add.rs": GREEN})
    assert asked == "write add.rs (add.rs::add)? [y]es, [n]o, [d]iff: "
    assert "written: add.rs" in said


def test_review_shows_the_diff_and_asks_again(example: NewExample, monkeypatch: pytest.MonkeyPatch) -> None:
    _, said = _review(example(FILES), monkeypatch, "what?", "d", "yes", changed={"add.rs": GREEN})
    assert DIFF in said


@pytest.mark.parametrize("typed", [("n",), ("",), ()])
def test_review_keeps_what_is_declined_as_a_patch(
    example: NewExample, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...]
) -> None:
    add = example(FILES)
    _, said = _review(add, monkeypatch, *typed, changed={})
    assert f"declined; as a patch: git apply {PATCH}" in said
    assert DIFF in (add.path / PATCH).read_text()


def test_review_without_a_terminal_is_a_report(example: NewExample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "input", lambda _: pytest.fail("asked"))
    monkeypatch.setattr(sys, "stdin", None)
    ran = example(FILES).run("--evolve", "--evolve-write=review", answers=[RIGHT], outcomes={"passed": 2})
    assert DIFF in ran.out
    assert f"as a patch: git apply {PATCH}" in ran.summary


def test_a_report_never_lets_a_model_speak_to_the_terminal(example: NewExample) -> None:
    answer = rust('pub fn add(a: i64, b: i64) -> i64 {\n    let _ = "\x1b[2J\x07";\n    a + b\n}')
    ran = example(FILES).run(
        "--evolve", "--evolve-write=report", "-vv", answers=[answer], outcomes={"passed": 2}
    )
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out
    assert r"\x1b[2J" in ran.out


def test_a_suite_that_is_red_in_the_end_is_written_by_no_mode(example: NewExample) -> None:
    # It knows the logged run by what the plugin tells.
    logged = FILES["test_add.py"] + (
        "\n@pytest.mark.evolve(add)\ndef test_flaky(request):\n    assert add(1, 1) == 2\n"
        "    evolving = request.config.pluginmanager.get_plugin('symbiont-evolution')\n"
        "    assert evolving._session.trial is not None\n"
    )
    for mode in ("always", "report", "review"):
        add = example({**FILES, "add.rs": RED, "test_add.py": logged})
        ran = add.run(
            "--evolve", f"--evolve-write={mode}", answers=[RIGHT], code=1, outcomes={"passed": 2, "failed": 1}
        )
        assert (
            "not written: flaky: test_add.py::test_flaky passed in its trials and failed in the logged run"
            in ran.summary
        )
        assert DIFF not in ran.out


def test_another_word_is_a_usage_error_with_the_valid_ones(example: NewExample) -> None:
    problem = "'sometimes' is not valid; choose from always, review, report, never"
    assert refused(example(FILES), "write", "sometimes") == refusals("write", problem)


def test_the_command_for_the_patch_works_from_where_pytest_was_run(
    example: NewExample, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = example({f"sub/{name}": text for name, text in FILES.items()})
    _git(below.path, "init", "-q")
    monkeypatch.chdir(below.path / "sub")
    ran = below.run("--evolve", "--evolve-write=report", answers=[RIGHT], changed={}, outcomes={"passed": 2})
    _, _, command = ran.summary.partition("as a patch: git ")
    _git(below.path / "sub", *shlex.split(command.splitlines()[0]))
    assert "todo!" not in below.read("sub/add.rs")


@pytest.mark.parametrize("typed", [("y", "n"), ("n", "y")])
def test_review_of_a_suite_in_two_files_writes_both_or_none(
    example: NewExample, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...]
) -> None:
    body = "pub fn {0}(n: i64) -> i64 {{\n    todo!()\n}}\n"
    tests = """
import pytest
from pytest_symbiont import evolvable

f, g = evolvable("f.rs::f"), evolvable("g.rs::g")

@pytest.mark.evolve(f, g)
def test_both():
    assert g(f(1)) == 1
"""
    both = example({"f.rs": body.format("f"), "g.rs": body.format("g"), "test_both.py": tests})
    keys = iter(typed)
    monkeypatch.setattr(Terminal, "can_ask", lambda _: True)
    monkeypatch.setattr(builtins, "input", lambda _: next(keys))
    answer = rust("pub fn f(n: i64) -> i64 { n + 1 }\npub fn g(n: i64) -> i64 { n - 1 }")
    ran = both.run("--evolve", "--evolve-write=review", answers=[answer], changed={}, outcomes={"passed": 1})
    assert "declined; as a patch: git apply" in ran.summary
    assert next(keys, None) is None
