"""Calls without a C compiler, by the real rustc: the direct way, and what it leaves to the handle."""

from __future__ import annotations

import threading
from array import array
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_symbiont import RustPanic
from pytest_symbiont.bridge.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.bridge.route import Called

RUST = """
pub fn add(a: i64, b: i64) -> i64 { a + b }
pub fn narrow(x: u8) -> u8 { x }
pub fn wide(x: u64) -> u64 { x }
pub fn half(x: f32) -> f32 { x / 2.0 }
pub fn next(c: char) -> char { char::from_u32(c as u32 + 1).unwrap() }
pub fn not(x: bool) -> bool { !x }
pub fn nothing() {}
pub fn seven() -> i8 { -7 }
pub fn mixed(a: i8, xs: &[f64], c: char, s: &str) -> f64 {
    f64::from(a) + xs.iter().sum::<f64>() + f64::from(c as u32) + s.len() as f64
}
pub fn double(xs: &mut [i32]) { for x in xs { *x *= 2 } }
pub fn first(xs: &[i64]) -> i64 { xs[0] }
pub fn shout(s: &str) -> String { s.to_uppercase() }
pub fn count(n: usize) -> Vec<u16> { (0..n as u16).collect() }
pub fn huge(x: u128) -> u128 { x }
pub fn copy(from: &[i64], to: &mut [i64]) { to.copy_from_slice(from) }
"""


class Rust:
    """The functions of `RUST`, and what their handles are called with."""

    def __init__(self, registry: Registry, module: Any) -> None:
        self.registry = registry
        self.module = module

    def handle(self, name: str) -> Handle:
        handle = self.registry.handle(getattr(self.module, name))
        assert handle is not None
        return handle

    def direct(self, name: str, *args: Any) -> Any:
        """The answer; fails when the handle was asked."""
        result, asked = self.call(name, *args)
        assert not asked, "the call was forwarded"
        return result

    def forwarded(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """The handle's answer; fails when the handle was not asked."""
        result, asked = self.call(name, *args, **kwargs)
        assert asked, "the call was not forwarded"
        return result

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, bool]:
        handle = self.handle(name)
        before = handle.calls
        result = getattr(self.module, name)(*args, **kwargs)
        return result, handle.calls > before


@pytest.fixture(scope="module")
def rust(tmp_path_factory: pytest.TempPathFactory) -> Rust:
    path = tmp_path_factory.mktemp("direct") / "direct.rs"
    path.write_text(RUST, "utf-8")
    registry = Registry()
    registry.workbench.extension = None
    made = Rust(registry, registry.module(path))
    for name in dir(made.module):
        handle = made.handle(name)
        handle.file.activate(handle, handle.revision)
    return made


def test_scalars_go_directly(rust: Rust) -> None:
    assert rust.direct("add", 2, -44) == -42
    assert rust.direct("narrow", 255) == 255
    assert rust.direct("wide", 2**64 - 1) == 2**64 - 1
    assert rust.direct("half", 3.0) == 1.5
    assert rust.direct("next", "🦀") == "🦁"
    assert rust.direct("not", True) is False
    assert rust.direct("nothing") is None
    assert rust.direct("seven") == -7


@given(st.integers(-(2**62), 2**62 - 1), st.integers(-(2**62), 2**62 - 1))
def test_integers_keep_their_value(rust: Rust, a: int, b: int) -> None:
    assert rust.direct("add", a, b) == a + b


def test_buffers_go_without_a_copy(rust: Rust) -> None:
    assert rust.direct("mixed", -1, np.array([0.5, 1.5]), "a", "né") == -1 + 2.0 + 97 + 3
    assert rust.direct("mixed", 0, array("d"), "\0", "") == 0
    values = np.arange(4, dtype=np.int32)
    assert rust.direct("double", values) is None
    assert values.tolist() == [0, 2, 4, 6]
    rust.direct("double", values[1:3])
    assert values.tolist() == [0, 4, 8, 6]


def test_texts_and_vectors_come_back(rust: Rust) -> None:
    assert rust.direct("shout", "größe") == "GRÖSSE"
    assert rust.direct("shout", "") == ""
    assert rust.direct("count", 3) == [0, 1, 2]
    assert rust.direct("count", 0) == []


class Int(int):
    pass


