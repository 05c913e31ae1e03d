"""The cache of builds: a folder of the user, keyed by content."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import platformdirs

from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VARIABLE = "PYTEST_SYMBIONT_CACHE"
LIMIT = 1 << 30
# Where cargo builds what the packages of suites depend on.
PACKAGES = "packages"
_MANIFEST = "manifest.json"
_MAKING = "making-"
_ATTEMPTS = 3
_OURS = re.compile(rf"[0-9a-f]{{64}}|{_MAKING}.*")


class _Manifest(msgspec.Struct, frozen=True):
    """The SHA-256 of every file of an entry, by name."""

    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cache:
    """Entries are folders, made once and never changed; an entry's use is its folder's modification time."""

    root: Path

    def get(self, key: str) -> Path | None:
        """The folder of an entry, or None. A damaged entry is removed and counts as missing."""
        folder = self.root / key
        try:
            seen = folder.stat()
            whole = _is_whole(folder)
        except OSError:
            # Not there, or not readable just now (no descriptor left, no permission): no proof of damage.
            return None
        if not whole:
            with suppress(OSError):
                # Another process may have put a good one in its place since.
                if os.path.samestat(seen, folder.stat()):
                    self._discard(folder)
            return None
        with suppress(OSError):  # a cache that cannot be written can be read
            os.utime(folder)
        return folder

    def put(self, key: str, produce: Callable[[Path], bool]) -> Path | None:
        """Make an entry with ``produce(folder)``, which says whether it made something worth keeping.

        Two processes may make the same entry at once: the first one to finish wins, both get its folder.
        Raises `SymbiontError` where the cache cannot be written.
        """
        try:
            return self._put(key, produce)
        except OSError as error:
            raise SymbiontError(
                f"the build cache {self.root} cannot be written ({error.strerror or error}); make room or "
                f"mend its permissions, or set {VARIABLE} to another folder of yours"
            ) from None

    def _put(self, key: str, produce: Callable[[Path], bool]) -> Path | None:
        work = Path(tempfile.mkdtemp(prefix=_MAKING, dir=self.root))
        try:
            if not produce(work):
                return None
            names = sorted(path.name for path in work.iterdir())
            manifest = _Manifest({name: digest(work / name) for name in names})
            (work / _MANIFEST).write_bytes(msgspec.json.encode(manifest))
            folder = self.root / key
            self._settle(work, folder)
            return folder
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _settle(self, work: Path, folder: Path) -> None:
        for left in reversed(range(_ATTEMPTS)):
            try:
                work.rename(folder)
            except OSError:
                # Somebody else's is there; one that is damaged or cannot be read makes room.
                if self.get(folder.name) is not None:
                    return
                if not left:
                    raise
                with suppress(FileNotFoundError):
                    self._discard(folder)
            else:
                return

    def _discard(self, folder: Path) -> None:
        """Remove an entry. Under another name first: nobody finds half of it, nor loses a new one."""
        aside = self.root / f"{_MAKING}{secrets.token_hex(8)}"
        folder.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)

    def clear(self) -> int:
        """Remove every entry, the compiled call extension and what cargo built; returns how many entries."""
        entries = self._entries()
        for path in entries:
            shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(self.root / PACKAGES, ignore_errors=True)
        for path in self.root.glob("_symbiont_callable-*"):
            path.unlink(missing_ok=True)
        return len(entries)

    def evict(self, limit: int = LIMIT) -> int:
        """Remove the least recently used entries until the rest fits ``limit`` bytes; returns how many."""
        sized = []
        for folder in self._entries():
            try:
                sized.append((folder.stat().st_mtime_ns, _size(folder), folder))
            except OSError:
                continue
        total = sum(size for _, size, _ in sized)
        removed = 0
        for _, size, folder in sorted(sized):
            if total <= limit:
                break
            shutil.rmtree(folder, ignore_errors=True)
            total -= size
            removed += 1
        return removed

    def _entries(self) -> list[Path]:
        """Our own folders only: the variable may name a folder that holds other things too."""
        return [path for path in self.root.iterdir() if _OURS.fullmatch(path.name) and path.is_dir()]


def key(*parts: str | bytes) -> str:
    """A name for an entry that is made of ``parts``."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def open_cache(environ: Mapping[str, str]) -> Cache:
    """The user's cache, its folder made where it is not there yet.

    What lies in it is loaded into the process, so it must belong to this user alone: another owner, or a
    folder that others can write, is a `SymbiontError`.
    """
    # Absolute, because rustc runs elsewhere.
    named = environ.get(VARIABLE)
    root = Path(named).expanduser().absolute() if named else platformdirs.user_cache_path("pytest-symbiont")
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = root.stat()
    except OSError as error:
        raise SymbiontError(
            f"the build cache {root} cannot be used: {error.strerror}; set {VARIABLE} to a folder of yours"
        ) from None
    if facts.st_uid != os.getuid():
        raise SymbiontError(
            f"the build cache {root} belongs to another user; set {VARIABLE} to a folder of yours"
        )
    if stat.S_IMODE(facts.st_mode) & 0o022:
        raise SymbiontError(f"others may write to the build cache {root}; run `chmod 700 {root}`")
    return Cache(root)


def _is_whole(folder: Path) -> bool:
    """Whether an entry is what was put there. It came in one piece, so a file that is missing is damage."""
    try:
        manifest = msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=_Manifest)
        return all(digest(folder / name) == expected for name, expected in manifest.files.items())
    except (FileNotFoundError, msgspec.DecodeError):
        return False


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
