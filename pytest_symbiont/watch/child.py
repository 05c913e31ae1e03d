"""A pytest of its own for each run: modules, builds and workers of an earlier one cannot be in its way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WATCHED = "PYTEST_SYMBIONT_WATCHED"
"""Set for the process that runs tests for the one that watches."""
_PATIENCE = 10.0


class Child:
    """One run under way."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *arguments], env={**os.environ, WATCHED: "1"}
        )

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def stop(self) -> None:
        """End it as Ctrl-C would, so that nothing paid is lost, and by force where it does not listen."""
        if not self.ended:
            self._process.send_signal(signal.SIGINT)
        self.wait()

    def wait(self) -> None:
        """Wait for an end that was asked for."""
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
