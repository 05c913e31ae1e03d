"""Evolved bodies in the format of their file, and not a byte beside them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_symbiont.bridge.workbench import Workbench
from pytest_symbiont.build import rustfmt
from pytest_symbiont.build.rustfmt import find, format_bodies, formatted, was_clean

if TYPE_CHECKING:
    from pytest_symbiont.build.jail import Jail

CLEAN = """\
//! Größen: what stands before a body shifts its bytes.

/// Sort.
pub fn sort(xs: &mut [i64]) {
    todo!()
}

mod inner {
    pub fn twice(x: i64) -> i64 {
        todo!()
    }
}
"""
ROUGH_SORT = "{ let n=xs.len( ) ;\n  xs [..n].sort( ); }"
NEAT_SORT = "{\n    let n = xs.len();\n    xs[..n].sort();\n}"
ROUGH_TWICE = "{ if x>1{return x*2;}\nx+x }"
NEAT_TWICE = "{\n        if x > 1 {\n            return x * 2;\n        }\n        x + x\n    }"


def with_bodies(text: str, sort: str, twice: str) -> str:
    return text.replace("{\n    todo!()\n}", sort).replace("{\n        todo!()\n    }", twice)


@pytest.fixture(scope="module")
def binary() -> Path:
    rustc = shutil.which("rustc")
    sysroot = (
        subprocess.run([rustc, "--print", "sysroot"], capture_output=True, text=True, check=True).stdout
        if rustc
        else ""
    )
    found = find(Path(sysroot.strip()))
    if found is None:
        pytest.skip("rustfmt is not installed")
    return found


@pytest.fixture(scope="module", params=["alone", "in its jail"])
def jail(request: pytest.FixtureRequest) -> Jail | None:
    """Model text is formatted in a jail; what comes out is the same."""
    return Workbench().builder.jail if request.param == "in its jail" else None


def script(path: Path, lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_toolchain_s_own_comes_first_then_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert find(tmp_path) is None
    on_path = script(tmp_path / "path" / "rustfmt", "")
    assert find(tmp_path) == on_path
    own = script(tmp_path / "bin" / "rustfmt", "")
    assert find(tmp_path) == own
    own.chmod(0o644)
    assert find(tmp_path) == on_path


def test_formats_and_leaves_what_is_formatted(binary: Path, tmp_path: Path) -> None:
    assert formatted("fn  f( ){1;}", binary, tmp_path) == "fn f() {\n    1;\n}\n"
    assert formatted(CLEAN, binary, tmp_path) == CLEAN
    assert was_clean(CLEAN, binary, tmp_path)
    assert was_clean("", binary, tmp_path)
    assert not was_clean(CLEAN + "\n\n", binary, tmp_path)


def test_other_files_of_the_crate_are_left_alone(binary: Path, jail: Jail | None, tmp_path: Path) -> None:
    (tmp_path / "other.rs").write_text("fn  f( ){}", encoding="utf-8")
    assert formatted("mod  other;mod missing;", binary, tmp_path, jail=jail) == "mod missing;\nmod other;\n"
    assert (tmp_path / "other.rs").read_text(encoding="utf-8") == "fn  f( ){}"


def test_honours_the_project_s_settings(binary: Path, jail: Jail | None, tmp_path: Path) -> None:
    (tmp_path / "rustfmt.toml").write_text('tab_spaces = 2\nnewline_style = "Windows"\n', encoding="utf-8")
    folder = tmp_path / "src"
    folder.mkdir()
    assert formatted("fn f(){1;}\n", binary, folder, jail=jail) == "fn f() {\n  1;\n}\n"
    assert not was_clean(CLEAN, binary, folder)


def test_knows_the_edition(binary: Path, tmp_path: Path) -> None:
    assert formatted("fn gen() {}\n", binary, tmp_path) is None
    assert formatted("fn gen() {}\n", binary, tmp_path, edition="2021") == "fn gen() {}\n"
    assert was_clean("fn gen() {}\n", binary, tmp_path, edition="2021")


def test_line_ends_stay(binary: Path, tmp_path: Path) -> None:
    assert formatted("fn f(){\r\n1;}\r\n", binary, tmp_path) == "fn f() {\r\n    1;\r\n}\r\n"
    assert was_clean(CLEAN.replace("\n", "\r\n"), binary, tmp_path)
    assert formatted("fn f() {\r\n    1;\n}\r\n", binary, tmp_path) is None


def test_gives_nothing_for_what_is_not_rust(binary: Path, tmp_path: Path) -> None:
    assert formatted("fn f( {", binary, tmp_path) is None
    assert not was_clean("fn f( {", binary, tmp_path)


def test_gives_nothing_where_rustfmt_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert formatted(CLEAN, tmp_path / "missing", tmp_path) is None
    assert formatted(CLEAN, script(tmp_path / "rustfmt", "cat; exit 1"), tmp_path) is None
    assert formatted(CLEAN, script(tmp_path / "rustfmt", r"printf '\377'"), tmp_path) is None
    monkeypatch.setattr(rustfmt, "_SECONDS", 0.01)
    assert formatted(CLEAN, script(tmp_path / "rustfmt", "exec tail -f /dev/null"), tmp_path) is None


def test_rustfmt_sees_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "key-1234")
    seen = formatted(CLEAN, script(tmp_path / "rustfmt", "exec env"), tmp_path)
    assert seen is not None
    assert "PATH=" in seen
    assert "key-1234" not in seen


def test_in_its_jail_it_reads_nothing_and_starts_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("fn secret() {}\n")
    reads = script(tmp_path / "rustfmt", f"exec cat {secret}")
    assert formatted(CLEAN, reads, tmp_path) == "fn secret() {}\n"
    assert formatted(CLEAN, reads, tmp_path, jail=Workbench().builder.jail) is None


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_the_named_bodies_are_formatted(binary: Path, jail: Jail | None, tmp_path: Path, end: str) -> None:
    before = CLEAN.replace("\n", end)
    after = with_bodies(CLEAN, ROUGH_SORT, ROUGH_TWICE).replace("\n", end)
    neat = with_bodies(CLEAN, NEAT_SORT, NEAT_TWICE).replace("\n", end)
    assert format_bodies(before, after, ["sort", "inner::twice"], binary, tmp_path, jail=jail) == neat


def test_a_body_that_is_not_named_stays(binary: Path, tmp_path: Path) -> None:
    after = with_bodies(CLEAN, ROUGH_SORT, ROUGH_TWICE)
    neat = with_bodies(CLEAN, NEAT_SORT, ROUGH_TWICE)
    assert format_bodies(CLEAN, after, ["sort"], binary, tmp_path) == neat


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_what_is_inside_strings_stays(binary: Path, tmp_path: Path, end: str) -> None:
    string = 'r#"\n\n  {\n            }\n}"#'
    rough = f"{{ let s={string};\n/* a\n  b */ s.len() as i64+x }}"
    neat = f"{{\n        let s = {string};\n        /* a\n        b */\n        s.len() as i64 + x\n    }}"
    before, after, expected = (
        with_bodies(CLEAN, "{\n    todo!()\n}", twice).replace("\n", end)
        for twice in ("{\n        todo!()\n    }", rough, neat)
    )
    assert format_bodies(before, after, ["inner::twice"], binary, tmp_path) == expected


def test_a_new_file_is_formatted(binary: Path, tmp_path: Path) -> None:
    after = f"fn sort(xs: &mut [i64]) {ROUGH_SORT}\n"
    neat = f"fn sort(xs: &mut [i64]) {NEAT_SORT}\n"
    assert format_bodies("", after, ["sort"], binary, tmp_path) == neat


def test_nothing_is_formatted_in_a_file_that_never_was(binary: Path, tmp_path: Path) -> None:
    before = CLEAN.replace("pub fn sort(", "pub fn  sort(")
    after = with_bodies(before, ROUGH_SORT, ROUGH_TWICE)
    assert format_bodies(before, after, ["sort", "inner::twice"], binary, tmp_path) == after


def test_nothing_is_formatted_where_rustfmt_gives_nothing(binary: Path, tmp_path: Path) -> None:
    after = with_bodies(CLEAN, "{ let = ; }", ROUGH_TWICE)
    assert format_bodies(CLEAN, after, ["sort", "inner::twice"], binary, tmp_path) == after
    assert format_bodies(CLEAN, CLEAN, ["sort"], tmp_path / "missing", tmp_path) == CLEAN


def test_two_functions_of_one_path_are_left_alone(binary: Path, tmp_path: Path) -> None:
    after = '#[cfg(target_env = "gnu")]\nfn f() { 1; }\n\n#[cfg(not(target_env = "gnu"))]\nfn f() { 2; }\n'
    assert format_bodies("", after, ["f"], binary, tmp_path) == after


def test_a_body_under_rustfmt_skip_stays(binary: Path, tmp_path: Path) -> None:
    before = "#[rustfmt::skip]\nfn sort(xs: &mut [i64]) { todo!() }\n"
    after = before.replace("{ todo!() }", ROUGH_SORT)
    assert format_bodies(before, after, ["sort"], binary, tmp_path) == after


SPACES = st.text(st.sampled_from(" \t\n"), max_size=3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spaces=st.tuples(SPACES, SPACES, SPACES, SPACES, SPACES))
def test_no_byte_changes_outside(binary: Path, tmp_path: Path, spaces: tuple[str, ...]) -> None:
    a, b, c, d, e = spaces
    head = f"fn  a() {{{a}'ä';}}{b}\nfn sort(xs: &mut [i64]) {c}"
    tail = f"{d}\nfn  b() {{{e}}}{a}"
    result = format_bodies("", head + ROUGH_SORT + tail, ["sort"], binary, tmp_path)
    assert result == head + NEAT_SORT + tail
