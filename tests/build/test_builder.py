"""From text to library, with the real rustc."""

# ruff: noqa: E501 - a message stands in its row, whole

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from entries import entry_of

from pytest_symbiont import RustPanic, current, evolvable
from pytest_symbiont.bridge.workbench import Workbench
from pytest_symbiont.build import cache as caching
from pytest_symbiont.build import native
from pytest_symbiont.build.builder import Build, Builder, BuildFailure, Entry, Profile
from pytest_symbiont.build.cache import Cache
from pytest_symbiont.build.diagnostics import Diagnostic, parse, render
from pytest_symbiont.build.rustc import compile_crate
from pytest_symbiont.build.toolchain import Toolchain
from pytest_symbiont.errors import CompileError, SymbiontError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADD = "pub fn add(a: i64, b: i64) -> i64 {\n    a + b\n}\n"
ADD_ENTRY = entry_of(ADD, "add")
SMALL = 32 * 1024


@pytest.fixture(scope="module")
def builder() -> Builder:
    return Workbench().builder


@pytest.fixture(autouse=True)
def _scope() -> Iterator[None]:
    scope = current.enter()
    try:
        yield
    finally:
        current.leave(scope)


def _built(builder: Builder, text: str, entry: Entry = ADD_ENTRY, profile: Profile = Profile.TRIAL) -> Build:
    done = builder.build(text, "lib.rs", [entry], profile)
    assert isinstance(done, Build), done.text
    return done


def _failed(
    builder: Builder, text: str, entry: Entry = ADD_ENTRY, profile: Profile = Profile.TRIAL
) -> BuildFailure:
    done = builder.build(text, "lib.rs", [entry], profile)
    assert isinstance(done, BuildFailure)
    return done


@pytest.mark.parametrize("profile", Profile)
def test_the_library_of_a_trivial_body_is_small(builder: Builder, profile: Profile) -> None:
    assert _built(builder, ADD, profile=profile).library.stat().st_size <= SMALL


def test_the_same_text_is_compiled_once(builder: Builder, tmp_path: Path) -> None:
    text = f"// {tmp_path}\n{ADD}"  # never seen before
    before = builder.compilations
    first = _built(builder, text)
    again = _built(builder, text)
    assert builder.compilations == before + 1
    assert (first.cached, again.cached) == (False, True)
    assert first.library == again.library
    assert first.seconds > 0
    assert again.seconds == 0


def test_what_makes_a_build_another_is_in_its_key(builder: Builder) -> None:
    libraries = {
        _built(builder, ADD).library,
        _built(builder, ADD + "\n").library,
        _built(builder, ADD, profile=Profile.PROMOTION).library,
        _built(builder, ADD, profile=Profile.DISK).library,
        builder.build(ADD, "other.rs", [ADD_ENTRY], Profile.TRIAL).library,  # type: ignore[union-attr]
        builder.build(ADD, "lib.rs", [ADD_ENTRY] * 2, Profile.TRIAL).library,  # type: ignore[union-attr]
    }
    assert len(libraries) == 6


def test_a_text_that_does_not_compile_is_compiled_once_too(builder: Builder, tmp_path: Path) -> None:
    text = f"// {tmp_path}\n{ADD.replace('a + b', 'a + c')}"
    before = builder.compilations
    assert _failed(builder, text).errors == _failed(builder, text).errors
    assert builder.compilations == before + 1


def test_errors_are_rustcs_with_the_files_own_lines_and_nothing_else(builder: Builder) -> None:
    text = (
        "//! A file.\n#![allow(unused)]\n\nfn unused() {}\n\npub fn add(a: i64, b: i64) -> i64 {\n"
        '    let unused = 1;\n    a + b + "x"\n}\n'
    )
    failure = _failed(builder, text)
    assert [(error.file, error.line) for error in failure.errors] == [("lib.rs", 8)]
    assert failure.text.startswith("error[E0277]: cannot add `&str` to `i64`\n --> lib.rs:8:11\n")
    assert '8 |     a + b + "x"' in failure.text
    for noise in ("warning", "aborting", "--explain", "unused"):
        assert noise not in failure.text


def test_every_error_is_told(builder: Builder) -> None:
    failure = _failed(builder, "pub fn add(a: i64, b: i64) -> i64 {\n    one() + two()\n}\n")
    assert [error.line for error in failure.errors] == [2, 2]
    assert failure.text.index("`one`") < failure.text.index("`two`")


