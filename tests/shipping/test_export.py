"""`pytest-symbiont export`: what it writes and refuses; the same tests pass against the package."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pages import ROOT, blocks

from pytest_symbiont.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

# A real build fetches PyO3 and maturin from registries. Read here, because tests see a clean environment.
BUILT = pytest.mark.skipif(
    not os.environ.get("PYTEST_SYMBIONT_EXPORT_BUILDS"),
    reason="PYTEST_SYMBIONT_EXPORT_BUILDS=1 builds with PyO3",
)

KINDS = """\
//! Many kinds.
use std::collections::HashMap;

/// Sort ascending,
/// in place.
pub fn sort(xs: &mut [i64]) {
    xs.sort();
}
pub fn half(x: u8) -> Result<u8, String> {
    if x % 2 == 0 { Ok(x / 2) } else { Err(format!("{x} is odd")) }
}
pub fn count(words: &[String], least: Option<u32>) -> HashMap<String, u32> {
    let mut counts = HashMap::new();
    for word in words {
        *counts.entry(word.clone()).or_insert(0) += 1;
    }
    counts.retain(|_, count| *count >= least.unwrap_or(0));
    counts
}
pub fn first(text: &str) -> &str {
    text.split(' ').next().unwrap()
}
pub fn fourth(xs: Vec<f64>) -> f64 {
    xs[3]
}
/// Named like what generated code might use.
pub fn caught(list_0: bool) -> bool {
    !list_0
}
pub fn add(a: u8, b: u8) -> u8 {
    private(a) + b
}
fn private(a: u8) -> u8 {
    a
}
pub fn split(bytes: Vec<u8>, c: char) -> (Vec<u8>, bool) {
    (bytes, c == 'x')
}
"""
TESTS = """\
import pytest
from pytest_symbiont import RustError, RustPanic, evolvable

kinds = evolvable("kinds.rs")
sort = evolvable("kinds.rs::sort")
half = evolvable("fn half(x: u8) -> Result<u8, String>", file="kinds.rs")

@pytest.mark.evolve(sort, half, kinds.first)
def test_values():
    xs = [3, 1, 2]
    assert sort(xs) is None
    assert xs == [1, 2, 3]
    assert kinds.count(words=["a", "b", "a"], least=2) == {"a": 2}
    assert kinds.count(["a"], None) == {"a": 1}
    assert kinds.first("so be it") == "so"
    assert kinds.split(b"ab", "x") == (b"ab", True)
    assert half(8) == 4
    assert kinds.caught(list_0=True) is False

