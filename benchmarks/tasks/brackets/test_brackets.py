from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

brackets = evolvable("brackets.rs::brackets")


@pytest.mark.evolve(brackets)
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", None),
        ("a(b)c", None),
        ("([{}])", None),
        (")", 0),
        ("(]", 1),
        ("ä)", 1),
        ("((x)", 0),
        ("a[(b]", 4),
        ("x{{", 1),
    ],
)
def test_place(text, place):
    assert brackets(text) == place
