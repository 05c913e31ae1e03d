"""No layer is decoration: with it alone switched off a named attack gets through, with it on none does.

Attacks on the worker and on the jail are built without the layers before these, which would stop them first.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from hostile.arena import CONTENT, KEY, PLAIN, answer, opened
from hostile.test_running import let_through
from pytest_symbiont import RustCrash, RustTimeout
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.bridge.remote import RemoteRoute
from pytest_symbiont.build import builder as builders
from pytest_symbiont.build import jail
from pytest_symbiont.build.builder import Builder, BuildFailure, Profile
from pytest_symbiont.build.isolation import LAYERS, Isolation, Layer
from pytest_symbiont.evolution import candidate
from pytest_symbiont.evolution.candidate import take_candidate
from pytest_symbiont.evolution.ladder import Shortfall

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hostile.arena import Arena
    from pytest_symbiont.bridge.handle import Handle

ON_AND_OFF = pytest.mark.parametrize("on", [True, False], ids=["on", "off"])
needs_x86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="system calls by their numbers")


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    with opened(tmp_path / "canaries") as arena:
        arena.before = arena.state()
        yield arena


def without(layer: Layer, *, on: bool) -> Isolation:
    return Isolation("auto", tuple(name for name in LAYERS if on or name != layer))


class Attack:
    """A body, called in a worker or compiled in a jail with these layers."""

    def __init__(self, folder: Path, text: str, isolation: Isolation) -> None:
        (folder / "f.rs").write_text(text)
        registry = Registry()
        registry.workbench.isolation = isolation
        self.isolation = isolation
        self.function: Any = registry.function(folder / "f.rs", "f")
        handle = registry.handle(self.function)
        assert handle is not None
        self.handle: Handle = handle

    def call(self, argument: int = 1, *, timeout: float = 60) -> object:
        file = self.handle.file
        route = RemoteRoute(
            file.workbench.builder.native.worker,
            lambda handle, _: handle.file.build(handle.revision, Profile.TRIAL),
            Profile.DISK,
            timeout=timeout,
            output=lambda _: None,
            together=[self.handle],
            isolation=self.isolation,
        )
        try:
            with self.handle.through(route, self.handle.revision):
                return self.function(argument)
        finally:
            route.close()

    def errors(self) -> str:
        done = self.handle.file.build(self.handle.revision, Profile.TRIAL)
        return done.text if isinstance(done, BuildFailure) else ""


def body(statements: str) -> str:
    return f"pub fn f(n: u64) -> u64 {{ {statements} }}\n"


@ON_AND_OFF
def test_the_screen_keeps_state_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on: bool) -> None:
    """A body that counts its calls tells one test from the next; the compiler has nothing against it."""
    counts = "use std::sync::atomic::{AtomicU64, Ordering}; static N: AtomicU64 = AtomicU64::new(0);"
    counts += " N.fetch_add(1, Ordering::Relaxed) + n"
    attack = Attack(tmp_path, PLAIN.file, Isolation())
    if not on:
        monkeypatch.setattr(candidate, "screen", lambda *_, **__: None)
    taken = take_candidate(answer(counts), [attack.handle])
    if on:
        assert isinstance(taken, Shortfall)
        assert "uses `static`, which is not allowed here" in taken.told
    else:
        assert not isinstance(taken, Shortfall)
        assert Attack(tmp_path, body(counts), Isolation()).call() == 1


@ON_AND_OFF
def test_the_facade_keeps_std_s_doors_shut(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on: bool) -> None:
    """Its own process number is a secret of the machine, and the sandbox lets it be asked for."""
    if not on:
        _drop(monkeypatch, "--extern=")
    attack = Attack(tmp_path, body("std::process::id() as u64 | n"), Isolation())
    if on:
        assert "could not find `process` in `std`" in attack.errors()
    else:
        assert attack.call() not in {0, 1}


@ON_AND_OFF
def test_the_compiler_keeps_unsafe_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on: bool) -> None:
    """It reads memory that is not its own, here its caller's stack."""
    if not on:
        _drop(monkeypatch, "-Funsafe_code")
    attack = Attack(tmp_path, body("unsafe { *(&raw const n).add(8) }; 7"), Isolation())
    if on:
        assert "usage of an `unsafe` block" in attack.errors()
    else:
        assert attack.call() == 7


