from __future__ import annotations

import pytest

from pytest_symbiont import RustError, evolvable

calc = evolvable("calc.rs::calc")


@pytest.mark.evolve(calc)
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("1+2*3", 7),
        ("(1+2)*3", 9),
        (" 8 / 3 ", 2),
        ("-3+5", 2),
        ("2*-3", -6),
        ("10-4-3", 3),
        ("-(2+3)*2", -10),
    ],
)
def test_value(text, value):
    assert calc(text) == value


@pytest.mark.evolve(calc)
@pytest.mark.parametrize("text", ["", "1+", "(1", "1)", "1 2", "a", "1/0", "9223372036854775807+1"])
def test_error(text):
    with pytest.raises(RustError):
        calc(text)
