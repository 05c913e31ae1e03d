"""The machine: of this file the model gets to see the tool's name, docstring and types, nothing else."""

import pytest

from pytest_symbiont import tool


def _shown(n: int) -> int:
    return 3 * n + 7


@tool
def probe(n: int) -> int:
    """What the machine shows when its dial stands at n."""
    return _shown(n)


class Machine:
    def agrees(self, function, dial):
        """Whether the function is right all over the dial. Where it is not is for `probe` to tell."""
        return all(function(n) == _shown(n) for n in dial)


@pytest.fixture
def machine():
    return Machine()
