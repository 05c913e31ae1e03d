"""Finding rustc, or saying in one sentence why there is none."""

# ruff: noqa: E501 - a message stands in its row, whole

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest
from toolchains import script

from pytest_symbiont.build.toolchain import Toolchain, discover, system_libraries
from pytest_symbiont.errors import SymbiontError

HOW = r"install Rust from https://rustup\.rs \(or your system's rustc package\) and try again"


def _refused(environ: dict[str, str]) -> str:
    with pytest.raises(SymbiontError) as refused:
        discover(environ)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def _fake(folder: Path, release: str, *, sysroot: Path | None = None) -> Path:
    root = folder if sysroot is None else sysroot
    facts = f"rustc {release}\\nbinary: rustc\\nhost: x86_64-unknown-linux-gnu\\nrelease: {release}\\n"
    return script(
        folder / "bin" / "rustc", f"""if [ "$1" = -vV ]; then printf '{facts}'; else echo '{root}'; fi"""
    )


def test_the_one_on_path_is_found_and_a_rustup_shim_resolved() -> None:
    found = discover(os.environ)
    assert found.rustc == found.sysroot / "bin" / "rustc"
    assert found.rustc.is_file()
    assert found.release == found.facts["release"]
    assert list(found.libraries.glob("libstd-*.so"))
    assert found.identity.startswith("rustc 1.")


def test_a_shim_of_another_name_leads_to_the_toolchains_own_rustc(tmp_path: Path) -> None:
    own = _fake(tmp_path / "toolchain", "1.90.0")
    shim = _fake(tmp_path / "cargo", "1.90.0", sysroot=tmp_path / "toolchain")
    assert discover({"PATH": str(shim.parent)}).rustc == own
    assert discover({"PATH": "", "RUSTC": str(shim)}).rustc == own


def test_without_a_rustc_of_its_own_the_sysroots_finder_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    rustc = _fake(tmp_path, "1.90.0", sysroot=tmp_path / "empty")
    monkeypatch.chdir(tmp_path)
    assert discover({"PATH": "bin"}).rustc == rustc
    assert discover({"RUSTC": "bin/rustc"}).rustc == rustc


def test_no_rustc(tmp_path: Path) -> None:
    assert _refused({"PATH": str(tmp_path)}) == (
        "no Rust compiler: 'rustc' was not found (looked on PATH); install Rust from https://rustup.rs (or your "
        "system's rustc package) and try again"
    )
    # An empty variable is as good as none.
    assert "looked on PATH" in _refused({"PATH": str(tmp_path), "RUSTC": ""})


def test_rustc_names_nothing(tmp_path: Path) -> None:
    named = str(tmp_path / "rustc")
    assert f"no Rust compiler: '{named}' was not found (RUSTC names it); install" in _refused(
        {"PATH": os.environ["PATH"], "RUSTC": named}
    )
    # A file that is no program is none either.
    Path(named).write_text("")
    assert "(RUSTC names it)" in _refused({"RUSTC": named})


def test_a_rustc_that_fails_is_quoted(tmp_path: Path) -> None:
    broken = script(tmp_path / "rustc", "echo 'error: rustup could not choose a version' >&2; exit 1")
    assert _refused({"RUSTC": str(broken)}) == (
        f"the Rust compiler {broken} does not work: `rustc --print sysroot` failed with 'error: rustup could not "
        "choose a version'; install Rust from https://rustup.rs (or your system's rustc package) and try again"
    )
    silent = script(tmp_path / "rustc", "exit 3")
    assert "failed with 'exit code 3'; install" in _refused({"RUSTC": str(silent)})
    none = tmp_path / "rustc"
    none.write_bytes(b"\x7fELF and no more")
    assert f"the Rust compiler {none} does not work: " in _refused({"RUSTC": str(none)})


def test_a_program_that_is_no_rustc(tmp_path: Path) -> None:
    other = script(tmp_path / "rustc", "echo hello")
    assert f"{other} is no Rust compiler: `-vV` tells no release and host; " in _refused(
        {"RUSTC": str(other)}
    )


@pytest.mark.parametrize("release", ["1.84.1", "1.84.0-nightly", "1.9.0", "0.12.0"])
def test_too_old(tmp_path: Path, release: str) -> None:
    old = _fake(tmp_path, release)
    assert _refused({"RUSTC": str(old)}) == (
        f"rustc {release} ({old}) is too old: pytest-symbiont needs 1.85 or newer (edition 2024); run `rustup update`"
    )


@pytest.mark.parametrize("release", ["1.85.0", "1.85.0-beta.3", "1.100.0", "2.0.0"])
def test_new_enough(tmp_path: Path, release: str) -> None:
    assert discover({"RUSTC": str(_fake(tmp_path, release))}).release == release


def test_a_machine_that_no_worker_can_be_linked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "sparc")
    with pytest.raises(SymbiontError, match=r"on a sparc machine \(supported: aarch64, x86_64\)"):
        _ = Toolchain(Path("rustc"), Path("/"), "").dynamic_linker


def test_the_c_library_is_found_as_it_is_run_with() -> None:
    found = system_libraries(discover(os.environ))
    assert found["c"] is not None
    assert found["c"].name == "libc.so.6"
    assert found["gcc_s"] is not None


def test_without_a_c_library_there_is_no_link(monkeypatch: pytest.MonkeyPatch) -> None:
    real = discover(os.environ)
    monkeypatch.setattr(platform, "machine", lambda: "nowhere")
    monkeypatch.setattr(Path, "is_file", lambda _: False)
    with pytest.raises(
        SymbiontError, match=r"libc\.so was not found in /lib/nowhere-linux-gnu, /lib, .*; rustc 1"
    ):
        system_libraries(real)
