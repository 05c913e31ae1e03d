"""A Rust file's bytes and its text."""

from __future__ import annotations

import codecs

from pytest_symbiont.errors import SymbiontError


def decode(raw: bytes, file: str) -> str:
    """The text of a Rust file: line ends as they are, no byte order mark.

    Raises `SymbiontError` where ``raw`` is not UTF-8; ``file`` is the name that the message gives it.
    """
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise SymbiontError(
            f"{file}: byte {error.start} (0x{raw[error.start]:02x}, counted from 0) is not UTF-8, "
            "as Rust source must be; save the file as UTF-8"
        ) from error


def encode(text: str, raw: bytes | None) -> bytes:
    """The bytes of ``text``, behind a byte order mark if ``raw``, what was on disk, began with one."""
    mark = codecs.BOM_UTF8 if raw is not None and raw.startswith(codecs.BOM_UTF8) else b""
    return mark + text.encode("utf-8")
