"""The files of an exported package, rendered."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.shipping.function import Exported

MARKER = ".pytest-symbiont-export"


def files(name: str, sources: Mapping[str, str], functions: Sequence[Exported]) -> dict[str, str]:
    """Every file's text by its path in the folder. ``sources`` are the Rust texts by the file's stem."""
    values = {
        "name": name,
        "stems": sorted(sources),
        "functions": functions,
        "version": version("pytest-symbiont"),
    }
    made = {
        path: _environment().get_template(template).render(values)
        for path, template in (
            ("Cargo.toml", "Cargo.toml.j2"),
            ("README.md", "README.md.j2"),
            ("pyproject.toml", "pyproject.toml.j2"),
            ("src/lib.rs", "lib.rs.j2"),
            (f"python/{name}/__init__.py", "init.py.j2"),
            (f"python/{name}/_errors.py", "errors.py.j2"),
            (f"python/{name}/__init__.pyi", "init.pyi.j2"),
        )
    }
    made[f"python/{name}/py.typed"] = ""
    for stem, text in sources.items():
        made[f"evolved/{stem}/src/lib.rs"] = text
        made[f"evolved/{stem}/Cargo.toml"] = _environment().get_template("evolved.toml.j2").render(stem=stem)
    return made


@cache
def _environment() -> Environment:
    return Environment(  # noqa: S701 - Rust, TOML and Python, no HTML
        loader=PackageLoader("pytest_symbiont.shipping"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
