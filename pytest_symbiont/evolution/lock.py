"""``symbiont.lock``: what each body of a folder's Rust files was proven by.

TOML, a table a target, sorted, so that it can be read and compared line by line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING

import msgspec

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.source.digest import digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "symbiont.lock"
VERSION = 1
_HEAD = "# Which tests each body was proven by: pytest --evolve writes it, pytest --evolve-check compares.\n"


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One target's provenance. ``helpers`` and ``tests`` are digests by name.

    ``model`` is who wrote the body, empty where a person did. ``seal`` is the digest of all the rest.
    """

    signature: str
    body: str
    context: str
    model: str
    rounds: int
    tokens: int
    plugin: str
    rustc: str
    helpers: Mapping[str, str] = {}
    tests: Mapping[str, str] = {}
    seal: str = ""

    def sealed(self) -> Entry:
        return msgspec.structs.replace(self, seal=self._seal())

    @property
    def intact(self) -> bool:
        """Whether nobody has changed it since it was written."""
        return self.seal == self._seal()

    def _seal(self) -> str:
        return digest(line for line in _table("", self) if not line.startswith("seal"))


class Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file, by ``sort.rs::sort``."""

    version: int = VERSION
    target: Mapping[str, Entry] = {}


def decode(raw: bytes | None, path: Path) -> Lock:
    """The lock in these bytes; one that is not there is empty. Raises `SymbiontError` where it is none."""
    if raw is None:
        return Lock()
    try:
        lock = msgspec.toml.decode(raw, type=Lock)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        told = " ".join(str(error).split())
        raise SymbiontError(
            f"{path.name}: not as it was written ({told}); restore it, or delete it and run "
            "pytest --evolve-adopt"
        ) from None
    if lock.version != VERSION:
        raise SymbiontError(
            f"{path.name}: its version is {lock.version}, and this pytest-symbiont knows {VERSION}; install "
            "the one that wrote it, or delete it and run pytest --evolve-adopt"
        )
    return lock


def encode(lock: Lock) -> bytes:
    """The file's bytes."""
    lines = [f"{_HEAD}version = {lock.version}"]
    for name, entry in sorted(lock.target.items()):
        lines += ["", *_table(f"target.{_quoted(name)}", entry)]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _table(name: str, entry: Entry) -> Iterator[str]:
    yield f"[{name}]"
    for field in ("signature", "body", "context", "model", "rounds", "tokens", "plugin", "rustc", "seal"):
        value = getattr(entry, field)
        yield f"{field} = {value if isinstance(value, int) else _quoted(value)}"
    for field, digests in (("helpers", entry.helpers), ("tests", entry.tests)):
        if digests:
            yield f"[{name}.{field}]"
            yield from (f"{_quoted(key)} = {_quoted(value)}" for key, value in sorted(digests.items()))


def _quoted(text: str) -> str:
    """A basic string of TOML, which is JSON's but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
