"""Questions of a worker: its own time is bounded, Python's is not counted, and what makes no sense fails."""

from __future__ import annotations

import struct
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from example import rust

from pytest_symbiont.bridge import worker as workers
from pytest_symbiont.bridge.arguments import Packed
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.bridge.remote import RemoteRoute
from pytest_symbiont.bridge.worker import Worker, WorkerDied
from pytest_symbiont.build.builder import Profile
from pytest_symbiont.errors import RustCrash, RustTimeout, SymbiontError

if TYPE_CHECKING:
    from pathlib import Path

    from example import NewExample

SOURCE = """
pub fn for_ever(f: impl Fn(i64) -> i64) { loop { f(1); } }
pub fn stuck(x: i64) -> i64 { loop { std::hint::black_box(x); } }
pub fn hangs(n: i64) -> impl Iterator<Item = i64> { (0..n).map(|_| loop { std::hint::black_box(1); }) }
pub fn once(f: impl Fn(i64) -> i64) -> i64 { f(1) }
"""


class _Remote:
    """The file's functions in a worker with this deadline."""

    def __init__(self, folder: Path, timeout: float) -> None:
        (folder / "lib.rs").write_text(SOURCE)
        registry = Registry()
        self.lib: Any = registry.module(folder / "lib.rs")
        handles = [handle for file in registry.files.values() for handle in file.handles.values()]
        self.route = RemoteRoute(
            registry.workbench.builder.native.worker,
            lambda handle, profile: handle.file.build(handle.revision, profile),
            Profile.DISK,
            timeout=timeout,
            output=lambda _: None,
            together=handles,
            patience=9,
        )
        for handle in handles:
            handle.route = self.route


def test_who_asks_for_ever_is_stopped_by_its_own_time(tmp_path: Path) -> None:
    remote = _Remote(tmp_path, 0.3)
    with (
        closing(remote.route),
        pytest.raises(RustTimeout, match=r"no answer in 0\.3 s while `for_ever\(f=abs\)` ran"),
    ):
        remote.lib.for_ever(abs)


def test_who_asks_often_pays_for_the_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_FREE_ANSWERS", 2)
    remote = _Remote(tmp_path, 0.3)
    asked: list[int] = []

    def slow(x: int) -> int:
        asked.append(x)
        time.sleep(0.2)
        return x

    with closing(remote.route), pytest.raises(RustTimeout, match="while `for_ever"):
        remote.lib.for_ever(slow)
    assert 2 < len(asked) <= 4


def test_python_s_time_does_not_count_and_a_call_within_has_its_own(tmp_path: Path) -> None:
    remote = _Remote(tmp_path, 0.3)

    def slow(x: int) -> int:
        began = time.monotonic()
        while time.monotonic() - began < 0.4:
            pass
        return x

    with closing(remote.route):
        assert remote.lib.once(slow) == 1
        with pytest.raises(RustTimeout, match="while `stuck"):
            remote.lib.once(remote.lib.stuck)
        assert remote.lib.once(abs) == 1


def test_an_iterator_that_hangs_is_late_and_is_no_more(tmp_path: Path) -> None:
    remote = _Remote(tmp_path, 0.3)
    with closing(remote.route):
        hangs = remote.lib.hangs(3)
        with pytest.raises(RustTimeout, match=r"no answer in 0\.3 s"):
            next(hangs)
        with pytest.raises(SymbiontError, match="was made in a trial's worker, which has ended"):
            next(hangs)


FORGER = """\
#!{python}
import os, struct, sys
requests, replies = map(int, sys.argv[1:3])
def read(count):
    data = b""
    while len(data) < count:
        data += os.read(requests, count - len(data))
    return data
def request():
    magic, kind, request, callee, length = struct.unpack("<8sQQQQ", read(40))
    return request, callee, read(length)
def reply(kind, request, callee, body):
    os.write(replies, struct.pack("<8sQQQQ", b"SYMBIONT", kind, request, callee, len(body)) + body)
ask, _, _ = request()
reply(3, ask, 0, b"")
ask, _, body = request()
{forged}
os.read(requests, 1 << 20)
"""


