"""One fresh process: ten candidates, each timed beside bare rustc and beside cargo, as JSON on stdout.

Every candidate is a text that nobody has seen; rustc gets the very crate root and the very arguments.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

_BEGAN = time.perf_counter()

from pytest_symbiont.bridge.registry import Registry  # noqa: E402 - how long this takes is a result
from pytest_symbiont.bridge.remote import RemoteRoute  # noqa: E402
from pytest_symbiont.build.builder import Build, Profile, crate_root  # noqa: E402

_IMPORTED = time.perf_counter() - _BEGAN

if TYPE_CHECKING:
    from pytest_symbiont.bridge.handle import Handle

TRIVIAL = """\
pub fn work(a: i64, b: i64) -> i64 {
    a + b + UNIQUE
}
"""
REALISTIC = """\
use std::collections::HashMap;

pub fn work(text: &str) -> String {
    let mut counts: HashMap<&str, COUNT> = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_insert(0) += 1;
    }
    let mut pairs: Vec<(&str, COUNT)> = counts.into_iter().collect();
    pairs.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    let lines: Vec<String> = pairs.iter().map(|(word, count)| format!("{word}: {count}")).collect();
    lines.join(", UNIQUE, ")
}
"""
BODIES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "trivial": (TRIVIAL, (1, 2)),
    "realistic": (REALISTIC, ("to be or not to be",)),
}
_MANIFEST = """\
[package]
name = "candidate"
version = "0.0.0"
edition = "2024"
[lib]
crate-type = ["cdylib"]
"""
_EXPORT = {
    "trivial": "#[unsafe(no_mangle)] pub fn exported(a: i64, b: i64) -> i64 { work(a, b) }\n",
    "realistic": "#[unsafe(no_mangle)] pub fn exported(text: &str) -> String { work(text) }\n",
}


@dataclass
class Times:
    """Seconds by candidate, and the size of a library in bytes."""

    ours: list[float] = field(default_factory=list)
    rustc: list[float] = field(default_factory=list)
    cargo: list[float] = field(default_factory=list)
    size: int = 0
    cargo_size: int = 0


class Contest:
    """One body: candidates of it in a file of their own."""

    def __init__(self, body: str, folder: Path) -> None:
        self.body = body
        self.template, self.arguments = BODIES[body]
        self.folder = folder / body
        self.folder.mkdir(parents=True)
        # Another type each time: of a body that differs by a number, incremental builds keep almost all.
        self.counts = cycle(["usize", "u64", "i64", "u32", "i32", "u16", "i16", "isize", "u128", "i128"])
        path = self.folder / "work.rs"
        path.write_text(self.text(), "utf-8")
        self.registry = Registry()
        self.function = self.registry.function(path, "work")
        self.worker, self.inside = Times(), Times()

    def text(self) -> str:
        """A candidate that has nothing in common with those before that a compiler could keep."""
        text = self.template.replace("COUNT", next(self.counts))
        return text.replace("UNIQUE", str(time.time_ns() % 1_000_000_000))

    def handle(self) -> Handle:
        handle = self.registry.handle(self.function)
        assert handle is not None
        return handle

    def round(self, *, with_cargo: bool) -> None:
        """One candidate each way, each beside rustc and cargo."""
        text = self.text()
        self.worker.ours.append(self.through_worker(text))
        self.worker.rustc.append(self.bare(text, Profile.TRIAL))
        if with_cargo:
            self.worker.cargo.append(self.cargo("debug", self.worker))
        text = self.text()
        self.inside.rustc.append(self.bare(text, Profile.PROMOTION))
        self.inside.ours.append(self.in_process(text))
        if with_cargo:
            self.inside.cargo.append(self.cargo("release", self.inside))

    def through_worker(self, text: str) -> float:
        """Text in, an answer of a new worker out."""
        began = time.perf_counter()
        file = self.handle().file
        revision = file.add(text)
        executable = file.workbench.builder.native.worker
        route = RemoteRoute(
            executable,
            lambda _, profile: file.build(revision, profile),
            Profile.TRIAL,
            timeout=60,
            output=lambda _: None,
        )
        with self.handle().through(route, revision):
            self.function(*self.arguments)
            took = time.perf_counter() - began
        route.close()
        self.worker.size = self.library_size(text, Profile.TRIAL)
        return took

    def in_process(self, text: str) -> float:
        """Text in, an answer of the promoted callable out."""
        began = time.perf_counter()
        file = self.handle().file
        file.promote(file.add(text))
        self.function(*self.arguments)
        took = time.perf_counter() - began
        self.inside.size = self.library_size(text, Profile.PROMOTION)
        return took

    def library_size(self, text: str, profile: Profile) -> int:
        file = self.handle().file
        build = file.build(file.add(text), profile)
        assert isinstance(build, Build)
        assert build.cached
        return build.library.stat().st_size

    def bare(self, text: str, profile: Profile) -> float:
        """The rustc that a build runs, run alone."""
        builder = self.handle().file.workbench.builder
        work = self.folder / "rustc"
        work.mkdir(exist_ok=True)
        (work / "work.rs").write_text(crate_root(text, [self.handle().entry]), "utf-8")
        command = [
            str(builder.toolchain.rustc),
            "--error-format=json",
            *builder.arguments("work.rs", profile),
        ]
        environment = {"TMPDIR": str(work), "LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)}
        began = time.perf_counter()
        subprocess.run(command, cwd=work, env=environment, stderr=subprocess.DEVNULL, check=True)
        return time.perf_counter() - began

    def cargo(self, profile: str, times: Times) -> float:
        """`cargo build` of a crate with nothing but this function, after the first time."""
        command = ["cargo", "build", "--offline", "--quiet"]
        command += ["--release"] if profile == "release" else []
        crate = self.folder / "crate"
        source = crate / "src" / "lib.rs"
        environment = {**os.environ, "CARGO_TARGET_DIR": str(crate / "target")}
        if not (crate / "target" / profile).exists():
            source.parent.mkdir(parents=True, exist_ok=True)
            (crate / "Cargo.toml").write_text(_MANIFEST, "utf-8")
            source.write_text(self.text() + _EXPORT[self.body], "utf-8")
            subprocess.run(command, cwd=crate, env=environment, check=True)
        source.write_text(self.text() + _EXPORT[self.body], "utf-8")
        began = time.perf_counter()
        subprocess.run(command, cwd=crate, env=environment, check=True)
        took = time.perf_counter() - began
        times.cargo_size = (crate / "target" / profile / "libcandidate.so").stat().st_size
        return took


def main() -> None:
    folder, candidates = Path(sys.argv[1]), int(sys.argv[2])
    with_cargo = shutil.which("cargo") is not None
    found: dict[str, object] = {"imports": _IMPORTED}
    for body in BODIES:
        contest = Contest(body, folder)
        for _ in range(candidates):
            contest.round(with_cargo=with_cargo)
        found[body] = {"worker": vars(contest.worker), "in-process": vars(contest.inside)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
