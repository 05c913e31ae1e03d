from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

common_prefix = evolvable("common_prefix.rs::common_prefix")

CASES = [
    ([], ""),
    (["one"], "one"),
    (["flower", "flow", "flight"], "fl"),
    (["a", "b"], ""),
    (["same", "same"], "same"),
    (["\u00e9t\u00e9", "\u00e9tage"], "\u00e9t"),
    (["\u00e9", "\u00e8"], ""),
    (["", "x"], ""),
]


@pytest.mark.evolve(common_prefix)
@pytest.mark.parametrize(("words", "expected"), CASES)
def test_common_prefix(words, expected):
    assert common_prefix(words) == expected
