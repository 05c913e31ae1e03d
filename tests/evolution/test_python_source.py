"""What Python text says, whatever its layout and whatever Python reads it."""

from __future__ import annotations

import ast
import hashlib

import pytest

from pytest_symbiont.evolution.python_source import said

TEXT = """
import pytest
@pytest.fixture(name="a")
async def f(x, *a, y=1, **k):
    "doc"
    z = f"{x!r:>{y}} and {'a' 'b'}" f"{x=}"
    match x:
        case [1, *rest] if rest: return (yield)
        case {"a": 1, **kw}: pass
    try: pass
    except* ValueError as e: raise E from e
    return lambda q, /, r: {1: 2, **q}, b"x", 1.5, 2j, ..., None, -1 if x else not y
class C(B, metaclass=M):
    x: int = 3
    def m(self): "only doc"
"""


def test_it_is_the_same_in_every_python() -> None:
    # A lock is written by one version and checked by another.
    assert hashlib.sha256(said(ast.parse(TEXT)).encode()).hexdigest()[:16] == "589716972512fe81"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("def f(a):\n    return a", "def f( a ):  # why\n    '''Doc.'''\n    return (a)"),
        ("x = 'a' 'b'", 'x = "ab"'),
        ("x = [1,\n 2,\n]", "x = [1, 2]"),
    ],
)
def test_layout_comments_and_docstrings_say_nothing(text: str, same: str) -> None:
    assert said(ast.parse(text)) == said(ast.parse(same))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("x = 1", "x = 1.0"),
        ("x = 'a'", "x = b'a'"),
        ("def f(a): return a", "def f(b): return a"),
        ("f(1)", "f(*1)"),
        ("x = f'{a}b'", "x = f'b{a}'"),
        ("x = f'{a!r}'", "x = f'{a}'"),
        ("x = 1", "del x"),
    ],
)
def test_what_differs_differs(text: str, other: str) -> None:
    assert said(ast.parse(text)) != said(ast.parse(other))
