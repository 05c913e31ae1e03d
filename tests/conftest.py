"""What every test may rely on: one build cache for the session, and an environment that says nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.register_assert_rewrite("beside", "example")

from example import Example, import_all  # noqa: E402 - its assertions show their operands
from hostile.arena import TALLY, Tally  # noqa: E402 - it imports example

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from example import Content, NewExample

# A key, a proxy, a CI or a colour setting of whoever runs the tests is none of their business.
_PREFIXES = ("OPENAI_", "ANTHROPIC_", "PYTEST_EVOLVE_", "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "HYPOTHESIS_")
_NAMES = {"CI", "BUILD_NUMBER", "GITHUB_ACTIONS", "FORCE_COLOR", "NO_COLOR", "PY_COLORS", "COLUMNS", "LINES",
    # tox moves pytest's cache folder, and hypothesis knows a CI by these as well.
    "__TOX_ENVIRONMENT_VARIABLE_ORIGINAL_CI", "TOX_ENV_DIR", "GITLAB_CI", "TF_BUILD", "BUILDKITE", "CIRCLECI",
}  # fmt: skip
_PROXIES = {"http_proxy", "https_proxy", "all_proxy"}


@pytest.fixture(scope="session", autouse=True)
def _build_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One cache of Rust builds a session, and a toolchain that is found where tests move HOME."""
    with pytest.MonkeyPatch.context() as patch:
        if not os.environ.get("PYTEST_SYMBIONT_CACHE"):
            folder = tmp_path_factory.mktemp("builds")
            folder.chmod(0o700)
            patch.setenv("PYTEST_SYMBIONT_CACHE", str(folder))
        for variable, folder_name in (("RUSTUP_HOME", ".rustup"), ("CARGO_HOME", ".cargo")):
            folder = Path.home() / folder_name
            if not os.environ.get(variable) and folder.is_dir():
                patch.setenv(variable, str(folder))
        yield


@pytest.fixture(autouse=True)
def _clean_environment(_build_cache: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(_PREFIXES) or name in _NAMES or name.lower() in _PROXIES:
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def _imports() -> None:
    import_all()


@pytest.fixture
def example(_imports: None, pytester: pytest.Pytester) -> NewExample:
    """Make a folder of files to run pytest in: `tests/example.py`."""

    def new(files: Mapping[str, Content]) -> Example:
        return Example(pytester, files)

    return new


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands over what it counted."""
    tally = session.config.stash.get(TALLY, None)
    if tally and hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tally"] = (tally.tried, tally.lost, sorted(tally.layers), tally.slowest)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """And the controller adds it up."""
    if counted := getattr(node, "workeroutput", {}).get("tally"):
        tried, lost, layers, slowest = counted
        tally = node.config.stash.setdefault(TALLY, Tally())
        tally.tried += tried
        tally.lost += lost
        tally.layers.update(layers)
        tally.slowest = max(tally.slowest, tuple(slowest))


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line says which attacks were tried."""
    tally = config.stash.get(TALLY, None)
    if tally and not hasattr(config, "workerinput"):
        layers = ", ".join(sorted(tally.layers))
        seconds, name = tally.slowest
        print(f"the slowest attack, build and all tests: {seconds:.1f} s ({name})")  # noqa: T201
        print(f"{tally.tried} attacks tried, {len(tally.lost)} lost; layers: {layers}")  # noqa: T201
