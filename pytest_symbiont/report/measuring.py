"""The coverage that a session measures: whether there is any, and what Rust adds to it.

Light on purpose: it is asked in every session, and imports nothing of coverage.py that is not there already.
"""

from __future__ import annotations

import importlib.util
import sqlite3
import sys
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage import Coverage

    from pytest_symbiont.bridge.registry import Registry

PLUGIN = "pytest_symbiont.report.coverage"
"""What coverage.py is told to load."""
TEXTS = "texts"
"""The option of it that has the texts of files that are not written yet, by path."""
_TRACER = f"{PLUGIN}.RustCoverage"


class Measuring:
    """What pytest-cov, or a ``coverage run`` that has our plugin, measures in this session, if anything."""

    def __init__(self, plugins: Any) -> None:
        cov = plugins.getplugin("_cov")
        self._controller = None if cov is None or getattr(cov, "_disabled", False) else cov.cov_controller
        self._configured = False
        self.texts: dict[str, str] = {}

    @property
    def on(self) -> bool:
        """Whether lines of Rust are to be counted."""
        running = self._running
        return self._controller is not None or (running is not None and PLUGIN in _plugins(running))

    @property
    def _running(self) -> Coverage | None:
        module = sys.modules.get("coverage")
        return None if module is None else module.Coverage.current()

    def show(self) -> None:
        """Let pytest-cov's reports show Rust files."""
        reporting = getattr(self._controller, "combining_cov", None)
        if reporting is not None:
            self._configured = PLUGIN in _plugins(reporting)
            reporting.set_option("run:plugins", list(dict.fromkeys([*_plugins(reporting), PLUGIN])))
            reporting.set_option(f"{PLUGIN}:{TEXTS}", self.texts)

    def add(self, registry: Registry) -> None:
        """Add what was reached of every Rust file."""
        running = self._running
        if running is None:
            return
        data = running.get_data()
        wanted = _Wanted(running)
        for file in registry.files.values():
            path, lines = file.source.path, file.reached.lines(file.current)
            if lines is None or path not in wanted:
                continue
            name = str(path)
            if running.get_option("run:relative_files"):
                name = str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else name
            if running.get_option("run:branch"):
                data.add_arcs({name: [(-1, line) for line in lines]})
            else:
                data.add_lines({name: lines})
            data.add_file_tracers({name: _TRACER})
            self.texts[name] = file.current.text

    def forget(self) -> None:
        """Take Rust files out of pytest-cov's data file again, where coverage.py could not read it otherwise.

        Its own commands fail on files of a plugin that is not in their configuration. The tables are those of
        https://coverage.readthedocs.io/en/latest/dbschema.html.
        """
        reporting = getattr(self._controller, "combining_cov", None)
        if reporting is None or self._configured:
            return
        data = reporting.get_data()
        data.close(force=True)
        path = Path(data.data_filename())
        if not path.is_file():
            return
        with closing(sqlite3.connect(path)) as connection, suppress(sqlite3.Error), connection:
            ours = "SELECT file_id FROM tracer WHERE tracer = ?"
            for table, column in (("line_bits", "file_id"), ("arc", "file_id"), ("file", "id")):
                connection.execute(f"DELETE FROM {table} WHERE {column} IN ({ours})", (_TRACER,))  # noqa: S608 - names from above
            connection.execute("DELETE FROM tracer WHERE tracer = ?", (_TRACER,))


@contextmanager
def paused() -> Iterator[None]:
    """Count nothing of Python meanwhile: trials run lines that the run for the record may not."""
    collector = _collector()
    if collector is None:
        yield
        return
    # Not stopped: `--cov-context=test` switches contexts, which needs a measurement that is started.
    collector.pause()
    try:
        yield
    finally:
        collector.resume()


@contextmanager
def covered(scope: str) -> Iterator[None]:
    """Count in a pause all the same: for a fixture of a wider scope than a test, which is set up once.

    The run for the record finds it set up, so its lines would count as never run.
    """
    collector = None if scope == "function" else _collector()
    if collector is None:
        yield
        return
    collector.resume()
    try:
        yield
    finally:
        collector.pause()


def _collector() -> Any:
    """What coverage.py collects with, where it measures this process."""
    module = sys.modules.get("coverage")
    running: Any = None if module is None else module.Coverage.current()
    return getattr(running, "_collector", None) if getattr(running, "_started", False) else None


class _Wanted:
    """Which files are to be measured, by the settings ``source`` and ``omit`` of coverage.py."""

    def __init__(self, running: Coverage) -> None:
        from coverage.files import GlobMatcher, prep_patterns  # noqa: PLC0415 - loaded where it measures

        source, omit = running.get_option("run:source"), running.get_option("run:omit")
        self._folders = [_folder(str(each)) for each in source] if isinstance(source, list) else [Path.cwd()]
        self._omit = GlobMatcher(prep_patterns(omit)) if isinstance(omit, list) else None

    def __contains__(self, path: Path) -> bool:
        if self._omit is not None and self._omit.match(str(path)):
            return False
        return any(folder is not None and path.is_relative_to(folder) for folder in self._folders)


def _folder(source: str) -> Path | None:
    """The folder of a source: it is a folder, or the name of a package."""
    if Path(source).is_dir():
        return Path(source).absolute()
    module = sys.modules.get(source)
    found = module.__spec__ if module is not None else importlib.util.find_spec(source.partition(".")[0])
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations)))


def _plugins(measured: Coverage) -> list[str]:
    plugins = measured.get_option("run:plugins")
    return [str(plugin) for plugin in plugins] if isinstance(plugins, list) else []
