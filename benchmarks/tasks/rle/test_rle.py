from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

rle = evolvable("rle.rs::rle")


@pytest.mark.evolve(rle)
def test_empty():
    assert rle(b"") == []


@pytest.mark.evolve(rle)
def test_runs():
    assert rle(b"aaab") == [(3, 97), (1, 98)]


@pytest.mark.evolve(rle)
def test_alternating():
    assert rle(bytes([0, 1, 0])) == [(1, 0), (1, 1), (1, 0)]


@pytest.mark.evolve(rle)
def test_a_long_run_is_split():
    assert rle(bytes(300)) == [(255, 0), (45, 0)]


@pytest.mark.evolve(rle)
def test_exactly_full():
    assert rle(bytes(510)) == [(255, 0), (255, 0)]
