from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

fit = evolvable("fit.rs::fit")


@pytest.mark.evolve(fit)
@pytest.mark.parametrize("points", [[], [(1.0, 2.0)], [(1.0, 2.0), (1.0, 3.0)]])
def test_no_line(points):
    assert fit(points) is None


@pytest.mark.evolve(fit)
@pytest.mark.parametrize(
    ("points", "line"),
    [
        ([(0.0, 1.0), (1.0, 3.0)], (2.0, 1.0)),
        ([(0.0, 0.0), (1.0, 1.0), (2.0, 1.0)], (0.5, 1 / 6)),
        ([(1e6, 1.0), (1e6 + 1, 2.0), (1e6 + 2, 3.0)], (1.0, 1 - 1e6)),
    ],
)
def test_line(points, line):
    assert fit(points) == pytest.approx(line, rel=1e-6)
