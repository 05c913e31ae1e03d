"""From saved files to what has to run."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_SETTINGS = frozenset({"pyproject.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg", ".env"})


class Asked:
    """The test modules that were asked for: ``arguments`` of pytest's command line, relative to ``here``.

    ``patterns`` are those of the ini key `python_files`.
    """

    def __init__(self, arguments: Sequence[str], here: Path, patterns: Sequence[str]) -> None:
        self._arguments = list(arguments)
        self._here = here
        self._patterns = patterns

    @property
    def folders(self) -> list[Path]:
        """Where saves are looked for."""
        folders = [path if path.is_dir() else path.parent for path in self._paths()]
        return [
            one
            for one in dict.fromkeys(folders)
            if not any(one != other and one.is_relative_to(other) for other in folders)
        ]

    def affected(self, saved: Iterable[Path]) -> list[str] | None:
        """The arguments with which pytest runs what these files affect; None where that is everything.

        Saving a test module affects it, a Rust file the modules that name it, anything else everything.
        """
        found: dict[str, None] = {}
        for path in saved:
            if path.suffix == ".rs":
                naming = [module for module in self._modules() if _names(module, path.name)]
                if not naming:
                    return None
                found |= dict.fromkeys(argument for module in naming for argument in self._naming(module))
            elif self._is_module(path):
                found |= dict.fromkeys(self._naming(path))
            else:
                return None
        return list(found)

    def matters(self, path: Path) -> bool:
        """Whether a file can change what tests do."""
        return path.suffix in {".py", ".rs"} or path.name in _SETTINGS

    def _naming(self, module: Path) -> list[str]:
        """Arguments for a module: those that chose tests in it, or its path."""
        chosen = [one for one in self._arguments if "::" in one and self._path(one) == module]
        return chosen or [str(module)]

    def _is_module(self, path: Path) -> bool:
        named = any(fnmatch(path.name, pattern) for pattern in self._patterns)
        given = self._paths()
        return path in given or (named and any(path.is_relative_to(each) for each in given if each.is_dir()))

    def _modules(self) -> Iterator[Path]:
        for path in self._paths():
            if path.is_file():
                yield path
                continue
            for pattern in self._patterns:
                yield from path.rglob(pattern)

    def _paths(self) -> list[Path]:
        return [self._path(argument) for argument in self._arguments]

    def _path(self, argument: str) -> Path:
        return (self._here / argument.partition("::")[0]).resolve()


def _names(module: Path, name: str) -> bool:
    try:
        return name in module.read_text("utf-8", "replace")
    except OSError:
        return False
