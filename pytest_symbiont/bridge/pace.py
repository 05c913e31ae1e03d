"""Whether to look for an answer, or to sleep until it is there.

To wake a sleeping core takes longer than a short call with both of its pipes, so looking wins on a machine
that has a core to spare. Where all are busy, whoever looks keeps the other side from running, and sleeping
wins by far. Which of the two it is changes while tests run, so it is measured.
"""

from __future__ import annotations

import os

# So many calls are made in one manner before the two are compared,
_BLOCK = 16
# and so many blocks in the better one before the other gets its next try.
_TURNS = 32
# A call takes what its body takes: of longer ones nothing is to be learned.
_LONGEST = 1e-3


class Pace:
    """``looks`` is the manner of the next call. One processor alone is needed by the other side."""

    def __init__(self) -> None:
        self.looks = self._may_look = len(os.sched_getaffinity(0)) > 1
        self._seconds = {True: 0.0, False: 0.0}
        self._calls = self._blocks = 0
        self._sum = 0.0

    def took(self, seconds: float) -> None:
        """Take note of how long a call took in this manner."""
        if not self._may_look:
            return
        self._sum += min(seconds, _LONGEST)
        self._calls += 1
        if self._calls == _BLOCK:
            self._seconds[self.looks] = self._sum
            self._calls, self._sum = 0, 0.0
            self._blocks += 1
            self.looks = self._next()

    def _next(self) -> bool:
        better = self._seconds[True] < self._seconds[False]
        # The first two blocks are one of each.
        return not better if self._blocks == 1 or self._blocks % _TURNS == 0 else better
