"""Suites of a function each, and a model that knows all of them at its second try."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from example import Content

FACTORS = {"twice": 2, "thrice": 3, "fourfold": 4}

_TESTS = """
import pytest
from pytest_symbiont import evolvable

{name} = evolvable("{file}.rs::{name}")


@pytest.mark.evolve({name}){marks}
@pytest.mark.parametrize("x", range(4))
def test_{name}(x):
    assert {name}(x) == {factor} * x
"""


def source(name: str, body: str = "todo!()") -> str:
    return f"pub fn {name}(x: i64) -> i64 {{\n    {body}\n}}\n"


def solved(name: str) -> str:
    return source(name, f"x * {FACTORS[name]}")


def module(name: str, *, file: str = "", marks: str = "") -> str:
    """Four tests of a function."""
    marks = f"\n{marks}" if marks else ""
    return _TESTS.format(name=name, file=file or name, factor=FACTORS[name], marks=marks)


def suites(*names: str, marks: str = "") -> dict[str, Content]:
    """A file and four tests for each of these."""
    rust_files: dict[str, Content] = {f"{name}.rs": source(name) for name in names}
    return rust_files | {f"test_{name}.py": module(name, marks=marks) for name in names}


def answer(body: Any) -> str:
    """What the model says: a wrong body first, the right one when it was told so."""
    messages = [message["content"] for message in body["messages"]]
    name = asked_for(body)
    factor = FACTORS[name] if len(messages) > 2 else 7
    return f"```rust\npub fn {name}(x: i64) -> i64 {{\n    x * {factor}\n}}\n```"


def asked_for(body: Any) -> str:
    """The function that a request is about."""
    found = re.findall(rf"fn ({'|'.join(FACTORS)})\(x: i64\) -> i64", body["messages"][1]["content"])
    # Where a file has several, the task names the one to write first.
    assert found
    return str(found[0])
