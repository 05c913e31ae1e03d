"""Which tests run after which save."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.watch.affected import Asked

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "tests/test_sort.py": 'evolvable("../src/sort.rs::sort")',
        "tests/test_gcd.py": 'evolvable("gcd.rs::gcd")',
        "tests/helper.py": "",
        "tests/gcd.rs": "",
        "src/sort.rs": "",
        "src/other.rs": "",
        "conftest.py": "",
        "pyproject.toml": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path.resolve()


@pytest.mark.parametrize(
    ("saved", "expected"),
    [
        (["tests/test_sort.py"], ["tests/test_sort.py"]),
        (["tests/gcd.rs"], ["tests/test_gcd.py"]),
        (["src/sort.rs", "tests/test_gcd.py"], ["tests/test_sort.py", "tests/test_gcd.py"]),
        (["src/other.rs"], None),
        (["tests/helper.py"], None),
        (["tests/test_sort.py", "conftest.py"], None),
        (["pyproject.toml"], None),
    ],
)
def test_affected(folder: Path, saved: list[str], expected: list[str] | None) -> None:
    tests = Asked(["tests"], folder, ["test_*.py"])
    found = tests.affected([folder / name for name in saved])
    assert found == (None if expected is None else [str(folder / name) for name in expected])


def test_chosen_tests_stay_chosen(folder: Path) -> None:
    tests = Asked(["tests/test_sort.py::test_one", "tests/test_gcd.py"], folder, ["test_*.py"])
    assert tests.affected([folder / "tests/test_sort.py"]) == ["tests/test_sort.py::test_one"]
    assert tests.affected([folder / "src/sort.rs"]) == ["tests/test_sort.py::test_one"]
    assert tests.folders == [folder / "tests"]


def test_what_matters(folder: Path) -> None:
    tests = Asked(["tests"], folder, ["test_*.py"])
    names = ("a.py", "a.rs", "pytest.ini", "a.pyc", "a.txt", ".coverage")
    assert [name for name in names if tests.matters(folder / name)] == ["a.py", "a.rs", "pytest.ini"]
