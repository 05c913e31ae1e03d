"""An ordinary run, without --evolve: calls Rust, asks nobody, writes nothing, and shows Rust's own errors."""

# ruff: noqa: E501 - a message stands in its row, whole

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from model_server import ModelServer

if TYPE_CHECKING:
    import pytest
    from example import NewExample

LIB = """
//! A few functions.
#![allow(dead_code)]

use std::collections::BTreeMap;

/// How often each byte is there, as `byte * 1000 + count`.
pub fn count(text: &str) -> Vec<u32> {
    let mut counts = BTreeMap::new();
    for byte in text.bytes() {
        *counts.entry(byte).or_insert(0) += 1;
    }
    counts.into_iter().map(|(byte, count)| u32::from(byte) * 1000 + count).collect()
}

pub fn increment(xs: &mut [u8]) {
    for x in xs.iter_mut() {
        *x += 1;
    }
}

fn private() -> u8 {
    7
}
"""
TESTS = """
import pytest
from pytest_symbiont import Mut, RustPanic, evolvable

lib = evolvable("lib.rs")
private = evolvable("lib.rs::private")

@pytest.mark.evolve(lib)
def test_results():
    assert lib.count("aba") == [97002, 98001]
    row = [1, 2]
    lib.increment(row)
    assert row == [2, 3]
    assert private() == 7

def test_panic_is_an_exception():
    with pytest.raises(RustPanic, match="overflow") as raised:
        lib.increment([255])
    assert (raised.value.file, raised.value.line) == ("lib.rs", 17)
"""


