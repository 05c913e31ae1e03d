"""Ways to go about a function that differ from the one a model takes by itself, for any function."""

from __future__ import annotations

HINTS = (
    "Go through the values that the tests expect one by one before you write, and find the rule behind them.",
    "Write it as plain loops over indices with explicit variables, without iterator chains.",
    "Treat the special inputs first, each with an early return: empty, one element, zero, negative, largest.",
    "Use small helper functions, one for each step, and keep the main function a list of calls.",
    "Use another algorithm than the one that comes to mind first.",
)
