from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

isbn = evolvable("isbn.rs::isbn")

CASES = [
    ("3-598-21508-8", True),
    ("3-598-21508-9", False),
    ("3-598-21507-X", True),
    ("3-598-21507-A", False),
    ("3-598-2X507-9", False),
    ("359821507X", True),
    ("359821507", False),
    ("", False),
    ("3598215078X", False),
]


@pytest.mark.evolve(isbn)
@pytest.mark.parametrize(("text", "expected"), CASES)
def test_isbn(text, expected):
    assert isbn(text) == expected
