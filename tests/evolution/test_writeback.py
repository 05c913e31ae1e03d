"""Write-back: all or nothing, and never over somebody else's work."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.writeback import Change, NotWritten, apply
from pytest_symbiont.source.encoding import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable

OLD = b"fn f() { todo!() }\n"
NEW = b"fn f() { 1 }\r\n" * 5

# Every call of `apply` that touches a file; `before each of them` are the moments to die or to fail at.
STEPS = ("open", "write", "fchown", "fchmod", "fsync", "close", "stat", "access", "replace")

CHILD = """
import os, signal, sys
from pathlib import Path
from pytest_symbiont.evolution.writeback import Change, apply

path, death, steps = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(",")
before = path.read_bytes() if path.exists() else None
taken = 0

def dying(name, call):
    def step(*args, **kwargs):
        global taken
        taken += 1
        if taken == death:
            if name == "write":
                call(args[0], args[1][: len(args[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **kwargs)
    return step

change = Change(path, before, sys.stdin.buffer.read())
for name in steps:
    setattr(os, name, dying(name, getattr(os, name)))
apply(change)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sort.rs"
    path.write_bytes(OLD)
    return path


def refusal(change: Change) -> str:
    with pytest.raises(NotWritten) as caught:
        apply(change)
    assert caught.value.reason == str(caught.value)
    assert str(change.path) in caught.value.reason
    return caught.value.reason


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_replaces_the_content_and_nothing_else(file: Path) -> None:
    apply(Change(file, OLD, NEW, ("sort.rs::sort",)))
    assert file.read_bytes() == NEW
    assert names(file.parent) == {"sort.rs"}


def test_makes_a_new_file_as_the_umask_says(tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        apply(Change(tmp_path / "new.rs", None, NEW))
    finally:
        os.umask(umask)
    assert (tmp_path / "new.rs").read_bytes() == NEW
    assert stat.S_IMODE((tmp_path / "new.rs").stat().st_mode) == 0o640


def test_an_empty_file_is_a_content_too(file: Path) -> None:
    apply(Change(file, OLD, b""))
    assert file.read_bytes() == b""
    apply(Change(file, b"", OLD))
    assert file.read_bytes() == OLD


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_keeps_the_mode(file: Path, mode: int) -> None:
    file.chmod(mode)
    apply(Change(file, OLD, NEW))
    assert stat.S_IMODE(file.stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_keeps_the_owner(file: Path) -> None:
    os.chown(file, 1234, 2345)
    apply(Change(file, OLD, NEW))
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 2345)


def test_the_owner_that_may_not_be_kept_is_no_failure(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_descriptor: int, _owner: int, _group: int) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", forbidden)
    apply(Change(file, OLD, NEW))
    assert file.read_bytes() == NEW


def test_a_long_file_name_leaves_room_for_the_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 252 + ".rs")
    apply(Change(path, None, NEW))
    assert path.read_bytes() == NEW


def test_a_short_write_is_continued(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, rest: write(descriptor, rest[:7]))
    apply(Change(file, OLD, NEW))
    assert file.read_bytes() == NEW


def test_a_symlink_stays_and_its_destination_is_replaced(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link = folder / "link.rs"
    link.symlink_to("../sort.rs")
    apply(Change(link, OLD, NEW))
    assert link.readlink() == Path("../sort.rs")
    assert file.read_bytes() == NEW
    assert names(folder) == {"link.rs"}


def test_a_dangling_symlink_gets_its_destination(tmp_path: Path) -> None:
    link = tmp_path / "link.rs"
    link.symlink_to("new.rs")
    apply(Change(link, None, NEW))
    assert link.is_symlink()
    assert (tmp_path / "new.rs").read_bytes() == NEW


def test_refuses_a_symlink_that_leads_in_circles(tmp_path: Path) -> None:
    (tmp_path / "a.rs").symlink_to("b.rs")
    (tmp_path / "b.rs").symlink_to("a.rs")
    assert "Too many levels of symbolic links" in refusal(Change(tmp_path / "a.rs", OLD, NEW))
    assert (tmp_path / "a.rs").is_symlink()


def test_refuses_a_file_that_changed_meanwhile(file: Path) -> None:
    file.write_bytes(b"// mine\n")
    assert "changed after this session had read it; run again" in refusal(Change(file, OLD, NEW))
    assert file.read_bytes() == b"// mine\n"


def test_refuses_a_file_that_was_deleted_meanwhile(file: Path) -> None:
    file.unlink()
    assert "was deleted" in refusal(Change(file, OLD, NEW))
    assert names(file.parent) == set()


@pytest.mark.parametrize("content", [b"", OLD, NEW])
def test_refuses_a_file_that_appeared_meanwhile(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert "appeared" in refusal(Change(file, None, NEW))
    assert file.read_bytes() == content


@pytest.mark.parametrize("before", [OLD, None])
def test_a_save_while_the_temporary_file_is_written_is_seen(
    file: Path, before: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if before is None:
        file.unlink()
    write = os.write

    def save_elsewhere(descriptor: int, rest: bytes) -> int:
        file.write_bytes(b"// mine\n")
        return write(descriptor, rest)

    monkeypatch.setattr(os, "write", save_elsewhere)
    refusal(Change(file, before, NEW))
    assert file.read_bytes() == b"// mine\n"
    assert names(file.parent) == {"sort.rs"}


def test_refuses_a_read_only_file_even_for_root(file: Path) -> None:
    file.chmod(0o444)
    assert "is not writable (mode 0444); allow it with chmod u+w" in refusal(Change(file, OLD, NEW))
    assert file.read_bytes() == OLD


@pytest.mark.parametrize("before", [OLD, None])
def test_refuses_a_read_only_folder_even_for_root(file: Path, before: bytes | None) -> None:
    path = file if before else file.with_name("new.rs")
    file.parent.chmod(0o555)
    try:
        assert f"its folder {file.parent} is not writable (mode 0555)" in refusal(Change(path, before, NEW))
    finally:
        file.parent.chmod(0o755)
    assert names(file.parent) == {"sort.rs"}


def test_refuses_a_missing_folder(tmp_path: Path) -> None:
    change = Change(tmp_path / "no" / "new.rs", None, NEW)
    assert f"there is no folder {tmp_path / 'no'}; create it" in refusal(change)
    assert names(tmp_path) == set()


@pytest.mark.parametrize("before", [OLD, None])
def test_refuses_what_is_no_file(tmp_path: Path, before: bytes | None) -> None:
    (tmp_path / "folder.rs").mkdir()
    os.mkfifo(tmp_path / "fifo.rs")
    for name in ("folder.rs", "fifo.rs"):
        assert "is not a regular file" in refusal(Change(tmp_path / name, before, NEW))
    assert names(tmp_path) == {"folder.rs", "fifo.rs"}


def test_refuses_a_hard_linked_file(file: Path) -> None:
    other = file.with_name("other.rs")
    other.hardlink_to(file)
    assert "has 2 hard links" in refusal(Change(file, OLD, NEW))
    assert other.samefile(file)
    assert file.read_bytes() == OLD


def failing(counter: list[int], call: Callable[..., Any]) -> Callable[..., Any]:
    def step(*args: Any, **kwargs: Any) -> Any:
        counter[0] -= 1
        if counter[0] == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return call(*args, **kwargs)

    return step


def outcomes_of_failures(tmp_path: Path, before: bytes | None) -> list[str]:
    """Let the first, second, … step of `apply` fail; what became of the file each time."""
    outcomes: list[str] = []
    while True:
        folder = tmp_path / f"{before is None}{len(outcomes)}"
        folder.mkdir()
        path = folder / "sort.rs"
        if before is not None:
            path.write_bytes(before)
        counter = [len(outcomes) + 1]
        with pytest.MonkeyPatch.context() as patch:
            # Not `close`: what never reaches the kernel is a leak of this test.
            for name in set(STEPS) - {"close"}:
                patch.setattr(os, name, failing(counter, getattr(os, name)))
            try:
                apply(Change(path, before, NEW))
                outcome = "written"
            except NotWritten:
                outcome = "refused"
        assert names(folder) == ({"sort.rs"} if before is not None or outcome == "written" else set())
        assert not path.exists() or path.read_bytes() == (NEW if outcome == "written" else before)
        if counter[0] > 0:
            return outcomes
        outcomes.append(outcome)


@pytest.mark.parametrize("before", [OLD, None])
def test_any_failing_step_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, before: bytes | None
) -> None:
    outcomes = outcomes_of_failures(tmp_path, before)
    assert "refused" in outcomes
    # The last step syncs the folder, when the change is already made.
    assert outcomes[-1] == "written"


def test_an_interrupt_leaves_nothing_beside_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        apply(Change(file, OLD, NEW))
    assert file.read_bytes() == OLD
    assert names(file.parent) == {"sort.rs"}


def states_after_kills(folder: Path, before: bytes | None) -> list[bytes | None]:
    """Kill a process at its first, second, … step of `apply`; what was on disk each time."""
    path = folder / "sort.rs"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    states: list[bytes | None] = []
    while True:
        path.unlink(missing_ok=True)
        if before is not None:
            path.write_bytes(before)
        command = [sys.executable, "-c", CHILD, str(path), str(len(states) + 1), ",".join(STEPS)]
        code = subprocess.run(command, input=NEW, env=environment, check=False).returncode
        state = path.read_bytes() if path.exists() else None
        if code == 0:
            assert state == NEW
            return states
        assert code == -signal.SIGKILL
        states.append(state)


@pytest.mark.parametrize("before", [OLD, None])
def test_a_kill_at_any_step_leaves_the_old_or_the_new_file(tmp_path: Path, before: bytes | None) -> None:
    states = states_after_kills(tmp_path, before)
    replaced = states.index(NEW)
    assert states[:replaced] == [before] * replaced
    assert states[replaced:] == [NEW] * (len(states) - replaced)
    # Killed before looking, at every write and sync, and after the replacement too.
    assert replaced >= len(STEPS)


def test_the_file_is_synced_before_it_is_replaced_and_the_folder_after(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(descriptor: int) -> None:
        events.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def note_replace(source: Path, destination: Path) -> None:
        events.append("replace")
        replace(source, destination)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    apply(Change(file, OLD, NEW))
    assert events == ["file", "replace", "folder"]


def test_a_byte_order_mark_is_kept_on_disk_and_not_in_text() -> None:
    raw = b"\xef\xbb\xbffn f() {}\r\n"
    assert decode(raw, "f.rs") == "fn f() {}\r\n"
    assert encode("fn g() {}\n", raw) == b"\xef\xbb\xbffn g() {}\n"
    assert encode("fn g() {}\n", b"fn f() {}") == encode("fn g() {}\n", None) == b"fn g() {}\n"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_bytes_that_are_not_utf8_are_named(mark: bytes) -> None:
    offset = len(mark) + 3
    with pytest.raises(SymbiontError, match=rf"^f\.rs: byte {offset} \(0xe9, counted from 0\) is not UTF-8"):
        decode(mark + "// é".encode("latin-1"), "f.rs")


@settings(max_examples=50, deadline=None)
@given(text=st.text(), marked=st.booleans())
def test_text_survives_the_disk(text: str, marked: bool) -> None:
    raw = b"\xef\xbb\xbf" if marked else None
    if text.startswith("\ufeff") and not marked:
        text = text.lstrip("\ufeff")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.rs"
        apply(Change(path, None, encode(text, raw)))
        assert decode(path.read_bytes(), "f.rs") == text
