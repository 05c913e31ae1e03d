from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

life = evolvable("life.rs::life")


@pytest.mark.evolve(life)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("#", "."),
        ("## ##", "## ##"),
        ("... ### ...", ".#. .#. .#."),
        (".#. .#. .#.", "... ### ..."),
        ("### ### ###", "#.# ... #.#"),
        (".... .##. ..#. ....", ".... .##. .##. ...."),
    ],
)
def test_generation(before, after):
    rows = [[cell == "#" for cell in row] for row in before.split()]
    assert life(rows) == [[cell == "#" for cell in row] for row in after.split()]


@pytest.mark.evolve(life)
def test_no_rows():
    assert life([]) == []
