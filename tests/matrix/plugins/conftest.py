"""Pairs with other plugins, for `tox -e matrix`: they are of the dependency group `matrix`, not of `test`.

Each runs in processes in which only that plugin, those it needs, and ours are loaded.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

_PLUGINS = (
    "anyio", "hypothesis", "inline-snapshot", "pytest-asyncio", "pytest-benchmark", "pytest-cov",
    "pytest-html", "pytest-json-report", "pytest-mock", "pytest-randomly", "pytest-rerunfailures",
    "pytest-subtests", "pytest-sugar", "pytest-timeout", "syrupy",
)  # fmt: skip


def _installed() -> dict[str, str]:
    found = {}
    for name in _PLUGINS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


# Hypothesis, pytest-cov and more come with `test`; where the rest is missing there is nothing to run.
collect_ignore_glob = [] if "pytest-asyncio" in _installed() else ["test_*.py"]


def pytest_report_header() -> str:
    if collect_ignore_glob:
        return "matrix: its plugins are not installed; run tox -e matrix"
    return "matrix: " + ", ".join(f"{name} {number}" for name, number in _installed().items())