def test_it_calls_rust_asks_nobody_and_writes_nothing(
    example: NewExample, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer(["never asked"]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "key")
        monkeypatch.setenv("PYTEST_EVOLVE_ROUNDS", "3")
        lib = example({"lib.rs": LIB, "test_lib.py": TESTS})
        ran = lib.run(outcomes={"passed": 2})
        assert server.requests == []
    ran.result.stdout.no_fnmatch_line("*symbiont:*")
    ran.result.stdout.no_fnmatch_line("*= symbiont =*")
    lib.run("--strict-markers", "-p", "no:cacheprovider", outcomes={"passed": 2})


def test_a_panic_shows_the_rust_line_and_nothing_of_ours(example: NewExample) -> None:
    lib = example(
        {
            "lib.rs": LIB,
            "test_lib.py": """
                from pytest_symbiont import evolvable

                increment = evolvable("lib.rs::increment")

                def test_panics():
                    increment([255])

                def test_wrong_type():
                    increment("text")

                def test_out_of_range():
                    increment([256])
                """,
        }
    )
    ran = lib.run(code=1, outcomes={"failed": 3})
    ran.result.stdout.fnmatch_lines(
        [
            "    def test_panics():",
            ">       increment([255])",
            "    pub fn increment(xs: &mut [[]u8[]]) {",
            "        for x in xs.iter_mut() {",
            ">           *x += 1;",
            "E           pytest_symbiont.RustPanic: attempt to add with overflow (lib.rs:17:9)",
            "lib.rs:17: RustPanic",
            '>       increment("text")',
            "E       TypeError: increment(): argument 'xs' is `&mut [[]u8[]]`: pass a list or another mutable *",
            "test_lib.py:9: TypeError",
            ">       increment([256])",
            "E       OverflowError: increment(): argument 'xs'[[]0[]]: int 256 is out of range for u8 (0..=255)",
            "test_lib.py:12: OverflowError",
            "FAILED test_lib.py::test_panics - pytest_symbiont.RustPanic: attempt to add*",
        ]
    )
    assert "pytest_symbiont/" not in ran.out
    for style in ("short", "line", "native"):
        assert "lib.rs" in lib.run(f"--tb={style}", "-k", "panics", code=1).out


def test_a_file_that_does_not_compile_fails_its_tests_with_rustcs_words(example: NewExample) -> None:
    lib = example(
        {
            "lib.rs": LIB.replace("u32::from(byte)", "u33::from(byte)"),
            "test_lib.py": """
                from pytest_symbiont import evolvable

                lib = evolvable("lib.rs")

                def test_one():
                    lib.count("a")

                def test_other():
                    lib.increment([1])

                def test_without_rust():
                    assert True
                """,
        }
    )
    ran = lib.run(code=1, outcomes={"failed": 2, "passed": 1})
    ran.result.stdout.fnmatch_lines(
        [
            '>       lib.count("a")',
            "E       pytest_symbiont.CompileError: error[[]E0433[]]: *u33*",
            "E         --> lib.rs:12:44",
            "E       12 |     counts.into_iter().map(|(byte, count)| u33::from(byte) * 1000 + count).collect()",
            "test_lib.py:6: CompileError",
        ]
    )
    for noise in ("pytest_symbiont/", "--explain", "aborting", "__symbiont"):
        assert noise not in ran.out


def test_what_is_declared_and_absent_is_red_until_it_is_evolved(example: NewExample) -> None:
    gcd = example(
        {
            "test_gcd.py": """
                from pytest_symbiont import evolvable

                gcd = evolvable("fn gcd(a: u64, b: u64) -> u64", file="gcd.rs")

                def test_gcd():
                    assert gcd(12, 18) == 6
                """
        }
    )
    ran = gcd.run(code=1, outcomes={"failed": 1})
    ran.result.stdout.fnmatch_lines(
        [
            ">       assert gcd(12, 18) == 6",
            "*fn gcd(a: u64, b: u64) -> u64*",
            "E       pytest_symbiont.RustPanic: not yet implemented (gcd.rs:2:5)",
            "*gcd.rs*: RustPanic",
        ]
    )
    assert "pytest_symbiont/" not in ran.out


def test_what_rust_prints_is_captured_like_any_output(example: NewExample) -> None:
    said = example(
        {
            "say.rs": 'pub fn say() { println!("heard on stdout"); eprintln!("heard on stderr"); }',
            "test_say.py": """
                from pytest_symbiont import evolvable

                say = evolvable("say.rs::say")

                def test_captured(capfd):
                    say()
                    assert capfd.readouterr() == ("heard on stdout\\n", "heard on stderr\\n")
                """,
        }
    )
    said.run(outcomes={"passed": 1})


def test_a_panic_prints_nothing_of_its_own(example: NewExample) -> None:
    quiet = example(
        {
            "boom.rs": 'pub fn boom() { panic!("boom") }',
            "test_boom.py": """
                import pytest
                from pytest_symbiont import RustPanic, evolvable

                boom = evolvable("boom.rs::boom")

                def test_quiet(capfd):
                    with pytest.raises(RustPanic, match="boom"):
                        boom()
                    assert capfd.readouterr() == ("", "")
                """,
        }
    )
    quiet.run(outcomes={"passed": 1})


def test_files_are_found_beside_the_module_that_names_them(example: NewExample) -> None:
    suite = example(
        {
            "conftest.py": "",
            "pkg/__init__.py": "",
            "pkg/deep/__init__.py": "",
            "pkg/deep/lib.rs": "pub fn one() -> u8 { 1 }\npub mod inner { pub fn two() -> u8 { 2 } }\n",
            "pkg/deep/helper.py": """
                from pytest_symbiont import evolvable
                one = evolvable("lib.rs::one")
                """,
            "pkg/test_deep.py": """
                from pytest_symbiont import evolvable
                from pkg.deep.helper import one
                from pathlib import Path
                two = evolvable("deep/lib.rs::inner::two")
                absolute = evolvable(f"{Path(__file__).parent}/deep/lib.rs::one")

                def test_both():
                    assert (one(), two()) == (1, 2)
                    assert absolute is one
                """,
        }
    )
    suite.run(outcomes={"passed": 1})
    path = os.pathsep.join((str(suite.path), os.environ.get("PYTHONPATH", "")))
    suite.run("--import-mode=importlib", "pkg/test_deep.py", env={"PYTHONPATH": path}, subprocess=True)
