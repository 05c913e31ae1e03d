"""Asking a model once, as a test does it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_symbiont.models.values import Answer, Listener, Model, Request


def ask(model: Model, request: Request, listener: Listener | None = None) -> Answer:
    """The answer; raises what asking raises."""
    return asyncio.run(model.answer(request, listener))
