"""From targets to a folder: everything is found and rendered before the first file is written."""

from __future__ import annotations

import keyword
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.shipping.function import exported
from pytest_symbiont.shipping.package import MARKER, files
from pytest_symbiont.source import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.shipping.function import Exported
    from pytest_symbiont.source.values import Function

_THEIRS = "pyproject.toml"
"""Written once; what the user says in it stays."""


def export(targets: Sequence[str], folder: Path) -> list[str]:
    """Write a package for the targets into ``folder``; returns the names of the functions in it."""
    name = _package_name(folder)
    earlier = _earlier(folder)
    registry = Registry()
    sources: dict[str, str] = {}
    found: dict[str, Exported] = {}
    paths: dict[str, Path] = {}
    for target in targets:
        for file, function in _named(registry, target):
            stem, path = file.source.path.stem, file.source.path.resolve()
            if paths.setdefault(stem, path) != path:
                raise SymbiontError(f"{paths[stem]} and {path}: two files of one name; rename one")
            if not stem.isidentifier() or not stem.isascii():
                raise SymbiontError(f"{path.name}: a crate cannot be called {stem}; rename the file")
            made = exported(file, function)
            if found.setdefault(made.name, made).crate != made.crate:
                raise SymbiontError(f"{target}: {made.name} is in two files; export them into two folders")
            sources[stem] = file.source.text
    texts = files(name, sources, list(found.values()))
    if f"python/{name}/__init__.py" in earlier and (folder / _THEIRS).is_file():
        # Version and licence are the user's.
        texts.pop(_THEIRS)
        kept = {_THEIRS}
    else:
        kept = set()
    theirs = [each for each in texts if each not in earlier and (folder / each).exists()]
    if theirs:
        raise SymbiontError(f"{folder / theirs[0]}: is there and is not of an earlier export; move it away")
    for each, text in texts.items():
        (folder / each).parent.mkdir(parents=True, exist_ok=True)
        (folder / each).write_text(text, "utf-8", newline="")
    for gone in earlier - texts.keys() - kept:
        (folder / gone).unlink(missing_ok=True)
    (folder / MARKER).write_text("".join(f"{each}\n" for each in sorted(texts.keys() | kept)), "utf-8")
    return list(found)


def _package_name(folder: Path) -> str:
    name = folder.absolute().name.replace("-", "_")
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
        raise SymbiontError(f"{folder}: the folder names the package, and {name!r} is no Python name")
    return name


def _earlier(folder: Path) -> frozenset[str]:
    """The files that an earlier export wrote. Raises where the folder is not ours and not empty."""
    if folder.exists() and not folder.is_dir():
        raise SymbiontError(f"{folder}: is no folder")
    if not folder.is_dir() or not any(folder.iterdir()):
        return frozenset()
    if not (folder / MARKER).is_file():
        raise SymbiontError(f"{folder}: is not empty and not of an earlier export; choose another folder")
    lines = (folder / MARKER).read_text("utf-8").splitlines()
    return frozenset(each for each in lines if not Path(each).is_absolute() and ".." not in Path(each).parts)


def _named(registry: Registry, target: str) -> Iterator[tuple[EvolvingFile, Function]]:
    path, _, name = target.partition("::")
    if not path.endswith(".rs"):
        raise SymbiontError(f"{target}: expected FILE.rs or FILE.rs::FUNCTION")
    if not Path(path).is_file():
        raise SymbiontError(f"{path}: no such file")
    registry.module(Path(path))
    file = registry.files[Path(path).resolve()]
    if name and file.kind(name) == "type":
        raise SymbiontError(
            f"{target}: types cannot be exported; export functions of numbers, text and containers"
        )
    if name:
        yield file, parse.find(file.source.text, name, file=file.source.path.name)
        return
    functions = [each for each in parse.functions(file.source.text) if each.public and "::" not in each.path]
    if not functions:
        raise SymbiontError(f"{path}: has no public function at its top level")
    for function in functions:
        yield file, function
