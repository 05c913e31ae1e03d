"""A fresh machine: Python, rustc, and nothing else. No cc, no cargo, no C development files, no network."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

import pytest
from entries import entry_of
from example import rust
from toolchains import counting, script

from pytest_symbiont.bridge.workbench import Workbench
from pytest_symbiont.build import cache as caching
from pytest_symbiont.build import native
from pytest_symbiont.build.builder import Build, Builder, Profile
from pytest_symbiont.build.toolchain import Toolchain

if TYPE_CHECKING:
    from pathlib import Path

    from example import NewExample

RED = """\
/// Twice `x`.
pub fn twice(x: i64) -> i64 {
    todo!()
}
"""
GREEN = RED.replace("{\n    todo!()\n}", "{ x * 2 }")  # as answered: the machine has no rustfmt either
TESTS = """
import pytest
from pytest_symbiont import evolvable

twice = evolvable("twice.rs::twice")

@pytest.mark.evolve(twice)
@pytest.mark.parametrize("x", [0, 1, -7])
def test_twice(x):
    assert twice(x) == x + x
"""
# Whoever reaches for the network or for a program by its name is stopped.
CONFTEST = """
import os, shutil, socket

def refuse(*args, **kwargs):
    raise AssertionError(f"the network was asked for: {args}")

socket.socket.connect = socket.getaddrinfo = refuse
assert [name for name in ("cc", "gcc", "clang", "ld", "cargo", "rustc", "git") if shutil.which(name)] == []
"""


def test_the_main_job_on_a_fresh_machine_and_a_second_time_for_nothing(
    example: NewExample, tmp_path_factory: pytest.TempPathFactory
) -> None:
    twice = example({"twice.rs": RED, "test_twice.py": TESTS})
    twice.run("--evolve", "--evolve-record=new", "--evolve-write=never",
              answers=[rust("fn twice(x: i64) -> i64 { x * 3 }"), rust("fn twice(x: i64) -> i64 { x * 2 }")],
              changed={"__answers__/twice.rs-twice.jsonl": ...})  # fmt: skip

    hidden = tmp_path_factory.mktemp("machine")
    rustc, log = counting(hidden, Workbench().toolchain)
    fresh = hidden / "cache"
    fresh.mkdir(mode=0o700)
    nothing = hidden / "nothing"
    nothing.mkdir()
    machine = {"PATH": str(nothing), "RUSTC": str(rustc), caching.VARIABLE: str(fresh)}
    twice.write({"conftest.py": CONFTEST})

    def run(*args: str, changed: dict[str, str]) -> int:
        """How often rustc compiled."""
        log.write_text("")
        twice.run(*args, env=machine, outcomes={"passed": 3}, changed=changed, subprocess=True)
        return len(log.read_text().splitlines())

    assert run("--evolve", "--evolve-model=replay", changed={"twice.rs": GREEN}) > 0
    assert not list(fresh.glob("_symbiont_callable*"))  # no C compiler, so calls went through Python alone
    twice.write({"twice.rs": RED})
    assert run("--evolve", "--evolve-model=replay", changed={"twice.rs": GREEN}) == 0
    # What was won was built as ordinary runs build it, before it was written.
    assert run(changed={}) == 0
    assert run("--symbiont-cache-clear", changed={}) > 1


def test_links_take_nothing_that_only_developers_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Workbench().toolchain
    if real.linker is None:
        pytest.skip("this toolchain ships no linker of its own")
    log = tmp_path / "linked"
    own = tmp_path / "sysroot" / "lib" / "rustlib" / real.host
    tracing = f'exec {shlex.quote(str(real.linker))} "$@" --trace >> {shlex.quote(str(log))}'
    script(own / "bin" / "rust-lld", tracing)
    (own / "lib").symlink_to(real.libraries)
    monkeypatch.setenv("PATH", str(tmp_path))
    traced = Toolchain(real.rustc, tmp_path / "sysroot", real.identity)
    cache = caching.open_cache({caching.VARIABLE: str(tmp_path / "cache")})
    builder = Builder(traced, cache, native.build(traced, cache))
    entry = entry_of("pub fn f() {}", "f")
    for profile in Profile:
        assert isinstance(builder.build("pub fn f() {}", "lib.rs", [entry], profile), Build)
    builder.shim(entry.shim)

    linked = {os.path.realpath(line) for line in log.read_text().splitlines()}
    ours = (str(real.sysroot), str(cache.root))
    foreign = {path for path in linked if not path.startswith(ours) and not path.endswith(".rcgu.o")}
    assert any(path.endswith("/libc.so.6") for path in foreign)
    # What programs run with, not what they are built with: no crt1.o, no libc_nonshared.a, no libc.so script.
    assert {path for path in foreign if not re.search(r"\.so\.\d+$", path)} == set()