@pytest.mark.parametrize(
    "name",
    [
        "a b.rs",
        "it's.rs",
        'q"q.rs',
        "-dash.rs",
        "--help.rs",
        "ünï🦀.rs",
        "$HOME.rs",
        "@arg.rs",
        "%s.rs",
        "a\\b.rs",
    ],
)
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(
        '//! Odd.\npub fn half(x: i64) -> i64 {\n    assert!(x % 2 == 0, "odd");\n    x / 2\n}\n'
    )
    half = evolvable(f"{tmp_path / name}::half")
    assert half(4) == 2
    with pytest.raises(RustPanic) as raised:
        half(3)
    assert (raised.value.file, raised.value.line, raised.value.column) == (name, 3, 5)


def test_the_cache_may_lie_in_an_odd_place(tmp_path: Path) -> None:
    workbench = Workbench()
    cache = caching.open_cache({caching.VARIABLE: str(tmp_path / "my 'own' \"cache\", é")})
    builder = Builder(workbench.toolchain, cache, native.build(workbench.toolchain, cache))
    assert isinstance(builder.build(ADD, "lib.rs", [ADD_ENTRY], Profile.TRIAL), Build)
    assert builder.shim(ADD_ENTRY.shim).is_file()


_PANICS = "pub fn f() {\n    let x: Option<u8> = None;\n    x.unwrap();\n}\n"


@pytest.mark.parametrize(
    "head",
    [
        "",
        "//! One.\n//! Two.\n",
        "#![allow(dead_code)]\n\n",
        "//! Doc.\n#![allow(\n    dead_code,\n    unused\n)]\n/*! block\n of two */\n#![warn(missing_docs)]\n",
        "#!/usr/bin/env run-cargo-script\n//! Doc.\n",
        "\ufeff//! After a byte order mark.\n",
        "//! Windows.\r\n#![allow(unused)]\r\n",
        '// ünï 🦀\nconst LONG: &str = "\n\n}\n";\n',
        "mod inner { //! Inner.\n}\n",
    ],
)
def test_a_panics_line_is_the_files(tmp_path: Path, head: str) -> None:
    text = head + _PANICS
    (tmp_path / "lib.rs").write_bytes(text.encode())
    with pytest.raises(RustPanic, match="called `Option::unwrap\\(\\)` on a `None` value") as raised:
        evolvable(f"{tmp_path / 'lib.rs'}::f")()
    assert text.split("\n")[raised.value.line - 1].strip() == "x.unwrap();"
    assert (raised.value.file, raised.value.column) == ("lib.rs", 7)


@pytest.mark.parametrize("item", ["type f64 = f32;", "struct f64;", "mod core {} type f64 = f32;",
                                  "mod primitive { pub type f64 = f32; } use primitive::f64;"])  # fmt: skip
@pytest.mark.parametrize("profile", Profile)
def test_a_type_beside_the_function_does_not_fool_anyone(
    builder: Builder, item: str, profile: Profile
) -> None:
    entry = entry_of("pub fn half(x: f64) -> f64 { x }", "half")
    failure = _failed(builder, f"{item}\npub fn half(x: f64) -> f64 {{ x }}\n", entry, profile)
    assert "mismatched types" in failure.text
    honest = "type real = f64;\npub fn half(x: real) -> f64 { x / 2.0 }\n"
    assert _built(builder, honest, entry, profile).symbols


@pytest.mark.parametrize(
    "tail",
    [
        "}",
        "{",
        "mod m {",
        "/*",
        "/* /* */",
        '"',
        'const S: &str = "',
        'const S: &str = r#"',
        "const C: char = '",
        "macro_rules! m { ($($t:tt)*) => {} } m! {",
        "macro_rules! m { ($($t:tt)*) => {} } m!(",
        "pub mod __symbiont { pub fn entry0() {} }",
        "} pub mod __symbiont { pub fn entry0() {}",
        "pub use self as __symbiont;",
        "fn open() -> i64 {",
        "impl X for",
        "\\",
    ],
)
def test_what_is_left_open_or_forged_is_refused_by_rustc(builder: Builder, tail: str) -> None:
    assert _failed(builder, ADD + tail).errors


@pytest.mark.parametrize(
    "tail", ["#[cfg(any())]", "#[cfg(any())]\n#[allow(unused)]", "/// On what comes next."]
)
def test_what_hangs_at_the_end_takes_nothing_of_ours_with_it(tmp_path: Path, tail: str) -> None:
    (tmp_path / "lib.rs").write_text(ADD + tail)
    assert evolvable(f"{tmp_path / 'lib.rs'}::add")(1, 2) == 3


def test_what_looks_odd_and_is_whole_is_built(builder: Builder) -> None:
    _built(builder, ADD + "// }\n/* { */ const S: &str = \"} {\"; const C: char = '}';\n")
    _built(builder, ADD + "// no line end")


