"""What README and docs/ claim is tried: their suites run, their links and options exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from example import rust
from pages import ROOT, blocks

from pytest_symbiont import settings

if TYPE_CHECKING:
    from example import NewExample

PAGES = sorted(
    path for pattern in ("*.md", "docs/*.md", "example_suites/**/*.md") for path in ROOT.glob(pattern)
)
_LINK = re.compile(r"\]\((?!https?://)(?P<target>[^)#]+)")
_FLAG = re.compile(r"--(?:evolve|symbiont)(?:-[a-z]+)*")


def named(page: Path) -> dict[str, str]:
    """The blocks of a page whose first line is a comment with a file name."""
    texts = blocks(page, "rust") + blocks(page, "python")
    return {match[1]: text for text in texts if (match := re.match(r"(?://|#) (\w+\.(?:rs|py))\n", text))}


def page_name(value: Any) -> str | None:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else None


def test_the_twelve_lines_of_the_readme(example: NewExample) -> None:
    [source], [test] = blocks(ROOT / "README.md", "rust"), blocks(ROOT / "README.md", "python")
    lines = (source + test).splitlines()
    assert sum(1 for line in lines if line.strip()) == 12
    sort = example({"sort.rs": source, "test_sort.py": test})

    ordinary = sort.run(code=1, outcomes={"failed": 1})
    assert "RustPanic: not yet implemented" in ordinary.out

    body = rust("pub fn sort(xs: &mut [i64]) { xs.sort(); }")
    written = source.replace("    todo!()", "    xs.sort();")
    sort.run("--evolve", answers=[body], outcomes={"passed": 1}, changed={"sort.rs": written})
    sort.run(outcomes={"passed": 1})


def test_the_demo_of_the_readme_says_what_is_shown(example: NewExample) -> None:
    suites = ROOT / "example_suites"
    files = {
        f"demo/{path.relative_to(suites)}": path.read_bytes()
        for path in suites.rglob("*")
        if path.suffix in {".rs", ".py", ".jsonl"}
    }
    demo = example(files)
    written = dict.fromkeys(("demo/counter/counter.rs", "demo/fizzbuzz/fizzbuzz.rs", "demo/gcd/gcd.rs"), ...)
    [command] = [line for text in blocks(ROOT / "README.md", "console") for line in text.splitlines()
                 if line.strip().startswith(".venv/bin/pytest --evolve ")]  # fmt: skip
    ran = demo.run(*command.split()[1:], outcomes={"passed": 40}, changed=written)

    [shown] = blocks(ROOT / "README.md", "text")
    lines = iter(_timeless(ran.out))
    assert [line for line in _timeless(shown) if line != "..." and line not in lines] == []
    assert "replaying by position" not in ran.out


def _timeless(text: str) -> list[str]:
    return [re.sub(r"\d+\.\d+ ?s\b", "… s", line).strip(" =") for line in text.splitlines()]


@pytest.mark.parametrize("page", [page for page in PAGES if named(page)], ids=page_name)
def test_suites_on_a_page_pass(page: Path, example: NewExample) -> None:
    files = named(page)
    ran = example(files).run()
    assert set(ran.result.parseoutcomes()) == {"passed"}
    assert any(name.startswith("test_") for name in files)


def test_there_are_pages_with_suites() -> None:
    assert {page.name for page in PAGES if named(page)} >= {"types.md", "writing-suites.md"}


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [match["target"] for match in _LINK.finditer(page.read_text("utf-8"))]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_options_exist(page: Path) -> None:
    known = {*settings.VERBS, *(option.flag for option in (*settings.REPEATED, *settings.OPTIONS))}
    assert set(_FLAG.findall(page.read_text("utf-8"))) <= known


def test_continuous_integration_runs_the_command_of_the_readme() -> None:
    [command] = [line for text in blocks(ROOT / "README.md", "console") for line in text.splitlines()
                 if line.endswith("/tox")]  # fmt: skip
    assert command in (ROOT / ".ci" / "run").read_text("utf-8")
