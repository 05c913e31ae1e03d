"""Which items are not there: ``#[cfg(…)]`` that is surely false where a file is compiled on its own."""

from __future__ import annotations

import platform
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CFG = re.compile(r"#!?\s*\[\s*cfg\s*\((.*)\)\s*,?\s*\]", re.DOTALL)
_TOKEN = re.compile(r'\w+|"[^"]*"|[(),=]')
_BY_RUSTC = ("target_", "debug_assertions", "overflow_checks", "panic", "relocation_model", "sanitize", "ub_")
"""How the names begin that rustc sets in a way not known here; a name that it does not know is not set."""
_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}
_MACHINES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
_TARGET = {
    "target_os": _SYSTEMS.get(sys.platform),
    "target_arch": _MACHINES.get(platform.machine()),
    "target_endian": sys.byteorder,
    "target_pointer_width": str(sys.maxsize.bit_length() + 1),
}
"""What rustc says of this machine, for which alone is compiled; None where it is not known."""


def gone(attributes: Iterable[str]) -> bool:
    """Whether one of these attributes surely takes its item away; one that is not understood does not."""
    return any(_holds(match[1]) is False for match in map(_CFG.fullmatch, attributes) if match)


def _holds(text: str) -> bool | None:
    """Whether a predicate is true, or None where that is not known here."""
    return _predicate(_TOKEN.findall(text))


def _predicate(tokens: list[str]) -> bool | None:
    match tokens:
        case [name]:
            return _flag(name)
        case [name, "=", value]:
            return _option(name, value.strip('"'))
        case [name, "(", *inside, ")"]:
            return _combined(name, [_predicate(part) for part in _parts(inside) if part])
    return None


def _parts(tokens: list[str]) -> Iterator[list[str]]:
    """What stands between the commas that are in no parentheses."""
    depth, start = 0, 0
    for index, each in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(each, 0)
        if depth == 0 and each == ",":
            yield tokens[start:index]
            start = index + 1
    yield tokens[start:]


def _combined(name: str, parts: list[bool | None]) -> bool | None:
    if name == "not" and len(parts) == 1:
        return None if parts[0] is None else not parts[0]
    deciding = {"all": False, "any": True}.get(name)
    if deciding is None:
        return None
    if deciding in parts:
        return deciding
    return None if None in parts else not deciding


def _option(name: str, value: str) -> bool | None:
    known = _TARGET.get(name)
    return value == known if known else _unknown(name)


def _flag(name: str) -> bool | None:
    if name == "true":
        return True
    if name in {"unix", "windows"} and sys.platform in _SYSTEMS:
        return (name == "windows") == (sys.platform == "win32")
    return _unknown(name)


def _unknown(name: str) -> bool | None:
    return None if name in {"unix", "windows"} or name.startswith(_BY_RUSTC) else False
