"""Checks what is inside the wheel and the sdist: the Rust that is built on the user's machine, above all."""

from __future__ import annotations

import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "pytest_symbiont"
# Files of these kinds are read at run time.
KINDS = {".py", ".c", ".css", ".j2", ".js", ".typed"}


def main() -> None:
    dist = Path(sys.argv[1])
    (wheel,) = dist.glob("*.whl")
    (sdist,) = dist.glob("*.tar.gz")
    inside = set(zipfile.ZipFile(wheel).namelist())
    problems = [f"{wheel.name} lacks {name}" for name in sorted(_expected() - inside)]
    strange = {name for name in inside if not name.startswith((f"{PACKAGE}/", f"{PACKAGE}-"))}
    problems += [f"{wheel.name} holds {name}, which is no part of it" for name in sorted(strange)]
    if not wheel.name.endswith("-py3-none-any.whl"):
        problems.append(f"{wheel.name} is not a wheel for every machine")
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    problems += [f"{sdist.name} lacks {name}" for name in _sources() - packed]
    problems += _bounds()
    if problems:
        sys.exit("\n".join(problems))
    print(f"package: {len(inside)} files in {wheel.name}, {len(packed)} in {sdist.name}")


def _expected() -> set[str]:
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / PACKAGE).rglob("*") if path.suffix in KINDS}
    native = {
        f"{PACKAGE}/{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / "native").rglob("*.rs")
        if "target" not in path.parts
    }
    for needed, found in (("Python and data", ours), ("Rust", native)):
        if not found:
            sys.exit(f"no {needed} files in {ROOT}")
    return ours | native


def _bounds() -> list[str]:
    """What is tested as the oldest versions must be what pyproject.toml calls the oldest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {dependency.replace(">=", "==") for dependency in project["dependencies"]}
    lines = (ROOT / ".ci" / "lowest.txt").read_text("utf-8").splitlines()
    tested = {line for line in lines if line and not line.startswith("#")}
    return [f".ci/lowest.txt and pyproject.toml differ in {name}" for name in sorted(declared ^ tested)]


def _sources() -> set[str]:
    """What the sdist must have beside the package, so that it can be built and tested."""
    kept = ("LICENSE-APACHE", "LICENSE-MIT", "README.md", "CHANGELOG.md", "pyproject.toml", "tox.ini")
    rust = {path.relative_to(ROOT).as_posix() for path in (ROOT / "native").glob("*/src/*.rs")}
    return {*kept, *rust, "tests/conftest.py", "example_suites/gcd/test_gcd.py"}


if __name__ == "__main__":
    main()
