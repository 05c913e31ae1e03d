"""Revisions: numbered, addressable, swapped while others call."""

from __future__ import annotations

import threading
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from pytest_symbiont import (
    CompileError,
    RustPanic,
    SymbiontError,
    activate,
    active,
    current,
    evolvable,
    revision,
    revisions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_symbiont.bridge.evolving import EvolvingFile

ONE = """\
pub fn number() -> i64 { 1 }
pub fn fill(xs: &mut [i64]) { for x in xs { *x = 1; } }
pub fn text(of: &str) -> String { format!("one {of}") }
pub fn meet(flags: &mut [u8]) -> i64 {
    flags[0] = 1;
    while unsafe { std::ptr::read_volatile(&flags[1]) } == 0 { std::hint::spin_loop() }
    1
}
pub fn boom() { panic!("one") }
"""
TWO = (
    ONE.replace("1 }", "2 }").replace("= 1; }", "= 2; }").replace("one", "two").replace("    1\n", "    2\n")
)


@contextmanager
def _scope(extension: bool) -> Iterator[None]:
    scope = current.enter()
    try:
        if not extension:
            scope.registry.workbench.extension = None  # as without a C compiler
        yield
    finally:
        current.leave(scope)


@pytest.fixture(params=["extension", "python"])
def lib(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """The file's functions, each with revision 0 (one) and 1 (two)."""
    path = tmp_path / "lib.rs"
    path.write_text(ONE)
    with _scope(request.param == "extension"):
        module = evolvable(str(path))
        # Candidates may not be unsafe; what is on disk may, and `meet` needs it.
        _file(module).add(TWO.replace("unsafe { std::ptr::read_volatile(&flags[1]) }", "flags[1]"))
        yield module


def _file(module: Any) -> EvolvingFile:
    file: EvolvingFile = module.__dict__["_file"]
    return file


def test_revisions_are_numbered_and_0_is_what_was_on_disk(lib: Any) -> None:
    found = revisions(lib.number)
    assert [entry.number for entry in found] == [0, 1]
    assert found[0].text == ONE
    assert revisions(lib.text) == found
    assert _file(lib).add(ONE) is found[0]
    assert len(revisions(lib.number)) == 2


def test_activate_swaps_one_target_and_back(lib: Any) -> None:
    number, text = lib.number, lib.text
    assert (number(), text("x")) == (1, "one x")
    activate(number, 1)
    assert (number(), text("x")) == (2, "one x")
    activate(text, 1)
    assert (number(), text("x")) == (2, "two x")
    activate(number, 0)
    assert (number(), text("x")) == (1, "two x")
    assert (active(number).number, active(text).number) == (0, 1)


def test_a_pinned_callable_stays_where_it_is(lib: Any) -> None:
    first, second = revision(lib.number, 0), revision(lib.number, 1)
    assert (first(), second(), lib.number()) == (1, 2, 1)
    activate(lib.number, 1)
    assert (first(), second(), lib.number()) == (1, 2, 2)
    activate(lib.number, 0)
    assert (first(), second(), lib.number()) == (1, 2, 1)


def test_a_target_may_be_activated_before_it_was_ever_called(lib: Any) -> None:
    activate(lib.number, 1)
    assert lib.number() == 2


def test_a_panic_shows_the_line_of_its_own_revision(lib: Any) -> None:
    for number, word in ((1, "two"), (0, "one")):
        with pytest.raises(RustPanic) as raised:
            revision(lib.boom, number)()
        assert raised.value.message == word
        last = traceback.extract_tb(raised.value.__traceback__)[-1]
        assert last.line == f'pub fn boom() {{ panic!("{word}") }}'
        assert ("revision 1" in last.filename) is (number == 1)


def test_what_does_not_build_says_so_and_leaves_the_active_one(lib: Any) -> None:
    assert lib.number() == 1
    broken = _file(lib).add(ONE.replace("{ 1 }", "{ one }"))
    with pytest.raises(CompileError, match=r"cannot find value `one`"):
        activate(lib.number, broken.number)
    with pytest.raises(CompileError, match=r"lib\.rs:1:"):
        revision(lib.number, broken.number)
    assert lib.number() == 1


def test_wrong_arguments_are_one_sentence(lib: Any) -> None:
    for wrong in (-1, 2):
        with pytest.raises(
            SymbiontError, match=rf"lib.rs::number has no revision {wrong} \(there are 0..=1\)"
        ):
            activate(lib.number, wrong)
    with pytest.raises(SymbiontError, match="is no evolvable: pass what evolvable"):
        revisions(len)


def test_threads_that_call_during_swaps_get_one_body_or_the_other(lib: Any) -> None:
    number, fill = lib.number, lib.fill
    fill([0])
    stop = threading.Event()
    wrong: list[object] = []

    def call() -> None:
        while not stop.is_set():
            got = number()
            row = [0] * 8
            fill(row)
            if got not in {1, 2} or row not in ([1] * 8, [2] * 8):
                wrong.append((got, row))

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for swap in range(300):
        activate(number, swap % 2)
        activate(fill, (swap + 1) % 2)
        # This thread sees its own swap at once.
        if number() != swap % 2 + 1:
            wrong.append(swap)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_threads_may_swap_and_pin_at_the_same_time(lib: Any) -> None:
    wrong: list[object] = []

    def swap(number: int) -> None:
        for _ in range(50):
            activate(lib.number, number)
            if (got := revision(lib.number, number)()) != number + 1:
                wrong.append(got)

    threads = [threading.Thread(target=swap, args=(number,)) for number in (0, 1, 0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert lib.number() in {1, 2}


def test_a_call_under_way_ends_in_the_body_that_it_began_in(lib: Any) -> None:
    meet: Callable[..., int] = lib.meet
    flags = bytearray(2)
    results: list[int] = []
    thread = threading.Thread(target=lambda: results.append(meet(memoryview(flags))))
    thread.start()
    while not flags[0]:
        thread.join(0.001)
        assert thread.is_alive(), results
    activate(meet, 1)
    flags[1] = 1
    thread.join()
    assert results == [1]
    assert meet(bytearray(b"\0\1")) == 2


def test_what_is_declared_and_absent_becomes_revision_0_too(tmp_path: Path) -> None:
    with _scope(extension=False):
        gcd = evolvable("fn gcd(a: u64, b: u64) -> u64", file=str(tmp_path / "gcd.rs"))
        with pytest.raises(RustPanic, match="not yet implemented"):
            gcd(1, 2)
        (only,) = revisions(gcd)
        assert only.number == 0
        assert not (tmp_path / "gcd.rs").exists()
