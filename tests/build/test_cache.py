"""The cache of builds."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from pytest_symbiont.build import cache as caching
from pytest_symbiont.build.cache import Cache, open_cache
from pytest_symbiont.errors import SymbiontError

KEY, OTHER = caching.key("one"), caching.key("two")


def _open(folder: Path) -> Cache:
    return open_cache({caching.VARIABLE: str(folder)})


def _make(cache: Cache, key: str, content: bytes = b"built") -> Path:
    def produce(work: Path) -> bool:
        (work / "lib.so").write_bytes(content)
        return True

    folder = cache.put(key, produce)
    assert folder is not None
    return folder


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    cache = _open(tmp_path / "deep" / "er")
    assert cache.root == tmp_path / "deep" / "er"
    assert cache.root.stat().st_mode & 0o777 == 0o700


def test_without_the_variable_it_is_the_users_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert open_cache({}).root == open_cache({caching.VARIABLE: ""}).root == tmp_path / "pytest-symbiont"


def test_a_relative_folder_and_a_tilde_mean_what_they_mean_in_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert _open(Path("here")).root == tmp_path / "here"
    assert _open(Path("~/there")).root == tmp_path / "home" / "there"


def test_a_folder_that_others_may_write_is_refused(tmp_path: Path) -> None:
    for mode in (0o770, 0o702, 0o777):
        tmp_path.chmod(mode)
        with pytest.raises(
            SymbiontError, match=rf"others may write to the build cache .*; run `chmod 700 {tmp_path}`"
        ):
            _open(tmp_path)
    tmp_path.chmod(0o755)
    _open(tmp_path)


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(
        SymbiontError, match="belongs to another user; set PYTEST_SYMBIONT_CACHE to a folder of yours"
    ):
        _open(tmp_path)


def test_a_folder_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        SymbiontError, match=r"cannot be used: (Not a directory|File exists); set PYTEST_SYMBIONT_CACHE"
    ):
        _open(tmp_path / "file" / "cache")


def test_an_entry_is_found_again_and_only_under_its_key(tmp_path: Path) -> None:
    cache = _open(tmp_path / "cache")
    assert cache.get(KEY) is None
    folder = _make(cache, KEY)
    assert cache.get(KEY) == _open(cache.root).get(KEY) == folder
    assert cache.get(OTHER) is None
    assert [path.name for path in cache.root.iterdir()] == [KEY]


def test_keys_tell_their_parts_apart() -> None:
    assert (
        len({caching.key("ab", "c"), caching.key("a", "bc"), caching.key("abc"), caching.key("abc", "")}) == 4
    )
    assert caching.key("a", b"b") == caching.key(b"a", "b")


@pytest.mark.parametrize("damage", ["changed", "truncated", "missing", "manifest", "no manifest"])
def test_a_damaged_entry_is_removed_and_made_anew(tmp_path: Path, damage: str) -> None:
    cache = _open(tmp_path / "cache")
    folder = _make(cache, KEY)
    library, manifest = folder / "lib.so", folder / "manifest.json"
    match damage:
        case "changed":
            library.write_bytes(b"BUILT")
        case "truncated":
            library.write_bytes(b"")
        case "missing":
            library.unlink()
        case "manifest":
            manifest.write_bytes(manifest.read_bytes()[:-9])
        case _:
            manifest.unlink()
    assert cache.get(KEY) is None
    assert not folder.exists()
    assert (_make(cache, KEY) / "lib.so").read_bytes() == b"built"


def test_what_failed_leaves_nothing(tmp_path: Path) -> None:
    cache = _open(tmp_path / "cache")
    assert cache.put(KEY, lambda work: bool((work / "lib.so").write_bytes(b"")) and False) is None

    def interrupted(work: Path) -> bool:
        (work / "lib.so").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.put(KEY, interrupted)
    assert list(cache.root.iterdir()) == []


def test_a_cache_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    cache = _open(tmp_path / "cache")
    cache.root.rmdir()
    with pytest.raises(
        SymbiontError, match=r"cache cannot be written \(No such file or directory\); make room"
    ):
        _make(cache, KEY)


def test_the_least_recently_used_entries_go_first(tmp_path: Path) -> None:
    cache = _open(tmp_path / "cache")
    keys = [caching.key(str(number)) for number in range(4)]
    for age, key in enumerate(keys):
        os.utime(_make(cache, key, bytes(1000)), (1000 + age, 1000 + age))
    assert cache.evict(10_000) == 0
    assert cache.get(keys[0]) is not None  # used just now
    assert cache.evict(3000) == 2
    assert [cache.get(key) is not None for key in keys] == [True, False, False, True]
    assert cache.evict(0) == 2


def test_clearing_removes_entries_and_nothing_of_anybody_else(tmp_path: Path) -> None:
    cache = _open(tmp_path / "cache")
    _make(cache, KEY)
    (cache.root / "making-left-by-a-kill").mkdir()
    (cache.root / "_symbiont_callable-0123.cpython-311.so").touch()
    (cache.root / "my thesis").mkdir()
    (cache.root / "notes.txt").touch()
    assert cache.clear() == 2
    assert sorted(path.name for path in cache.root.iterdir()) == ["my thesis", "notes.txt"]
    assert cache.evict(0) == 0
    assert sorted(path.name for path in cache.root.iterdir()) == ["my thesis", "notes.txt"]


def test_the_first_of_two_makers_wins_and_both_get_its_entry(tmp_path: Path) -> None:
    cache = _open(tmp_path / "cache")

    def overtaken(work: Path) -> bool:
        (work / "lib.so").write_bytes(b"late")
        _make(cache, KEY, b"first")
        return True

    folder = cache.put(KEY, overtaken)
    assert folder is not None
    assert folder == cache.get(KEY)
    assert (folder / "lib.so").read_bytes() == b"first"
    assert len(list(cache.root.iterdir())) == 1


def test_a_maker_that_finds_a_damaged_entry_replaces_it(tmp_path: Path) -> None:
    cache = _open(tmp_path / "cache")

    def overtaken(work: Path) -> bool:
        (work / "lib.so").write_bytes(b"late")
        (_make(cache, KEY, b"first") / "lib.so").write_bytes(b"damaged")
        return True

    folder = cache.put(KEY, overtaken)
    assert folder is not None
    assert (folder / "lib.so").read_bytes() == b"late"


_MAKER = """
import sys, threading
from pathlib import Path
from pytest_symbiont.build.cache import Cache, key
cache = Cache(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read(1)
for number in range(40):
    content = str(number).encode() * 10_000
    name = key(str(number))
    folder = cache.get(name) or cache.put(name, lambda work: bool((work / "lib.so").write_bytes(content)))
    assert (folder / "lib.so").read_bytes() == content, number
    assert cache.get(name) == folder, number
"""


def test_two_processes_may_use_a_cache_at_once(tmp_path: Path) -> None:
    cache = _open(tmp_path / "cache")
    path = os.pathsep.join(entry for entry in sys.path if entry)
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", _MAKER, str(cache.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        for _ in range(2)
    ]
    for maker in makers:
        assert maker.stdout is not None
        assert maker.stdout.readline() == b"ready\n"
    said: list[bytes] = []
    waiting = [
        threading.Thread(target=lambda maker=maker: said.append(maker.communicate(b"go")[1]))
        for maker in makers
    ]
    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join()
    assert (said, [maker.returncode for maker in makers]) == ([b"", b""], [0, 0])
    assert len(list(cache.root.iterdir())) == 40


def test_an_entry_that_cannot_be_read_just_now_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = _open(tmp_path / "cache")
    folder = _make(cache, KEY)

    def refuse(_: Path) -> str:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(caching, "digest", refuse)
        assert cache.get(KEY) is None
    assert cache.get(KEY) == folder


def test_a_maker_that_cannot_read_what_is_there_still_ends_with_an_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = _open(tmp_path / "cache")
    _make(cache, KEY, b"unreadable")
    monkeypatch.setattr(Cache, "get", lambda *_: None)
    assert (_make(cache, KEY, b"new") / "lib.so").read_bytes() == b"new"
    assert [path.name for path in cache.root.iterdir()] == [KEY]


@pytest.mark.parametrize("there", [False, True], ids=["nothing", "damaged"])
def test_what_another_makes_while_one_looks_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    cache = _open(tmp_path / "cache")
    if there:
        (_make(cache, KEY) / "manifest.json").unlink()
    look = Path.read_bytes if there else Path.stat

    def overtaken(path: Path) -> Any:
        try:
            return look(path)
        except FileNotFoundError:
            monkeypatch.undo()
            if there:
                (cache.root / KEY).rename(tmp_path / "gone")
            _make(cache, KEY, b"new")
            raise

    monkeypatch.setattr(Path, look.__name__, overtaken)
    cache.get(KEY)
    folder = cache.get(KEY)
    assert folder is not None
    assert (folder / "lib.so").read_bytes() == b"new"