@pytest.mark.evolve(half)
def test_errors():
    with pytest.raises(RustError) as caught:
        half(7)
    assert caught.value.value == "7 is odd"
    with pytest.raises(RustPanic, match="index out of bounds"):
        kinds.fourth([1.0])
    with pytest.raises(RustPanic, match="overflow"):
        kinds.add(200, 100)
    with pytest.raises(OverflowError):
        kinds.add(256, 0)
    with pytest.raises(TypeError):
        kinds.first(1)
    xs = [1, "2"]
    with pytest.raises(TypeError):
        sort(xs)
    assert xs == [1, "2"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kinds.rs").write_text(KINDS)
    return tmp_path


def _export(*arguments: object) -> int:
    return main(["export", *map(str, arguments)])


def test_what_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = folder / "my-kinds"
    assert _export(folder / "kinds.rs", "--to", to) == 0
    assert "sort, half, count, first, fourth, caught, add, split" in capsys.readouterr().out
    assert (to / "evolved/kinds/src/lib.rs").read_text() == KINDS
    glue = (to / "src/lib.rs").read_text()
    assert (
        """
/// Sort ascending,
/// in place.
#[pyfunction]
#[pyo3(signature = (xs))]
fn sort(symbiont_py: Python<'_>, xs: Bound<'_, PyList>) -> PyResult<()> {
    let mut symbiont_list_0: Vec<i64> = xs.extract()?;
    let symbiont_result = symbiont_caught(symbiont_py, || evolved_kinds::sort(&mut symbiont_list_0))?;
    xs.set_slice(0, xs.len(), PyList::new(symbiont_py, symbiont_list_0)?.as_any())?;
    Ok(symbiont_result)
}

#[pyfunction]
#[pyo3(signature = (x))]
fn half(symbiont_py: Python<'_>, x: u8) -> PyResult<u8> {
    let symbiont_result = symbiont_caught(symbiont_py, || evolved_kinds::half(x))?;
    symbiont_result.map_err(|error| symbiont_exception(symbiont_py, "RustError", error))
}
"""
        in glue
    )
    assert "private" not in glue
    stubs = (to / "python/my_kinds/__init__.pyi").read_text().splitlines()
    assert [line for line in stubs if line.startswith("def ")] == [
        "def sort(xs: list[int]) -> None: ...",
        "def half(x: int) -> int: ...",
        "def count(words: Sequence[str], least: int | None) -> dict[str, int]: ...",
        "def first(text: str) -> str: ...",
        "def fourth(xs: Sequence[float]) -> float: ...",
        "def caught(list_0: bool) -> bool: ...",
        "def add(a: int, b: int) -> int: ...",
        "def split(bytes: bytes | Sequence[int], c: str) -> tuple[bytes, bool]: ...",
    ]
    assert (to / "python/my_kinds/py.typed").is_file()


def test_the_next_export_keeps_what_is_the_users(folder: Path) -> None:
    to = folder / "kinds_py"
    (folder / "other.rs").write_text("pub fn one() -> u8 { 1 }\n")
    assert _export(folder / "kinds.rs", folder / "other.rs::one", "--to", to) == 0
    (to / "pyproject.toml").write_text("# mine\n")
    (to / "notes.txt").write_text("mine too\n")
    for _ in range(2):
        assert _export(folder / "kinds.rs::add", "--to", to) == 0
        assert (to / "pyproject.toml").read_text() == "# mine\n"
        assert (to / "notes.txt").read_text() == "mine too\n"
        assert not (to / "evolved/other/src/lib.rs").exists()
        assert "fn half" not in (to / "src/lib.rs").read_text()


@pytest.mark.parametrize(
    ("rust", "target", "why"),
    [
        ("pub fn f() -> u8 {\n    todo!()\n}", "f.rs::f", "f.rs::f: has no body yet"),
        ("fn f() -> u8 { 1 }", "f.rs::f", "is private"),
        ("pub fn f<T: Ord>(x: T) -> T { x }", "f.rs::f", "is generic"),
        (
            "pub struct P { pub x: i64 }\npub fn f(p: &P) -> i64 { p.x }",
            "f.rs",
            "f.rs::f: P cannot",
        ),
        ("pub fn f(x: Option<Option<u8>>) -> u8 { 1 }", "f.rs", "Option<u8>> cannot be exported"),
        ("pub fn f(lambda: u8) -> u8 { lambda }", "f.rs", "the name 'lambda'"),
        ("pub fn pyo3() -> u8 { 1 }", "f.rs", "the name 'pyo3'"),
        ("pub fn f() -> impl Iterator<Item = u8> { 0..3 }", "f.rs", "cannot be exported"),
        ("pub async fn f() -> u8 { 1 }", "f.rs", "async functions cannot be exported"),
        ("pub struct P { pub x: i64 }", "f.rs::P", "types cannot be exported"),
        ("pub fn f() -> u8 { 1 }", "f.rs::g", "no function 'g'"),
        ("fn f() -> u8 { 1 }", "f.rs", "no public function"),
        ("", "f.py", "expected FILE.rs"),
        ("", "none.rs", "none.rs: no such file"),
    ],
)
def test_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rust: str, target: str, why: str
) -> None:
    (tmp_path / "f.rs").write_text(rust)
    assert _export(tmp_path / target, "--to", tmp_path / "out") == 1
    assert why in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_ours(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "mine.txt").write_text("mine")
    assert _export(folder / "kinds.rs", "--to", folder / "out") == 1
    assert "is not empty and not of an earlier export" in capsys.readouterr().err
    assert [each.name for each in (folder / "out").iterdir()] == ["mine.txt"]


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["export", "f.rs"])
    assert ended.value.code == 2
    assert "--to" in capsys.readouterr().err


@pytest.mark.parametrize("package", ["", pytest.param("kinds_py", marks=BUILT)])
def test_the_same_tests_pass(folder: Path, package: str) -> None:
    (folder / "test_kinds.py").write_text(TESTS)
    env = dict(os.environ)
    if package:
        assert _export(folder / "kinds.rs", "--to", folder / package) == 0
        site = folder / "site"
        pip = [sys.executable, "-m", "pip", "install", "-q", "--target", str(site), str(folder / package)]
        subprocess.run(pip, check=True)
        # The Rust file is not needed any more.
        (folder / "kinds.rs").unlink()
        env |= {"PYTEST_SYMBIONT_INSTALLED": package, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert "2 passed" in ran.stdout, ran.stdout


def test_a_package_that_lacks_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "half_of_it.py").write_text("__all__ = ['f']\ndef f(): return 7\n")
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "from pytest_symbiont import evolvable\n"
        "from pytest_symbiont.errors import SymbiontError\n"
        "def test_it():\n"
        "    assert evolvable('f.rs::f')() == 7\n"
        "    assert evolvable('f.rs').f() == 7\n"
        "    with pytest.raises(SymbiontError, match='has no function g; export it too'):\n"
        "        evolvable('f.rs::g')\n"
        "    with pytest.raises(SymbiontError, match='no generic functions'):\n"
        "        evolvable('f.rs::f', T='u8')\n"
    )
    env = os.environ | {"PYTEST_SYMBIONT_INSTALLED": "half_of_it", "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert "1 passed" in ran.stdout, ran.stdout


def test_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = ROOT / "docs" / "shipping.md"
    (rust,) = blocks(page, "rust")
    (tmp_path / "half.rs").write_text(rust)
    monkeypatch.chdir(tmp_path)
    command = blocks(page, "console")[0].splitlines()[0].split()
    assert command[0] == "pytest-symbiont"
    assert main(command[1:]) == 0
    assert "def half(x: int) -> int: ..." in (tmp_path / "halves/python/halves/__init__.pyi").read_text()
