"""The std that candidates link: what it passes on, what it keeps, and that nobody widens it by accident."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.build.toolchain import Toolchain, discover

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "native" / "std"
CRATES = {"std": SOURCES / "src", "core": SOURCES / "core" / "src", "alloc": SOURCES / "alloc" / "src"}
REVIEWED = HERE / "facade_paths.txt"
WORDS = (
    *("alloc", "arch", "backtrace", "env", "ffi", "fs", "include", "io", "net", "os", "panic", "path"),
    *("process", "thread", "time"),
)


@dataclass(frozen=True, slots=True)
class Facade:
    """A toolchain, a folder to build in, and the flags by which a candidate links the facade."""

    toolchain: Toolchain
    folder: Path

    @property
    def flags(self) -> list[str]:
        crates = [f"--extern={name}={self.folder / f'lib{name}.rlib'}" for name in CRATES]
        return ["-Funsafe_code", *crates, f"--extern=proc_macro={self.folder / 'closed'}"]

    def compile(self, text: str, flags: Iterable[str], *more: str) -> list[tuple[int, str]]:
        """The errors of ``text`` as (line, message); none means that it built."""
        source = self.folder / "source.rs"
        source.write_text(text, "utf-8")
        kind = more or ("--crate-type=lib", "--emit=metadata")
        done = self.rustc(*flags, *kind, "-Awarnings", "-Cprefer-dynamic", source)
        found = [json.loads(line) for line in done.stderr.splitlines()]
        errors = [
            (span["line_start"], f"{error['message']}: {span['label']}")
            for error in found
            if error["level"] == "error"
            for span in error["spans"]
            if span["is_primary"]
        ]
        assert done.returncode == 0 or errors, done.stderr
        return errors

    def rustc(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [self.toolchain.rustc, "--edition=2024", "--error-format=json", *arguments]
        environment = {**os.environ, "LD_LIBRARY_PATH": str(self.toolchain.libraries)}
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )


def build_facade(toolchain: Toolchain, folder: Path, *flags: str) -> Facade:
    facade = Facade(toolchain, folder)
    for name, source in CRATES.items():
        identity = ("--crate-type=rlib", f"--crate-name={name}", "-Cmetadata=symbiont", "-Dwarnings")
        done = facade.rustc(*identity, *flags, f"-olib{name}.rlib", source / "lib.rs")
        assert done.returncode == 0, done.stderr
    return facade


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return discover(os.environ)


@pytest.fixture(scope="session")
def facade(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Facade:
    return build_facade(toolchain, tmp_path_factory.mktemp("facade"))


def refused(facade: Facade, pieces: Sequence[str], flags: Iterable[str]) -> dict[int, str]:
    """The messages by piece. rustc stops after a phase with errors, so what is left is tried again."""
    flags, messages = list(flags), dict[int, str]()
    while True:
        owners, lines = list[int](), list[str]()
        for number, piece in enumerate(pieces):
            if number not in messages:
                lines += piece.splitlines()
                owners += [number] * (len(lines) - len(owners))
        errors = facade.compile("\n".join([*lines, ""]), flags)
        if not errors:
            return messages
        for line, message in errors:
            owner = owners[line - 1]
            messages[owner] = "\n".join([*filter(None, [messages.get(owner)]), message])


def doors() -> list[tuple[str, str]]:
    """The expected message and the code of each piece of ``closed_doors.rs``."""
    text = (HERE / "closed_doors.rs").read_text("utf-8")
    pieces = re.findall(r"^//# (.+)\n((?:(?!//).+\n)+)", text, re.MULTILINE)
    assert len(pieces) == text.count("\n//# ")
    return pieces


def modules(pieces: Iterable[str]) -> list[str]:
    return [f"pub mod piece{number} {{\n{piece}}}" for number, piece in enumerate(pieces)]


@pytest.fixture(scope="session")
def refusals(facade: Facade) -> dict[int, str]:
    return refused(facade, modules(code for _, code in doors()), facade.flags)


@pytest.mark.parametrize(("number", "expected"), list(enumerate(message for message, _ in doors())))
def test_a_door_is_closed_and_rustc_says_which(refusals: dict[int, str], number: int, expected: str) -> None:
    assert expected in refusals.get(number, "it compiled")


def test_no_other_crate_of_the_toolchain_is_reachable(facade: Facade) -> None:
    """`proc_macro` is stable and closed by the flags; rustc itself refuses the rest as unstable."""
    names = {path.name[3:].partition("-")[0] for path in facade.toolchain.libraries.glob("lib*.rlib")}
    assert {"proc_macro", "test", "libc"} <= names
    others = sorted(names - set(CRATES))
    pieces = [f"extern crate {name};" for name in others]
    reached = [
        others[number] for number in set(range(len(others))) - set(refused(facade, pieces, facade.flags))
    ]
    assert reached == []


def test_every_door_is_there_in_the_real_std(facade: Facade) -> None:
    """A piece with a typing error would be refused for the wrong reason."""
    assert refused(facade, modules(code for _, code in doors()), []) == {}


@pytest.mark.skipif(shutil.which("cc") is None, reason="a program is linked by cc")
def test_a_broad_candidate_does_the_same_as_with_the_real_std(facade: Facade) -> None:
    source = (HERE / "broad_candidate.rs").read_text("utf-8")
    said = []
    for flags in (facade.flags, ["-Funsafe_code"]):
        assert facade.compile(source, flags, "--crate-type=bin", "-oprogram") == []
        environment = {"LD_LIBRARY_PATH": str(facade.toolchain.libraries)}
        done = subprocess.run([facade.folder / "program"], env=environment, capture_output=True, check=True)
        said.append(done)
    assert said[0].stdout == said[1].stdout
    assert said[0].stderr == said[1].stderr
    assert b"printed line 1" in said[0].stdout


def test_the_error_is_at_the_line_of_the_candidate(facade: Facade) -> None:
    text = "pub fn f() {\n    let _ = 1;\n    std::thread::spawn(|| 1);\n}\n"
    assert facade.compile(text, facade.flags) == [
        (3, "cannot find `thread` in `std`: could not find `thread` in `std`")
    ]


def test_the_error_does_not_speak_of_what_a_project_could_open(facade: Facade) -> None:
    """rustc names items that a `cfg` took away ("gated behind the `fs` feature"), and models follow."""
    (facade.folder / "source.rs").write_text("pub type X = std::fs::File;\n", "utf-8")
    said = facade.rustc(*facade.flags, "--crate-type=lib", "source.rs").stderr
    assert "could not find `fs` in `std`" in said
    assert "symbiont" not in said
    assert "gated" not in said


def reviewed(mark: str) -> set[str]:
    lines = REVIEWED.read_text("utf-8").splitlines()
    return {line[2:] for line in lines if line.startswith(f"{mark} ")}


def documented(toolchain: Toolchain) -> set[str]:
    """Every public path of this toolchain's standard library, stable or not, where its documentation is."""
    root, found = toolchain.sysroot / "share" / "doc" / "rust" / "html", set[str]()
    for crate in CRATES:
        index = root / crate / "all.html"
        for page in re.findall(r'href="([^"#]+)\.html"', index.read_text("utf-8") if index.is_file() else ""):
            *folders, item = page.split("/")
            kind, _, name = item.partition(".")
            # `arch` is thousands of functions; it is reviewed as one.
            if (
                name
                and kind not in {"keyword", "primitive"}
                and folders[:1] not in (["arch"], ["intrinsics"])
            ):
                found.add("::".join([crate, *folders, name]).replace("::try", "::r#try"))
        found |= {"::".join([crate, *path.parent.relative_to(root / crate).parts])
                  for path in (root / crate).glob("*/**/index.html")}  # fmt: skip
    return found