@needs_x86_64
@ON_AND_OFF
def test_seccomp_keeps_the_network_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arena: Arena, on: bool
) -> None:
    """A datagram: landlock knows of TCP alone."""
    let_through(monkeypatch)
    sends = 'use std::net::UdpSocket; let s = UdpSocket::bind("127.0.0.1:0").unwrap(); '
    sends += 's.send_to(b"key", "127.0.0.1:@port@").unwrap() as u64 + n'
    attack = Attack(tmp_path, body(arena.aimed(sends)), without("seccomp", on=on))
    if on:
        with pytest.raises(RustCrash, match="because it tried to use the network or a socket"):
            attack.call()
    else:
        assert attack.call() == 4
        assert arena.hearing.wait(30)
    assert bool(arena.heard) is not on


@ON_AND_OFF
def test_landlock_keeps_files_out_while_a_build_loads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arena: Arena, on: bool
) -> None:
    """Initialisers run before seccomp is narrowed: the loader itself has to open files."""
    let_through(monkeypatch)
    reads = """
#[used]
#[unsafe(link_section = ".init_array")]
static READ: extern "C" fn() = read;
static FIRST: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

unsafe extern "C" {
    fn open(path: *const std::ffi::c_char, flags: i32) -> i32;
    fn pread(descriptor: i32, bytes: *mut u8, length: usize, at: i64) -> isize;
}

extern "C" fn read() {
    let mut first = [0u8];
    let file = unsafe { open(c"@secret@".as_ptr(), 0) };
    unsafe { pread(file, first.as_mut_ptr(), 1, 0) };
    FIRST.store(first[0].into(), std::sync::atomic::Ordering::Relaxed);
}

pub fn f(n: u64) -> u64 {
    FIRST.load(std::sync::atomic::Ordering::Relaxed) * n
}
"""
    attack = Attack(tmp_path, arena.aimed(reads), without("landlock", on=on))
    assert attack.call() == (0 if on else ord(CONTENT[0]))


@needs_x86_64
@ON_AND_OFF
def test_rlimits_keep_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on: bool) -> None:
    let_through(monkeypatch)
    maps = 'unsafe extern "C" { fn mmap(a: usize, l: usize, p: i32, f: i32, d: i32, o: i64) -> isize; } '
    maps += "(unsafe { mmap(0, 5 << 30, 0, 0x22, -1, 0) } == -1) as u64 + n"
    attack = Attack(tmp_path, body(maps), without("rlimits", on=on))
    assert attack.call() == (2 if on else 1)


@ON_AND_OFF
def test_the_deadline_ends_what_takes_its_time(tmp_path: Path, on: bool) -> None:
    takes = "let mut k = n; for _ in 0..60_000_000u64 { k = std::hint::black_box(k ^ 1); } k"
    attack = Attack(tmp_path, body(takes), Isolation())
    if on:
        with pytest.raises(RustTimeout, match=r"no answer in 0\.05 s"):
            attack.call(timeout=0.05)
    else:
        assert attack.call() == 1


@ON_AND_OFF
def test_the_worker_keeps_the_environment_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on: bool
) -> None:
    let_through(monkeypatch)
    monkeypatch.setenv("CANARY_KEY", KEY)
    if not on:
        start = subprocess.Popen

        def with_environment(*args: Any, env: object, **kwargs: Any) -> Any:  # noqa: ARG001 - it is dropped
            return start(*args, **kwargs)

        monkeypatch.setattr(subprocess, "Popen", with_environment)
    attack = Attack(tmp_path, body('n + std::env::var("CANARY_KEY").is_ok() as u64'), Isolation())
    attack.errors()  # built before, by a rustc that needs its own environment to be empty
    assert attack.call() == (1 if on else 2)


