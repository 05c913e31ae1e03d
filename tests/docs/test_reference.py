"""docs/reference.md is what the code says now: `python docs/generate.py` writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pages import ROOT
from scripts import script

import pytest_symbiont
from pytest_symbiont import hookspecs
from pytest_symbiont.evolution import marker

if TYPE_CHECKING:
    from types import ModuleType

PAGE = ROOT / "docs" / "reference.md"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    return script(ROOT / "docs" / "generate.py")


def test_the_page_is_not_stale(generate: ModuleType) -> None:
    assert PAGE.read_text("utf-8") == generate.page(), "run: python docs/generate.py"


def test_all_that_is_public_is_there_and_says_something(generate: ModuleType) -> None:
    sections = dict(part.partition("\n\n")[::2] for part in generate.page().split("\n### "))
    hooks = [name for name in vars(hookspecs) if name.startswith("pytest_symbiont_")]
    for name in (*pytest_symbiont.__all__, *hooks, "evolve_metric"):
        assert sections[f"`{name}`"].strip(), name


def test_what_the_page_says_of_the_marker_is_what_pytest_says(pytestconfig: pytest.Config) -> None:
    [told] = [line for line in pytestconfig.getini("markers") if line.startswith("evolve(")]
    assert told.partition(":")[0] == marker.SIGNATURE


def test_a_change_of_the_code_makes_it_stale(generate: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def pytest_symbiont_more(name: str, *, often: int | None = None) -> Any:
        """Something ``new``."""

    monkeypatch.setattr(hookspecs, "pytest_symbiont_more", pytest_symbiont_more, raising=False)
    added = generate.page()
    assert added != PAGE.read_text("utf-8")
    assert (
        "`pytest_symbiont_more(name: str, *, often: int | None = None) -> Any`\n\nSomething `new`." in added
    )
