"""The first prompt of each example suite, as it was read and approved: `tests/prompts`.

Where a prompt changes on purpose, read the new one as prose, put it there, and record the suite again
(CONTRIBUTING.md).
"""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from example import NewExample

SUITES = Path(__file__).parents[2] / "example_suites"
PROMPTS = Path(__file__).parents[1] / "prompts"
NAMES = sorted(path.name for path in SUITES.iterdir() if any(path.glob("test_*.py")))


def test_every_suite_has_one() -> None:
    assert sorted(path.stem for path in PROMPTS.iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_prompt_is_the_one_that_was_read(example: NewExample, name: str) -> None:
    files = {
        path.name: path.read_bytes() for path in (SUITES / name).iterdir() if path.suffix in {".py", ".rs"}
    }
    shown = example(files).run("--evolve-show-prompt", outcomes={}).out
    found = re.search(r": prompt\n(.*?)\n(?=\S|\n=)", shown, re.DOTALL)
    assert found is not None
    prompt = dedent(found[1]).rstrip() + "\n"
    assert _steady(prompt) == _steady((PROMPTS / f"{name}.txt").read_text("utf-8"))


def _steady(prompt: str) -> str:
    """Without what was measured by a clock: how much faster something is."""
    return re.sub(r"(\| times as fast .*\| )\d+( \|)", r"\1…\2", prompt)