@needs_x86_64
@pytest.mark.parametrize("layer", ["landlock", "seccomp"])
def test_a_confined_worker_cannot_be_traced_nor_gain_rights(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, layer: Layer
) -> None:
    """Not dumpable, and no new privileges; where nothing is confined both are as they were."""
    let_through(monkeypatch)
    asks = 'unsafe extern "C" { fn prctl(o: i32, ...) -> i32; } let zero = 0u64; '
    asks += "unsafe { prctl(3) as u64 * 10 + prctl(39, zero, zero, zero, zero) as u64 + n }"
    open_ = Attack(tmp_path, body(asks), Isolation("off", ()))
    assert open_.call(0) == 10
    if layer == "landlock":
        assert Attack(tmp_path, body(asks), Isolation("auto", (layer,))).call(0) == 1
    else:
        with pytest.raises(RustCrash, match="change its own limits or rights"):
            Attack(tmp_path, body(asks), Isolation("auto", (layer,))).call(0)


@ON_AND_OFF
def test_the_jail_s_landlock_keeps_files_out_of_diagnostics(tmp_path: Path, arena: Arena, on: bool) -> None:
    """rustc quotes what it cannot parse."""
    elsewhere = f'#[path = "@secret@"]\nmod inner;\n{body("n")}'
    attack = Attack(tmp_path, arena.aimed(elsewhere), without("landlock", on=on))
    assert (CONTENT.split("-")[0] in attack.errors().replace(str(arena.folder), "")) is not on
    assert ("Permission denied" in attack.errors()) is on


@ON_AND_OFF
def test_the_jail_s_limits_keep_builds_small(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on: bool
) -> None:
    monkeypatch.setattr(jail, "FILE_BYTES", 4 << 20)
    great = f"static A: [u64; 1 << 21] = [{'7' if on else '8'}; 1 << 21];\n{body('A[n as usize]')}"
    attack = Attack(tmp_path, great, without("rlimits", on=on))
    if on:
        assert "the build is larger than 4 MiB; write something smaller" in attack.errors()
    else:
        assert attack.call() == 8


# What a bug in rustc would do; each says its name where it could.
TRIES = """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    print("socket")
except OSError:
    pass
try:
    os.kill(os.getppid(), 0)
    print("kill")
except OSError:
    pass
if libc.ptrace(0, 0, 0, 0) == 0:
    print("ptrace")
if libc.syscall({keyctl}, 0, -3, 0) > 0 or ctypes.get_errno() != 38:
    print("keyctl")
if libc.unshare(0x10000000) == 0 or ctypes.get_errno() != 38:
    print("unshare")
if libc.prctl(3, 0, 0, 0, 0) >= 0:
    print("prctl")
print("compiled")
"""


@needs_x86_64
@ON_AND_OFF
def test_the_jail_s_seccomp_leaves_compiling_alone(tmp_path: Path, on: bool) -> None:
    builder = Registry().workbench.builder
    layers: tuple[Layer, ...] = ("seccomp",) if on else ()
    around = jail.Jail(builder.toolchain, builder.native.folder, builder.native.facade_folder, layers)
    command = [*around.command(tmp_path), sys.executable, "-c", TRIES.format(keyctl=250)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    told = done.stdout.split()
    assert told == ["compiled"] if on else {"socket", "kill", "ptrace", "keyctl", "prctl"} <= set(told)


@ON_AND_OFF
def test_constants_come_to_an_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on: bool) -> None:
    """A constant that takes its time, with leave that it gave itself."""
    if not on:
        monkeypatch.setattr(builders, "_FORBIDDEN", ("-Funsafe_code",))
    slow = "#[allow(long_running_const_eval)] "
    slow += "const N: u64 = { let mut i = 0; while i < 3_000_000 { i += 1; } i };"
    attack = Attack(tmp_path, body(f"{slow} N + n"), Isolation())
    assert ("incompatible with previous forbid" in attack.errors()) is on
    if not on:
        assert attack.call() == 3_000_001


def _drop(monkeypatch: pytest.MonkeyPatch, start: str) -> None:
    arguments = Builder.arguments

    def fewer(self: Builder, *args: Any, **kwargs: Any) -> list[str]:
        return [word for word in arguments(self, *args, **kwargs) if not word.startswith(start)]

    monkeypatch.setattr(Builder, "arguments", fewer)
