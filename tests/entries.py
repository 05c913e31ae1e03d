"""Entries for tests of the builder, made as the bridge makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.bridge import glue
from pytest_symbiont.bridge.custom import CustomTypes
from pytest_symbiont.bridge.plan import plan
from pytest_symbiont.source import parse

if TYPE_CHECKING:
    from pytest_symbiont.build.builder import Entry


def entry_of(text: str, path: str) -> Entry:
    """The entry of a function of this text."""
    types = CustomTypes(text, "lib")
    return glue.entry(plan(parse.find(text, path, file="lib.rs"), "lib.rs", types), types)