@pytest.mark.parametrize(
    ("name", "args", "result"),
    [
        ("add", (Int(1), 2), 3),
        ("add", (np.int64(1), 2), 3),
        ("half", (3,), 1.5),
        ("half", (float("inf"),), float("inf")),
        ("mixed", (0, [1.0, 2], "\0", ""), 3.0),
        ("mixed", (0, np.arange(6.0)[::2], "\0", ""), 6.0),
        ("mixed", (0, np.arange(3, dtype=np.float32), "\0", ""), 3.0),
        ("mixed", (0, np.frombuffer(bytes(17), np.uint8)[1:].view(np.float64), "\0", ""), 0.0),
        ("huge", (2**127,), 2**127),
        ("copy", (array("q", [1]), array("q", [0])), None),
    ],
)
def test_what_is_not_exactly_of_the_type_is_forwarded(
    rust: Rust, name: str, args: tuple[Any, ...], result: object
) -> None:
    assert rust.forwarded(name, *args) == result


def test_keywords_are_forwarded(rust: Rust) -> None:
    assert rust.forwarded("add", b=1, a=2) == 3
    assert rust.forwarded("add", 1, b=2) == 3


@pytest.mark.parametrize(
    ("name", "args", "error"),
    [
        ("add", (True, 1), "argument 'a': expected int, got bool True"),
        ("add", (1.0, 1), "argument 'a': expected int, got float 1.0"),
        ("add", (1, 2**63), "argument 'b': int 9223372036854775808 is out of range for i64"),
        ("narrow", (-1,), r"argument 'x': int -1 is out of range for u8 \(0..=255\)"),
        ("half", (1e39,), "argument 'x': float 1e.39 is out of range for f32"),
        ("not", (1,), "argument 'x': expected bool, got int 1"),
        ("next", ("ab",), "argument 'c'"),
        ("next", ("\ud800",), "argument 'c'"),
        ("shout", ("\ud800",), "lone surrogate"),
        ("shout", (b"",), "argument 's': expected str"),
        ("double", (bytes(4),), "read-only"),
        ("add", (1,), "missing a required argument: 'b'"),
        ("add", (1, 2, 3), "too many positional arguments"),
        ("nothing", (1,), "too many positional arguments"),
    ],
)
def test_what_does_not_fit_is_the_handles_error(
    rust: Rust, name: str, args: tuple[Any, ...], error: str
) -> None:
    with pytest.raises((TypeError, OverflowError), match=error) as caught:
        getattr(rust.module, name)(*args)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_panic_names_its_line_and_lets_go_of_the_array(rust: Rust) -> None:
    empty = array("q")
    with pytest.raises(RustPanic, match="index out of bounds") as caught:
        rust.module.first(empty)
    assert caught.value.line == RUST.splitlines().index("pub fn first(xs: &[i64]) -> i64 { xs[0] }") + 1
    empty.append(7)  # BufferError while the traceback looks at its memory
    assert rust.direct("first", empty) == 7


def test_a_refusal_lets_go_of_the_array(rust: Rust) -> None:
    values = array("d", [1.0])
    with pytest.raises(TypeError) as caught:
        rust.module.mixed(0, values, "ab", "")
    values.append(2.0)
    del caught


def test_a_swap_reaches_the_callable_and_its_panics(rust: Rust) -> None:
    file = rust.handle("add").file
    panicking = file.add(RUST.replace("{ a + b }", '{ panic!("second") }'))
    handle = rust.handle("add")
    file.activate(handle, panicking)
    try:
        with pytest.raises(RustPanic, match="second") as caught:
            rust.module.add(1, 2)
        assert f"(revision {panicking.number})" in str(caught.traceback[-1].path)
    finally:
        file.activate(handle, file.revisions[0])
    assert rust.direct("add", 1, 2) == 3


def test_a_pinned_revision_stays(rust: Rust) -> None:
    file = rust.handle("seven").file
    other = file.add(RUST.replace("{ -7 }", "{ 8 }"))
    pinned = file.pinned(rust.handle("seven"), other)
    assert (pinned(), rust.direct("seven")) == (8, -7)


def test_threads_have_frames_of_their_own(rust: Rust) -> None:
    def work(seed: int) -> None:
        wrong.extend(i for i in range(2000) if rust.module.add(seed, i) != seed + i)

    wrong: list[int] = []
    threads = [threading.Thread(target=work, args=(seed << 20,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_calls_go_to_another_route_and_back(rust: Rust) -> None:
    class Elsewhere:
        def call(self, called: Called, passed: object) -> Any:
            raise LookupError(called.index, passed)

        def home_of(self, handle: Handle) -> None:
            """Nothing lives there."""

    handle = rust.handle("add")
    add: Callable[[int, int], int] = rust.module.add
    with handle.through(Elsewhere(), handle.revision), pytest.raises(LookupError):
        add(1, 2)
    assert rust.direct("add", 1, 2) == 3


def test_the_callable_is_no_ordinary_function(rust: Rust) -> None:
    assert repr(rust.module.add) == "<Rust function direct.rs::add>"
    assert not hasattr(rust.module.add, "__name__")
