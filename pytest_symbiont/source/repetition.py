"""Text that repeats itself without end, as small models do when they have lost the thread."""

from __future__ import annotations

_WINDOW = 4_000
_LEAST_CHARS = 600
_LEAST_TIMES = 6


def runs_away(text: str) -> bool:
    """Whether the text ends in the same piece again and again: six times, and 600 characters at least."""
    tail = text[-_WINDOW:][::-1]
    # Knuth, Morris and Pratt's failure function of the reversed tail: a beginning of it that has a border of
    # length b has period n - b. https://doi.org/10.1137/0206024
    border = [0] * len(tail)
    for end in range(1, len(tail)):
        length = border[end - 1]
        while length and tail[end] != tail[length]:
            length = border[length - 1]
        border[end] = length + (tail[end] == tail[length])
        size = end + 1
        if size >= _LEAST_CHARS and size >= _LEAST_TIMES * (size - border[end]):
            return True
    return False
