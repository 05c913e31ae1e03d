"""--evolve-allow: what candidates may use beside the safe part of std."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import FILES, GREEN, precedence, refusals, refused
from example import rust

from pytest_symbiont.source import allowance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample

BY_WORD = {
    "alloc": "let _ = std::alloc::Layout::new::<u8>();",
    "arch": "use std::arch as _;",
    "ffi": "let _: std::ffi::c_int = 1;",
    "io": "let _ = std::io::Cursor::new([1u8]);",
    "panic": "let _ = std::panic::catch_unwind(|| ());",
    "path": 'let _ = std::path::Path::new("a").join("b");',
    "time": "let _ = std::time::Instant::now().elapsed();",
    "static": "static K: u8 = 1; let _ = K;",
    "mod": "mod m { pub const K: u8 = 1; } let _ = m::K;",
    "macro_rules!": "macro_rules! m { () => { () } } m!();",
    "#[repr]": "#[repr(u8)] enum E { A } let _ = E::A as u8;",
}


def using(word: str) -> str:
    return rust(f"pub fn add(a: i64, b: i64) -> i64 {{ {BY_WORD[word]} a + b }}")


def test_command_line_over_environment_over_ini(example: NewExample) -> None:
    add = example(FILES)
    words = ("path", "io", "static")

    def allowed(args: tuple[str, ...], env: Mapping[str, str]) -> object:
        given = bool(args[1:] or env) or "allow" in add.read("pytest.ini")
        ran = add.run(
            "--evolve", "--evolve-write=never", "--evolve-rounds=3", *args,
            env=env, answers=[using(word) for word in words], repeat=True, code=0 if given else 1,
        )  # fmt: skip
        told = ran.prompt(0)
        return [word for word in words if f"use std::{word}." in told or f"use {word}." in told]

    assert precedence(add, "allow", words, allowed) == [["path"], ["io"], ["static"], []]


def test_each_word_is_tried_here() -> None:
    assert set(BY_WORD) == {*allowance.DOORS, *allowance.WORDS, "#[repr]"}


@pytest.mark.parametrize("word", BY_WORD)
def test_a_word_allows_what_it_says_and_no_other_does(example: NewExample, word: str) -> None:
    others = ",".join(other for other in BY_WORD if other != word)
    add = example(FILES)
    lost = add.run("--evolve", f"--evolve-allow={others}", "--evolve-rounds=1", answers=[using(word)], code=1)
    assert "not solved" in lost.summary
    add.run(
        "--evolve", f"--evolve-allow={word}", answers=[using(word)], outcomes={"passed": 2},
        changed={"add.rs": ...},
    )  # fmt: skip


def test_the_sandbox_stays_shut(example: NewExample) -> None:
    asks = 'if std::path::Path::new("/etc/hostname").exists() { return 0 }'
    opens = rust(f"pub fn add(a: i64, b: i64) -> i64 {{ {asks} a + b }}")
    right = rust("pub fn add(a: i64, b: i64) -> i64 { a + b }")
    ran = example(FILES).run(
        "--evolve", "--evolve-allow=path", answers=[opens, right], changed={"add.rs": GREEN}
    )
    assert "the sandbox ended it, because it tried to look for a file" in ran.last_message(1)


@pytest.mark.parametrize("word", ["fs", "unsafe", "#[", "static path"])
def test_what_cannot_be_allowed_is_a_usage_error(example: NewExample, word: str) -> None:
    known = "alloc, arch, ffi, io, panic, path, time, static, mod, macro_rules!"
    problem = f"'{word}' is not valid; choose from {known}, or name an attribute as #[repr]"
    assert refused(example(FILES), "allow", word) == refusals("allow", problem)
