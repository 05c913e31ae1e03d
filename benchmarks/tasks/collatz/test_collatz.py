from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

collatz = evolvable("collatz.rs::collatz")


@pytest.mark.evolve(collatz)
@pytest.mark.parametrize(("n", "steps"), [(0, None), (1, 0), (2, 1), (3, 7), (27, 111), (837799, 524)])
def test_steps(n, steps):
    assert collatz(n) == steps
