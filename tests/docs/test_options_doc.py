"""docs/options.md says what `settings` says. On a difference the assertion shows the table to put there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_symbiont import settings

PAGE = Path(__file__).parents[2] / "docs" / "options.md"


def verbs() -> str:
    rows = [f"| `{flag}` | {text.removesuffix(' (default: off)')} |" for flag, text in settings.VERBS.items()]
    return "\n".join(["| option | does |", "| --- | --- |", *rows])


def settings_table() -> str:
    rows = [
        f"| `{one.flag}` | `{one.key}` | `{one.variable}` | {_default(one)} | {_meaning(one)} |"
        for one in (*settings.REPEATED, *settings.OPTIONS)
    ]
    head = ["| option | ini key | variable | default | meaning |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *rows])


def _default(option: settings.Option) -> str:
    if option is settings.MODEL:
        return "[see there](models-and-recordings.md)"
    return f"`{option.default}`" if option.default else "none"


def _meaning(option: settings.Option) -> str:
    choices = f": {', '.join(f'`{choice}`' for choice in option.choices)}" if option.choices else ""
    return f"{option.help}{choices}"


@pytest.mark.parametrize(("part", "table"), [("verbs", verbs()), ("settings", settings_table())])
def test_the_page_has_every_option(part: str, table: str) -> None:
    found = re.search(rf"<!-- {part} -->\n(.*?)<!-- end -->", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    assert found[1].strip() == table
