"""The page: a template with what a reader without JavaScript needs, and everything else as packed data."""

from __future__ import annotations

import base64
import zlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import jinja2
import msgspec

from pytest_symbiont.report.html.story import story
from pytest_symbiont.report.whole_file import WholeFile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_symbiont.report.events import Events

_PARTS = ("page.html.j2", "page.css", "page.js")


def page(events: Iterable[Events]) -> str:
    """The page of these events.

    Texts, which models wrote, are in it as base64 of a compressed JSON object and become elements' text, so
    nothing in them is ever markup.
    """
    told = story(events)
    packed = base64.b64encode(zlib.compress(msgspec.json.encode(told), 9)).decode("ascii")
    template, style, script = map(_part, _PARTS)
    return _environment().from_string(template).render(told=told, style=style, script=script, packed=packed)


class Page:
    """A page to be: ``events`` are gathered, and written at the end, whole or not at all.

    Raises `SymbiontError` where the file cannot be written, at once and not after a long session.
    """

    def __init__(self, path: Path) -> None:
        self.events: list[Events] = []
        self._file = WholeFile(path, "--evolve-html")

    def write(self) -> None:
        """Write it. Raises `SymbiontError` where that cannot be."""
        self._file.write(page(self.events).encode())


@cache
def _part(name: str) -> str:
    return (resources.files("pytest_symbiont.report.html") / name).read_text("utf-8")


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
