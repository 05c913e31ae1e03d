"""Functions of published packages, evolved back; and what a candidate costs beside cargo's own rustc.

    python benchmarks/packages.py [CANDIDATES]

Fetches the packages through cargo. Each function's body is replaced by `todo!()`, a session is answered the
original body by script, and `git diff` has to be empty then. A candidate is the package's crate as trials
build it, with another body each; the crate's own rustc is what `cargo build` runs when the same line has
changed, with its incremental folder. The ratio is of medians, measured in turn.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from model_server import ModelServer

from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.build.builder import Build, Profile
from pytest_symbiont.build.cargo import Recorded, recorded, watched
from pytest_symbiont.build.package import Where
from pytest_symbiont.source import parse
from pytest_symbiont.source.edit import replace_bodies


@dataclass(frozen=True, slots=True)
class Case:
    """A function of a package, and an assertion about ``f``, by which it is called."""

    package: str
    version: str
    file: str
    path: str
    check: str


CASES = (
    Case("itoa", "1.0.18", "src/u128_ext.rs", "mulhi", "f(1 << 127, 6) == 3 and f(5, 7) == 0"),
    Case("textwrap", "0.16.2", "src/indentation.rs", "indent", "f('a\\n\\nb', '> ') == '> a\\n>\\n> b'"),
    Case(
        "regex-syntax",
        "0.8.8",
        "src/lib.rs",
        "is_escapeable_character",
        "f('%') and not f('a') and not f('<')",
    ),
)
_TEST = """
import pytest
from pytest_symbiont import evolvable

f = evolvable("{0.file}::{0.path}", crate="..")


@pytest.mark.evolve(f)
def test_f():
    assert {0.check}
"""


def main() -> int:
    candidates = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        sources = fetched(Path(folder))
        print(f"{'package':14} {'lines':>7} {'evolved back':>13} {'candidate':>10} {'cargo':>9} {'ratio':>6}")
        for case in CASES:
            package = sources / case.package
            back = evolved_back(case, package)
            ours, own = measured(case, package, candidates)
            failed = failed or not back
            print(
                f"{case.package:14} {lines(package):7,} {'yes' if back else 'NO':>13} {ours * 1e3:7.0f} ms "
                f"{own * 1e3:6.0f} ms {ours / own:6.2f}"
            )
    return int(failed)


def fetched(folder: Path) -> Path:
    """The packages' sources, as published."""
    needs = "".join(f'{case.package} = "={case.version}"\n' for case in CASES)
    manifest = f'[package]\nname = "all"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n{needs}'
    (folder / "src").mkdir()
    (folder / "src" / "lib.rs").touch()
    (folder / "Cargo.toml").write_text(manifest)
    run(folder, "cargo", "vendor", "--quiet", "vendor")
    return folder / "vendor"


def lines(package: Path) -> int:
    return sum(len(path.read_bytes().splitlines()) for path in package.glob("src/**/*.rs"))


def evolved_back(case: Case, package: Path) -> bool:
    """Whether a session writes the body again that was there, and changes nothing else."""
    file = package / case.file
    original = file.read_text()
    function = parse.find(original, case.path, file=case.file)
    with (package / "Cargo.toml").open("a") as manifest:
        manifest.write("\n[workspace]\n")
    tests = package / "symbiont_tests"
    tests.mkdir()
    (tests / "test_f.py").write_text(_TEST.format(case))
    git(package, "init", "--quiet")
    git(package, "add", "--all", "--force")
    git(package, "-c", "user.name=b", "-c", "user.email=b@b", "commit", "--quiet", "--message=published")
    file.write_text(replace_bodies(original, {case.path: "{\n    todo!()\n}"}))
    answer = f"```rust\n{function.signature} {function.body}\n```"
    with ModelServer([answer]) as server:
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "--evolve",
                f"--evolve-model=scripted@{server.url}",
                "symbiont_tests",
            ],
            cwd=package,
            env={**os.environ, "OPENAI_API_KEY": "none"},
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return git(package, "diff", "--stat", "--", "src") == "" and file.read_text() == original


def git(package: Path, *arguments: str) -> str:
    return run(package, "git", *arguments)


def run(folder: Path, program: str, *arguments: str, environment: dict[str, str] | None = None) -> str:
    """What a program of PATH prints."""
    found = shutil.which(program)
    if found is None:
        sys.exit(f"{program} is not on PATH")
    done = subprocess.run(
        [found, *arguments], cwd=folder, check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout


def measured(case: Case, package: Path, candidates: int) -> tuple[float, float]:
    """The seconds of a candidate's rustc, and of the one that cargo runs, incrementally."""
    registry = Registry()
    file = package / case.file
    handle = registry.handle(registry.function(file, case.path, where=Where(package)))
    assert handle is not None
    original = file.read_text()
    body = handle.function.body
    command = cargo_command(package)
    environment = {**os.environ, **command.environment}
    environment.pop("CARGO_MAKEFLAGS", None)
    ours, own = [], []
    for number in range(candidates + 1):
        text = replace_bodies(original, {case.path: body.replace("{", f"{{ let _unused = {number}u8;", 1)})
        build = handle.file.build(handle.file.add(text), Profile.TRIAL)
        assert isinstance(build, Build), build.text
        file.write_text(text)
        began = time.perf_counter()
        subprocess.run(command.command, cwd=command.folder, env=environment, check=True, capture_output=True)
        own.append(time.perf_counter() - began)
        ours.append(build.seconds)
    file.write_text(original)
    return statistics.median(ours[1:]), statistics.median(own[1:])


def cargo_command(package: Path) -> Recorded:
    """The rustc that `cargo build` runs for the package's library."""
    shutil.rmtree(package / "target", ignore_errors=True)
    home = package / "symbiont_tests"
    run(package, "cargo", "build", "--quiet", "--lib", environment=watched({}, home, home / "record"))
    found = recorded(home / "record", (package / "src" / "lib.rs").resolve())
    assert found is not None
    return found


if __name__ == "__main__":
    sys.exit(main())