@pytest.mark.parametrize(
    ("forged", "asks"),
    [
        ("reply(9, ask ^ 1, 7, b'')", True),
        ("os.write(replies, struct.pack('<8s4Q', b'SYMBIONT', 9, ask, 7, 9)); os.close(replies)", True),
        ("reply(10, ask, 7, b'')", True),
        ("reply(9, ask, 7, b'')", False),  # of a call that has nobody to ask
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_ends_the_worker(tmp_path: Path, forged: str, asks: bool) -> None:
    forger = tmp_path / "forger"
    forger.write_text(
        FORGER.format(python=sys.executable, forged=forged if asks else "reply(9, ask, 7, b'')")
    )
    forger.chmod(0o755)
    worker = Worker(forger)
    with closing(worker):
        worker.load([], timeout=30)
        answers = _handle(tmp_path).codec.answers() if asks else None
        with pytest.raises(WorkerDied):
            worker.call(0, [Packed(memoryview(b""), 0, answers=answers)], timeout=30)
        assert not worker.alive


def test_what_is_asked_of_nobody_or_with_nonsense_is_an_error(tmp_path: Path) -> None:
    handle = _handle(tmp_path)
    answers = handle.codec.answers()
    [parameter] = handle.plan.parameters
    number = answers.number(parameter, abs)
    assert answers.answer(number, struct.pack("b", 5)) == struct.pack("b", 5)
    assert answers.answer(number, b"\xa1a") is None
    with pytest.raises(RustCrash, match="makes no sense"):
        answers.settle()
    assert answers.answer(number, b"\x05") is None
    with pytest.raises(RuntimeError, match="earlier call"):
        answers.settle()


def _handle(folder: Path) -> Any:
    (folder / "lib.rs").write_text(SOURCE)
    registry = Registry()
    return registry.handle(registry.function(folder / "lib.rs", "once"))


BODY = """
/// How many of `xs` the test `keep` lets through, before the first that it does not.
pub fn leading(xs: impl Iterator<Item = i64>, keep: impl Fn(i64) -> bool) -> usize {
    BODY
}
"""
TESTS = """
import itertools
import pytest
from pytest_symbiont import evolvable

leading = evolvable("leading.rs::leading")

@pytest.mark.evolve(leading)
def test_counts():
    assert leading(itertools.count(), lambda x: x < 5) == 5
    assert leading([1, 9, 1], lambda x: x < 5) == 1

@pytest.mark.evolve(leading)
def test_an_exception_comes_out():
    with pytest.raises(ZeroDivisionError):
        leading(iter([1, 0]), lambda x: 1 / x > 0)
"""


@pytest.mark.parametrize("isolation", ["auto", "strict"])
def test_a_suite_with_callables_evolves(example: NewExample, isolation: str) -> None:
    def body(text: str) -> str:
        return BODY.replace("BODY", text)

    leading = example({"leading.rs": body("todo!()"), "test_leading.py": TESTS})
    wrong, right = "xs.take(9).filter(|&x| keep(x)).count()", "xs.take_while(|&x| keep(x)).count()"
    ran = leading.run(
        "--evolve", f"--evolve-isolation={isolation}", "--evolve-timeout=5",
        answers=[rust(body(wrong)), rust(body(right))], outcomes={"passed": 2},
        changed={"leading.rs": body(right)},
    )  # fmt: skip
    assert "assert 2 == 1" in ran.prompt(1) or "== 5" in ran.prompt(1)


NATURALS = """
/// The multiples of `by` from `from` on, without an end.
pub fn multiples(from: u64, by: u64) -> impl Iterator<Item = u64> {
    BODY
}
"""
NATURALS_TESTS = """
from itertools import islice
import pytest
from pytest_symbiont import evolvable

multiples = evolvable("naturals.rs::multiples")

@pytest.fixture(scope="module")
def some():
    return multiples(1, 3)

@pytest.mark.evolve(multiples)
def test_is_lazy():
    assert list(islice(multiples(4, 3), 3)) == [6, 9, 12]

@pytest.mark.evolve(multiples)
def test_begins(some):
    assert multiples(1, 3).__next__() == 3
"""


def test_a_lazy_iterator_evolves_from_nothing(example: NewExample) -> None:
    """`todo!()` alone is no iterator to rustc, and is what a developer begins with."""
    todo = NATURALS.replace("BODY", "todo!()")
    right = NATURALS.replace("BODY", "(from..).filter(move |n| n % by == 0)")
    naturals = example({"naturals.rs": todo, "test_naturals.py": NATURALS_TESTS})
    ran = naturals.run(
        "--evolve", answers=[rust(NATURALS.replace("BODY", "from..")), rust(right)], outcomes={"passed": 2},
        changed={"naturals.rs": right},
    )  # fmt: skip
    assert "6, 9, 12" in ran.prompt(1)
