"""--evolve-isolation: how far candidates are kept from everything else."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest
from adding import FILES, GREEN, RED, RIGHT, precedence, refusals, refused
from example import rust
from toolchains import counting

from pytest_symbiont.bridge import worker
from pytest_symbiont.bridge.workbench import Workbench
from pytest_symbiont.build.isolation import LAYERS, Isolation
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample

    from pytest_symbiont.build.isolation import Mode


def header(out: str) -> str:
    found = re.search(r"isolation: (.*)", out)
    assert found, out
    return found[1]


def test_command_line_over_environment_over_ini(example: NewExample) -> None:
    add = example(FILES)

    def active(args: tuple[str, ...], env: Mapping[str, str]) -> object:
        ran = add.run("--evolve", "--evolve-write=never", *args, env=env, answers=[RIGHT])
        said = header(ran.out)
        return "off" if said.startswith("off") else "strict" if said.endswith("too") else "auto"

    seen = precedence(add, "isolation", ("strict", "off", "strict"), active)
    assert seen == ["strict", "off", "strict", "auto"]


def test_what_is_not_valid_is_a_usage_error(example: NewExample) -> None:
    problem = "'none' is not valid; choose from auto, strict, off"
    assert refused(example(FILES), "isolation", "none") == refusals("isolation", problem)


def test_strict_keeps_the_logged_run_out_of_this_process(example: NewExample) -> None:
    add = example(FILES)
    mapped = """
from pathlib import Path

def pytest_unconfigure(config):
    print("mapped:", "/lib.so" in Path("/proc/self/maps").read_text())
"""
    add.write({"conftest.py": mapped})
    ran = add.run(
        "--evolve", "--evolve-isolation=strict", answers=[RIGHT], outcomes={"passed": 2},
        changed={"add.rs": GREEN}, subprocess=True,
    )  # fmt: skip
    assert "mapped: False" in ran.out
    add.write({"add.rs": RED})
    ran = add.run(
        "--evolve", answers=[RIGHT], outcomes={"passed": 2}, changed={"add.rs": GREEN}, subprocess=True
    )
    assert "mapped: True" in ran.out, "or the line above proves nothing"


WITH_MORE = {
    "add.rs": RED + '\npub const MOST: u64 = 7;\npub const NAMES: [&str; 2] = ["a", "b"];\n'
    "\npub fn twice(a: i64) -> i64 {\n    add(a, a)\n}\n",
    "test_add.py": FILES["test_add.py"]
    + """
import threading
from pathlib import Path
from pytest_symbiont import activate, evolvable, revision

module = evolvable("add.rs")


def test_what_turns_up_late():
    assert (module.MOST, module.NAMES) == (7, ["a", "b"])
    twice = evolvable("add.rs::twice")
    assert twice(21) == 42
    assert revision(add, 1)(1, 2) == 3
    activate(add, 0)
    with pytest.raises(RustPanic, match="not yet implemented"):
        add(1, 2)
    activate(add, 1)
    sums = []
    threads = [threading.Thread(target=lambda k=k: sums.append(add(k, k))) for k in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sums) == [2 * k for k in range(9)]
    evolvable("fn late(a: i64) -> i64", file="late.rs")
    with pytest.raises(RustPanic):
        evolvable("fn late(a: i64) -> i64", file="late.rs")(1)
    assert "/lib.so" not in Path("/proc/self/maps").read_text()
""",
}


def test_strict_keeps_what_turns_up_late_in_a_worker_too(example: NewExample) -> None:
    """Constants, a function named by a running test, pinned revisions, others made active, many threads."""
    add = example(
        {**WITH_MORE, "test_add.py": "from pytest_symbiont import RustPanic\n" + WITH_MORE["test_add.py"]}
    )
    add.run(
        "--evolve", "--evolve-isolation=strict", "--evolve-write=never",
        answers=[RIGHT], outcomes={"passed": 3}, subprocess=True,
    )  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS)
def test_strict_refuses_where_a_layer_is_missing(
    example: NewExample, monkeypatch: pytest.MonkeyPatch, layer: str
) -> None:
    """The worker is told to do without one, as it does by itself on a kernel that has it not."""
    kept = [name for name in LAYERS if name != layer]
    real = worker.Worker.__init__
    monkeypatch.setattr(
        worker.Worker, "__init__", lambda self, path, _, **more: real(self, path, kept, **more)
    )
    add = example(FILES)
    ran = add.run("--evolve", "--evolve-isolation=strict", answers=[], code=4)
    assert f"--evolve-isolation=strict: {layer} does not hold on this machine" in ran.err
    ran = add.run("--evolve", "--evolve-write=never", answers=[RIGHT])
    assert f"; not on this machine: {layer})" in header(ran.out)


def test_strict_refuses_a_compiler_that_cannot_be_confined(
    example: NewExample, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rustc, _ = counting(tmp_path_factory.mktemp("script"), Workbench().toolchain)
    env = {"RUSTC": str(rustc)}
    add = example(FILES)
    ran = add.run("--evolve", "--evolve-isolation=strict", env=env, answers=[], code=4)
    assert "is a script, and what it starts cannot be confined" in ran.err
    # A round that is lost does not come to rustfmt, which this compiler's folder has not.
    ran = add.run("--evolve", "--evolve-rounds=1", env=env, answers=["No."], code=1)
    assert header(ran.out).endswith("; rustc is a script and sees every file")


def test_off_does_without_and_says_so(example: NewExample) -> None:
    add = example(FILES)
    crash = rust(
        'pub fn add(a: i64, b: i64) -> i64 { eprintln!("{a}"); let x: Vec<u8> = vec![]; x[0] as i64 + b }'
    )
    ran = add.run("--evolve", "--evolve-isolation=off", answers=[crash, RIGHT], changed={"add.rs": GREEN})
    assert header(ran.out) == "off (a worker without a sandbox)"
    assert "The Rust code panicked" in ran.last_message(1), "a process of its own and a deadline stay"


def test_other_systems_need_it_said_out_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    modes: tuple[Mode, Mode] = ("auto", "strict")
    for mode in modes:
        with pytest.raises(SymbiontError, match=rf"--evolve-isolation={mode}: .* this is darwin"):
            Isolation.of(mode)
    assert Isolation.of("off").layers == ()
