"""What hypothesis draws in a trial: the same for the same body, and first what made the suite red before."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def repeatable_draws() -> Iterator[None]:
    """Seed hypothesis, so that the same prompt follows, and let its database be read and not written.

    The logged run is not seeded: it draws fresh examples. One that fails there, or in an ordinary run, is
    in the database, and the next session's trials begin with it: a body that is wrong there alone must not
    win again. What trials find is not kept, because the next body's prompt would depend on it.
    """
    core: Any = sys.modules.get("hypothesis.core")
    with ExitStack() as stack:
        if core is not None:
            stack.enter_context(_seeded(core))
            stack.enter_context(_read_only(core))
        yield


@contextmanager
def _seeded(core: Any) -> Iterator[None]:
    """Not by `global_force_seed`, which turns the database off: that is for a seed that the user gave."""
    inner = core.get_random_for_wrapped_test

    def chosen(test: Any, wrapped_test: Any) -> Any:
        random = inner(test, wrapped_test)
        by_itself = wrapped_test._hypothesis_internal_use_generated_seed is not None  # noqa: SLF001 - its own mark
        return Random(0) if by_itself else random  # noqa: S311 - drawing examples

    core.get_random_for_wrapped_test = chosen
    try:
        yield
    finally:
        core.get_random_for_wrapped_test = inner


@contextmanager
def _read_only(core: Any) -> Iterator[None]:
    from hypothesis import settings as settings_of  # noqa: PLC0415 - only where the user's tests have imported it
    from hypothesis.database import ReadOnlyDatabase  # noqa: PLC0415

    inner = core.ConjectureRunner

    def runner(*args: Any, settings: Any, **more: Any) -> Any:
        if settings.database is not None:
            settings = settings_of(settings, database=ReadOnlyDatabase(settings.database))
        return inner(*args, settings=settings, **more)

    core.ConjectureRunner = runner
    try:
        yield
    finally:
        core.ConjectureRunner = inner
