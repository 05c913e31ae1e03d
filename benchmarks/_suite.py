"""The suite that sessions with a scripted model evolve: one function, three tests."""

from __future__ import annotations

RED = "pub fn f(n: u64) -> u64 {\n    todo!()\n}\n"
TESTS = """
import pytest
from pytest_symbiont import evolvable

f = evolvable("f.rs::f")


@pytest.mark.evolve(f)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_f(n):
    assert f(n) == n + 1
"""
