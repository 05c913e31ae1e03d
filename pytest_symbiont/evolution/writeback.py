"""Put a winner on disk: the whole new file or the whole old one, never half of either."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

_ANYBODY_MAY_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Change:
    """A file as it was read and as it shall be.

    ``before`` is None where the file did not exist. ``labels`` name the targets that changed
    (``sort.rs::sort``).
    """

    path: Path
    before: bytes | None
    after: bytes
    labels: tuple[str, ...] = ()


class NotWritten(Exception):  # noqa: N818 - the outcome, as the summary prints it
    """A change was refused or failed; the file is as it was. ``reason`` is one sentence for the user."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check(change: Change) -> None:
    """Raise `NotWritten` where `apply` would refuse by now; nothing is touched."""
    try:
        _check(change, Path(os.path.realpath(change.path)))
    except OSError as error:
        raise _refusal(change, f"cannot be read ({error.strerror or error})", "put that right") from error


def apply(change: Change) -> None:
    """Write one change, or raise `NotWritten` and leave the file and its folder as they were.

    The file must still be what was read, regular, writable by its mode too (root is asked to respect 0444)
    and without a second hard link, which replacing would silently cut off. A symlink stays and its
    destination is replaced. Mode and, where permitted, owner are kept; a new file gets what the umask leaves.
    Between the last look at the file and its replacement lie a few system calls: an editor that saves
    exactly then is overwritten. A process killed before the replacement can leave ``.NAME.HEX.tmp`` behind.
    """
    destination = Path(os.path.realpath(change.path))
    try:
        status = _check(change, destination)
        _replace(change, destination, status)
    except OSError as error:
        raise _refusal(
            change, f"could not be written ({error.strerror or error})", "put that right and run again"
        ) from error


def _refusal(change: Change, cause: str, step: str) -> NotWritten:
    return NotWritten(f"{os.path.normpath(change.path)}: {cause}; {step}")


def _check(change: Change, destination: Path) -> os.stat_result | None:
    """Refuse unless the change may be made now; the file's status, None where there is no file yet."""
    _check_folder(change, destination.parent)
    try:
        status = destination.stat()
    except FileNotFoundError:
        if change.before is None:
            return None
        raise _refusal(
            change, "was deleted after this session had read it", "put it back and run again"
        ) from None
    if not stat.S_ISREG(status.st_mode):
        raise _refusal(change, "is not a regular file", "name a file that can be replaced")
    if change.before is None:
        raise _refusal(
            change, "appeared after this session had found no such file", "run again to start from it"
        )
    if status.st_nlink > 1:
        raise _refusal(
            change,
            f"has {status.st_nlink} hard links, and replacing it would cut it off from the others",
            "make it a file of its own (copy it, then move the copy over it) and run again",
        )
    if not _writable(destination, status):
        raise _refusal(
            change,
            f"is not writable (mode {stat.S_IMODE(status.st_mode):04o})",
            "allow it with chmod u+w and run again",
        )
    if destination.read_bytes() != change.before:
        raise _refusal(
            change, "changed after this session had read it", "run again to start from what is there now"
        )
    return status


def _check_folder(change: Change, folder: Path) -> None:
    if not folder.is_dir():
        raise _refusal(change, f"there is no folder {folder}", "create it and run again")
    status = folder.stat()
    if not _writable(folder, status):
        raise _refusal(
            change,
            f"its folder {folder} is not writable (mode {stat.S_IMODE(status.st_mode):04o})",
            "allow it with chmod u+w and run again",
        )


def _writable(path: Path, status: os.stat_result) -> bool:
    # os.access says yes to root whatever the mode, and knows of groups, ACLs and read-only mounts.
    return bool(status.st_mode & _ANYBODY_MAY_WRITE) and os.access(path, os.W_OK)


def _replace(change: Change, destination: Path, status: os.stat_result | None) -> None:
    # Short whatever the file is called: names end at 255 bytes.
    temporary = destination.with_name(f".{destination.name[:32]}.{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o666 if status is None else 0o600)
    try:
        try:
            _fill(descriptor, change.after)
            if status is not None:
                _keep(descriptor, status)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        _check(change, destination)
        temporary.replace(destination)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(destination.parent)


def _fill(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _keep(descriptor: int, status: os.stat_result) -> None:
    """Give the new file the old one's owner, group (each where permitted) and mode."""
    for owner, group in ((status.st_uid, -1), (-1, status.st_gid)):
        with contextlib.suppress(OSError):
            os.fchown(descriptor, owner, group)
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))


def _sync_folder(folder: Path) -> None:
    # The file is replaced by now. A folder that cannot be opened or synced (some network file systems)
    # makes the change no less made, only less safe from a power cut.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
