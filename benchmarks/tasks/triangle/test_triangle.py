from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

shapes = evolvable("triangle.rs")
triangle = evolvable("triangle.rs::triangle")


@pytest.mark.evolve(triangle)
@pytest.mark.parametrize(
    ("sides", "kind"),
    [
        ((2, 2, 2), "Equilateral"),
        ((3, 4, 4), "Isosceles"),
        ((4, 3, 4), "Isosceles"),
        ((3, 4, 5), "Scalene"),
        ((0, 0, 0), "Impossible"),
        ((1, 1, 3), "Impossible"),
        ((1, 3, 1), "Impossible"),
        ((1, 2, 3), "Impossible"),
        ((4294967295, 4294967295, 4294967295), "Equilateral"),
    ],
)
def test_kind(sides, kind):
    assert triangle(*sides) == getattr(shapes.Kind, kind)
