from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

caesar = evolvable("caesar.rs::caesar")

CASES = [
    ("abc", 1, "bcd"),
    ("xyz", 3, "abc"),
    ("Hello, World!", 13, "Uryyb, Jbeyq!"),
    ("abc", -1, "zab"),
    ("abc", 53, "bcd"),
    ("abc", -27, "zab"),
    ("\u00e9a", 1, "\u00e9b"),
    ("", 5, ""),
]


@pytest.mark.evolve(caesar)
@pytest.mark.parametrize(("text", "shift", "expected"), CASES)
def test_caesar(text, shift, expected):
    assert caesar(text, shift) == expected
