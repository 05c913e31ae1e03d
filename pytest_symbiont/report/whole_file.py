"""A file that a session leaves: whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from pathlib import Path


class WholeFile:
    """Written beside its place and put there by one rename. ``option`` is how messages name it.

    Raises `SymbiontError` where it cannot be written, at once and not after a long session.
    """

    def __init__(self, path: Path, option: str) -> None:
        self._path = path
        self._option = option
        self._beside = path.with_name(f".{path.name}.new")
        self._put(b"")
        self._beside.unlink(missing_ok=True)

    def write(self, content: bytes) -> None:
        """Write it. Raises `SymbiontError` where that cannot be."""
        self._put(content)
        try:
            self._beside.replace(self._path)
        except OSError as error:
            raise self._refused(error) from None

    def _put(self, content: bytes) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._beside.write_bytes(content)
        except OSError as error:
            raise self._refused(error) from None

    def _refused(self, error: OSError) -> SymbiontError:
        return SymbiontError(
            f"{self._option}: {self._path} cannot be written ({error.strerror}); name another file"
        )