def test_candidates_may_not_be_unsafe_or_reach_for_the_real_std(builder: Builder) -> None:
    unsafe = "pub fn add(a: i64, b: i64) -> i64 {\n    unsafe { a.unchecked_add(b) }\n}\n"
    process = "pub fn add(a: i64, b: i64) -> i64 {\n    std::process::exit(0)\n}\n"
    for text, said in ((unsafe, "usage of an `unsafe` block"), (process, "process")):
        for profile in (Profile.TRIAL, Profile.PROMOTION):
            assert said in _failed(builder, text, profile=profile).text
        _built(builder, text, profile=Profile.DISK)


def test_overflow_is_checked_in_every_profile_and_debug_assertions_in_trials(builder: Builder) -> None:
    for profile in Profile:
        text = "pub fn add(a: i64, b: i64) -> i64 {\n    a + b + cfg!(debug_assertions) as i64\n}\n"
        assert _built(builder, text, profile=profile).library.is_file()
    assert "-Coverflow-checks=on" in builder_flags()
    assert [("-Cdebug-assertions=on" in profile.flags) for profile in Profile] == [False, True, False]


def builder_flags() -> tuple[str, ...]:
    from pytest_symbiont.build.builder import _COMMON  # noqa: PLC0415 - only here

    return _COMMON


def test_a_shim_that_does_not_compile_is_our_own_mistake(builder: Builder) -> None:
    with pytest.raises(SymbiontError, match=r"this shim does not compile; please report it:\nnonsense"):
        builder.shim("nonsense")


def test_a_rustc_that_takes_too_long_is_stopped_and_is_a_failure(builder: Builder, tmp_path: Path) -> None:
    (tmp_path / "lib.rs").write_text("pub fn f() {}")
    done = compile_crate(builder.toolchain, ["--crate-type=lib", "lib.rs"], tmp_path, timeout=0.0001)
    assert not done.ok
    assert done.errors[0].rendered == "error: rustc took longer than 0.0001 s and was stopped\n"


def test_a_rustc_that_dies_without_a_word_is_a_failure(tmp_path: Path) -> None:
    from toolchains import script  # noqa: PLC0415 - only here

    dying = script(tmp_path / "rustc", "echo half a word >&2; exit 101")
    done = compile_crate(Toolchain(dying, tmp_path, "host: nowhere"), [], tmp_path)
    assert not done.ok
    assert done.errors == (Diagnostic("error: rustc ended with status 101\nhalf a word\n", "", 0),)
    gone = Toolchain(tmp_path / "gone", tmp_path, "host: nowhere")
    with pytest.raises(SymbiontError, match=r"rustc could not be started: .*; is .*/gone still there\?"):
        compile_crate(gone, [], tmp_path)


def test_diagnostics_survive_whatever_rustc_says() -> None:
    assert parse("") == ()
    assert parse("thread 'rustc' panicked\n{}\n[]\n{\"level\": 3}\nnull") == ()
    line = '{"level": "error: internal compiler error", "message": "oops", "rendered": null, "spans": []}'
    assert parse(line) == (Diagnostic("oops", "", 0),)
    assert render(parse(f"{line}\n{line}")) == "oops\noops"


def test_a_compile_error_of_a_call_is_rustcs_text(tmp_path: Path) -> None:
    (tmp_path / "lib.rs").write_text("pub fn f() -> i64 {\n    missing\n}\npub fn g() {}\n")
    lib: Any = evolvable(str(tmp_path / "lib.rs"))
    for call in (lib.f, lib.g, lib.f):
        with pytest.raises(CompileError) as raised:
            call()
        assert str(raised.value).startswith(
            "error[E0425]: cannot find value `missing` in this scope\n --> lib.rs:2:5\n"
        )


def test_another_rustc_that_says_the_same_of_itself_gets_native_parts_of_its_own(
    builder: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Asked(Exception):  # noqa: N818 - no error
        pass

    def key_of(toolchain: Toolchain) -> str:
        def asked(_: Cache, key: str) -> Path | None:
            raise Asked(key)

        with monkeypatch.context() as patch:
            patch.setattr(Cache, "get", asked)
            with pytest.raises(Asked) as raised:
                native.build(toolchain, builder.cache)
        return str(raised.value)

    real = builder.toolchain
    twin = tmp_path / "rustc"
    twin.write_bytes(b"built again")
    assert key_of(real) == key_of(real) == builder.native.key
    keys = {key_of(real), key_of(Toolchain(twin, real.sysroot, real.identity))}
    os.utime(twin, ns=(1, 1))
    keys.add(key_of(Toolchain(twin, real.sysroot, real.identity)))
    monkeypatch.setattr(native, "system_libraries", lambda _: {"c": tmp_path / "libc.so.6"})
    keys.add(key_of(real))
    assert len(keys) == 4
