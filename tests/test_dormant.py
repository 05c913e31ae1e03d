"""A project that installed the plugin and does not use it: what it must not pay for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pytest_symbiont

HEAVY = {
    "anthropic", "cffi", "_cffi_backend", "coverage", "jinja2", "msgspec", "numpy", "openai", "pydantic",
    "rich", "tree_sitter", "tree_sitter_rust",
}  # fmt: skip
SESSION = """
import sys
import pytest

pytest.main(["-q", "-p", "pytest_symbiont.plugin", *sys.argv[1:]])
print("loaded:", *sys.modules)
"""


def loaded(folder: Path, *arguments: str) -> set[str]:
    """The modules of a process that ran pytest in this folder with our plugin and no other."""
    source = Path(pytest_symbiont.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", SESSION, *arguments],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.rpartition("loaded:")[2].split())


@pytest.mark.parametrize("arguments", [(), ("--collect-only",), ("--help",), ("--markers",)])
def test_an_unused_plugin_imports_nothing_heavy(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "test_plain.py").write_text("def test_plain():\n    assert True\n", "utf-8")
    modules = loaded(tmp_path, *arguments)
    assert "pytest_symbiont.plugin" in modules
    assert modules & HEAVY == set()
    assert {name for name in modules if name.startswith("pytest_symbiont.")} == {
        "pytest_symbiont.current",
        "pytest_symbiont.errors",
        "pytest_symbiont.hookspecs",
        "pytest_symbiont.plugin",
        "pytest_symbiont.setting_values",
        "pytest_symbiont.settings",
    }


def test_the_package_itself_imports_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "test_named.py").write_text(
        "from pytest_symbiont import RustPanic, SymbiontError\n\n"
        "def test_named():\n    assert issubclass(RustPanic, Exception)\n",
        "utf-8",
    )
    assert loaded(tmp_path) & HEAVY == set()


def test_a_declaration_imports_no_model(tmp_path: Path) -> None:
    (tmp_path / "one.rs").write_text("pub fn one() -> u8 {\n    1\n}\n", "utf-8")
    (tmp_path / "test_one.py").write_text(
        'from pytest_symbiont import evolvable\n\none = evolvable("one.rs::one")\n\n'
        "def test_one():\n    assert one() == 1\n",
        "utf-8",
    )
    modules = loaded(tmp_path)
    assert "tree_sitter" in modules
    assert modules & {"anthropic", "openai", "jinja2", "rich", "coverage", "numpy"} == set()
