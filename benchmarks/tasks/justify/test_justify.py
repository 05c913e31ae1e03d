from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

justify = evolvable("justify.rs::justify")


@pytest.mark.evolve(justify)
@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, []),
        ("  ", 10, []),
        ("one", 3, ["one"]),
        ("one two", 7, ["one two"]),
        ("one two", 6, ["one", "two"]),
        ("a  b\nc", 3, ["a b", "c"]),
        ("tiny enormous x", 5, ["tiny", "enormous", "x"]),
        ("ää öö", 5, ["ää öö"]),
    ],
)
def test_lines(text, width, lines):
    assert justify(text, width) == lines
