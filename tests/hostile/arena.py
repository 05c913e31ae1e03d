"""Where hostile code is let loose: canaries that must stay as they are, and sessions that must end well."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from example import rust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from example import NewExample, Ran

KEY = "sk-canary-0123456789abcdef"
CONTENT = "canary-content-fedcba9876543210"
# No case takes longer, however loaded the machine; a hang that nobody stops would.
LONGEST = 60.0

_TESTS = """
import pytest
from pytest_symbiont import evolvable

f = evolvable("f.rs::f")


@pytest.mark.evolve(f)
def test_first():
    assert f(1) == 2


@pytest.mark.evolve(f)
def test_second():
    assert f(2) == 3


@pytest.mark.evolve(f)
def test_third():
    assert f(3) == 4


@pytest.mark.evolve(f, holdout=True)
def test_unseen():
    assert f(4711) == 4712
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is evolved: a function of this signature, its tests, and the statements that are right."""

    signature: str
    tests: str
    right: str

    @property
    def file(self) -> str:
        return f"/// One more.\n{self.signature} {{\n    todo!()\n}}\n"

    def answer(self, statements: str) -> str:
        """An answer whose body is these statements."""
        return rust(f"{self.signature} {{\n{statements}\n}}")

    def late(self, statements: str) -> str:
        """The right answer, but for the third call."""
        attack = f"let attack = move |n: u64| -> u64 {{ {statements} }}; return attack(n);"
        return f"if n == 3 {{ {attack} }} {self.right}"


PLAIN = Ground("pub fn f(n: u64) -> u64", _TESTS, "n + 1")


@dataclass(slots=True)
class Tally:
    """What all sessions together tried and lost, the layers that the headers named, and what took longest."""

    tried: int = 0
    lost: list[str] = field(default_factory=list)
    layers: set[str] = field(default_factory=set)
    slowest: tuple[float, str] = (0.0, "")


TALLY = pytest.StashKey[Tally]()


@dataclass(slots=True)
class Arena:
    """Canaries: a secret file in a folder, a listening socket of each kind, a key in the environment."""

    folder: Path
    port: int
    socket: str
    heard: list[str] = field(default_factory=list)
    hearing: threading.Event = field(default_factory=threading.Event)
    before: dict[str, tuple[object, ...]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    processes: set[int] = field(default_factory=set)

    @property
    def secret(self) -> Path:
        return self.folder / "secret"

    def aimed(self, text: str) -> str:
        """The text of an attack, with its targets."""
        targets = {"secret": self.secret, "folder": self.folder, "port": self.port, "socket": self.socket}
        for name, target in targets.items():
            text = text.replace(f"@{name}@", str(target))
        return text

    def state(self) -> dict[str, tuple[object, ...]]:
        found: dict[str, tuple[object, ...]] = {}
        for path in (self.folder, *sorted(self.folder.rglob("*"))):
            facts = path.lstat()
            content = path.read_bytes() if path.is_file() and path.name == "secret" else b""
            found[path.name] = (facts.st_mode, facts.st_uid, facts.st_nlink, facts.st_mtime_ns, content)
        return found

    def losses(self) -> list[str]:
        """What is not as it was."""
        lost = []
        if self.state() != self.before:
            lost.append("a canary file changed")
        if dict(os.environ) != self.environment:
            lost.append("the environment changed")
        if self.heard:
            lost.append(f"a socket heard {self.heard}")
        if left := children() - self.processes:
            lost.append(f"processes are left: {left}")
        return lost


def children() -> set[int]:
    """The processes that this one started, and theirs."""
    found: set[int] = set()
    waiting = [os.getpid()]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                new = set(map(int, task.read_text("ascii").split())) - found
            except OSError:
                continue
            found |= new
            waiting += new
    return found


@contextmanager
def opened(folder: Path) -> Iterator[Arena]:
    """An arena in this folder, whose sockets listen."""
    folder.mkdir()
    (folder / "secret").write_text(CONTENT)
    (folder / "secret").chmod(0o600)
    (folder / "folder.rs").write_text("pub fn inner() {}\n")
    name = f"symbiont-hostile-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        abstract.bind(f"\0{name}")
        abstract.listen()
        arena = Arena(folder, port, name)
        threads = [
            threading.Thread(target=_listen, args=(arena, listening)) for listening in (tcp, udp, abstract)
        ]
        for thread in threads:
            thread.start()
        try:
            yield arena
        finally:
            for listening in (tcp, udp, abstract):
                _shut(listening)
            for thread in threads:
                thread.join()


def _listen(arena: Arena, listening: socket.socket) -> None:
    while True:
        try:
            if listening.type == socket.SOCK_DGRAM:
                if not listening.recv(99):
                    return  # shut
            else:
                listening.accept()[0].close()
        except OSError:
            return
        arena.heard.append(listening.family.name)
        arena.hearing.set()


def _shut(listening: socket.socket) -> None:
    try:
        listening.shutdown(socket.SHUT_RDWR)
    except OSError:
        listening.close()


def answer(statements: str) -> str:
    """An answer on plain ground."""
    return PLAIN.answer(statements)


def late(statements: str) -> str:
    """The right answer on plain ground, but for the third call."""
    return PLAIN.late(statements)


def battle(
    example: NewExample,
    arena: Arena,
    tally: Tally,
    answers: Mapping[str, str],
    *args: str,
    ground: Ground = PLAIN,
    wins: bool = True,
) -> Ran:
    """One session in which these answers come one after the other, and then the right one.

    After each of them everything must be as it was. What was lost is in the tally, by the name of the case.
    """
    session = example({"f.rs": ground.file, "test_f.py": ground.tests})
    arena.before, arena.environment = arena.state(), {}
    names = list(answers)
    began = [0.0]

    def script(number: int) -> Callable[[object], str]:
        def asked(_request: object) -> str:
            if number:
                _judge(arena, tally, names[number - 1], time.monotonic() - began[0])
            else:
                arena.environment = dict(os.environ)
                arena.processes = children()
            began[0] = time.monotonic()
            return arena.aimed(answers[names[number]]) if number < len(names) else ground.answer(ground.right)

        return asked

    scripted = [script(number) for number in range(len(names) + 1)]
    changed: Mapping[str, str] = {"f.rs": ground.file.replace("todo!()", ground.right)} if wins else {}
    ran = session.run(
        "--evolve", f"--evolve-rounds={len(scripted)}", "--evolve-max-tokens=100000000", *args,
        answers=scripted, outcomes={"passed": 4}, changed=changed,
        env=dict.fromkeys(("CANARY_KEY", "OPENAI_API_KEY"), KEY),
    )  # fmt: skip
    said = ran.out + ran.err + "".join(str(received.body) for received in ran.requests)
    for secret in (KEY, CONTENT):
        if secret in said:
            tally.lost.append(
                f"{secret[:9]} was told: {said[max(0, said.index(secret) - 300) : said.index(secret)]}"
            )
    header = next(line for line in ran.out.splitlines() if line.startswith("symbiont: "))
    tally.layers.add(header.partition("isolation: ")[2])
    return ran


def _judge(arena: Arena, tally: Tally, name: str, seconds: float) -> None:
    tally.tried += 1
    tally.slowest = max(tally.slowest, (seconds, name))
    lost = arena.losses()
    if seconds > LONGEST:
        lost.append(f"it took {seconds:.0f} s")
    tally.lost += [f"{name}: {loss}" for loss in lost]


def split(cases: Mapping[str, str], parts: int) -> Sequence[Mapping[str, str]]:
    """The cases in so many sessions."""
    names = list(cases)
    return [{name: cases[name] for name in names[part::parts]} for part in range(parts)]
