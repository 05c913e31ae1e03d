from __future__ import annotations

import pytest

from pytest_symbiont import evolvable

wordcount = evolvable("wordcount.rs::wordcount")


@pytest.mark.evolve(wordcount)
@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("", {}),
        ("one two one", {"one": 2, "two": 1}),
        ("Go, go GO!", {"go": 3}),
        ("it\u0027s \u0027quoted\u0027", {"it\u0027s": 1, "quoted": 1}),
        ("a\nb\tc 1 1", {"a": 1, "b": 1, "c": 1, "1": 2}),
        ("\u0027\u0027 \u0027", {}),
    ],
)
def test_counts(text, counts):
    assert wordcount(text) == counts
