"""The environment, and what a project's ``.env`` adds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_OURS = ("OPENAI_", "ANTHROPIC_")


def environment(environ: Mapping[str, str], root: Path) -> Mapping[str, str]:
    """``environ``, and of ``root``'s ``.env`` the variables of models' providers that it does not have.

    Raises `SymbiontError` for a ``.env`` that cannot be read.
    """
    path = root / ".env"
    if not path.is_file():
        return environ
    from dotenv import dotenv_values  # noqa: PLC0415 - only where there is such a file

    try:
        told = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise SymbiontError(
            f"{path.name}: it cannot be read ({type(error).__name__}); mend or move it"
        ) from None
    more = {name: value for name, value in told.items() if name.startswith(_OURS) and value is not None}
    return {**more, **environ}