def resolving(facade: Facade, paths: Iterable[str], flags: Iterable[str]) -> set[str]:
    ordered = sorted(paths)
    uses = ["extern crate alloc;", *(f"use {path} as _;" for path in ordered)]
    missing = refused(facade, uses, flags)
    return {path for number, path in enumerate(ordered, 1) if number not in missing}


def test_what_is_reachable_is_what_was_reviewed(facade: Facade) -> None:
    """After a review, change the list: `+` for what candidates may use, `-` for what stays shut."""
    known = reviewed("+") | reviewed("-") | documented(facade.toolchain)
    leaves = {path.rpartition("::")[2] for path in known}
    known |= {f"{crate}::prelude::rust_2024::{leaf}" for crate in ("std", "core") for leaf in leaves}
    real = resolving(facade, known, [])
    # What an older std has not yet under this path cannot be asked of it; the facade may have it early.
    assert resolving(facade, real, facade.flags) == reviewed("+") & real
    assert not reviewed("-") & reviewed("+")


def exports(crate: str) -> set[str]:
    """The paths that the sources pass on by name, as the crate's users write them, without what is opt-in."""
    found = set[str]()
    for path in CRATES[crate].glob("*.rs"):
        text = re.sub(r"//.*|#\[cfg\(.*\s+pub use [^;]*;", "", path.read_text("utf-8"))
        for head, names in re.findall(r"pub use (?:real|core)::([\w:]*?)(\w+|\{[^}]*\});", text):
            found |= {f"{crate}::{head}{name}" for name in re.findall(r"\w+", names)}
    # Those of the preludes have no page of their own; that test asks rustc for each name.
    return {path for path in found if "::prelude::" not in path}


def test_every_name_that_the_facade_passes_on_was_reviewed() -> None:
    unknown = {crate: sorted(exports(crate) - reviewed("+")) for crate in CRATES}
    assert unknown == {crate: [] for crate in CRATES}


def test_the_facade_passes_on_under_the_same_name_and_defines_nothing() -> None:
    for path in SOURCES.rglob("*.rs"):
        text = re.sub(r"//.*", "", path.read_text("utf-8"))
        assert not re.findall(r"\b(?:fn|struct|enum|trait|static|const|macro_rules|unsafe|type)\b", text), (
            path
        )
        assert not re.findall(r"\b(?:real|core)::\*|\breal as\b|pub extern|(?<!std|loc) as ", text), path


@pytest.mark.parametrize("word", WORDS)
def test_a_word_opens_its_door_and_no_other(toolchain: Toolchain, tmp_path: Path, word: str) -> None:
    facade = build_facade(toolchain, tmp_path, "--cfg=symbiont_allow", f'--cfg=symbiont_allow="{word}"')
    opened = resolving(facade, reviewed("-"), facade.flags)
    assert opened
    assert [path for path in opened if word not in re.split("::|_", path)] == []
