"""The C extension, with a shim written in C in the place of the Rust one."""

from __future__ import annotations

import array
import contextlib
import ctypes
import gc
import inspect
import math
import shutil
import struct
import subprocess
import sys
import sysconfig
import threading
import tracemalloc
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_symbiont.bridge import extension

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

CC = next((found for found in map(shutil.which, ("cc", "gcc", "clang")) if found), None)
pytestmark = pytest.mark.skipif(CC is None, reason="no C compiler on PATH")

# Each body gets the words, as a shim does; a slot holds the address of its body, as a revision's does.
SHIM = r"""
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef uint32_t (*Body)(uint64_t *words);

int64_t owned = 0; /* buffers given out and not freed */

uint32_t symbiont_call(const void *slot, uint64_t *words) { return (*(const Body *)slot)(words); }

void symbiont_free(void *data, size_t capacity, size_t alignment) {
    if (capacity == 0) return;
    if (alignment != 8) abort();
    owned--;
    free(data);
}

static void give(uint64_t *outcome, const void *data, size_t length) {
    void *copy = length == 0 ? (void *)8 : memcpy(malloc(length), data, length);
    outcome[2] = (uint64_t)copy;
    outcome[3] = outcome[4] = length;
    outcome[5] = 8;
    owned += length != 0;
}

static uint32_t echo(uint64_t *w) { w[1] = w[0]; return 0; }
static uint32_t add(uint64_t *w) { w[2] = w[0] + w[1]; return 0; }
static uint32_t unit(uint64_t *w) { (void)w; return 0; }
static uint32_t panic(uint64_t *w) { (void)w; return 1; }
static uint32_t nonsense(uint64_t *w) { (void)w; return 7; }
static uint32_t copy_1(uint64_t *w) { give(w + 2, (void *)w[0], w[1]); return 0; }
static uint32_t copy_2(uint64_t *w) { give(w + 2, (void *)w[0], w[1] * 2); return 0; }
static uint32_t copy_4(uint64_t *w) { give(w + 2, (void *)w[0], w[1] * 4); return 0; }
static uint32_t copy_8(uint64_t *w) { give(w + 2, (void *)w[0], w[1] * 8); return 0; }
static uint32_t not_utf8(uint64_t *w) { give(w, "\xff", 1); return 0; }
static uint32_t chars(uint64_t *w) { uint32_t c[] = {'a', 0x1F980}; give(w, c, sizeof c); return 0; }
static uint32_t bools(uint64_t *w) { uint8_t b[] = {1, 0}; give(w, b, sizeof b); return 0; }
static uint32_t pointer(uint64_t *w) { w[2] = w[0]; return 0; }
static uint32_t count(uint64_t *w) { w[2] = w[1]; return 0; }
static uint32_t second(uint64_t *w) { w[4] = w[3]; return 0; }
static uint32_t increment(uint64_t *w) {
    for (uint64_t i = 0; i < w[1]; i++) ((uint8_t *)w[0])[i]++;
    return 0;
}
/* Sets the first byte and waits for another thread to set the second; answers whether it did. */
static uint32_t meet(uint64_t *w) {
    volatile uint8_t *flags = (volatile uint8_t *)w[0];
    time_t end = time(NULL) + 20;
    flags[0] = 1;
    while (!flags[1] && time(NULL) < end) {}
    w[2] = flags[1];
    return 0;
}
/* The sum of sixteen u8. */
static uint32_t sixteen(uint64_t *w) { for (int i = 0; i < 16; i++) w[16] += (uint8_t)w[i]; return 0; }

#define SLOT(name) Body slot_##name = name;
SLOT(echo) SLOT(add) SLOT(unit) SLOT(panic) SLOT(nonsense) SLOT(copy_1) SLOT(copy_2) SLOT(copy_4)
SLOT(copy_8) SLOT(not_utf8) SLOT(chars) SLOT(bools) SLOT(pointer) SLOT(count) SLOT(second) SLOT(increment)
SLOT(meet) SLOT(sixteen)
"""


class Panicked(Exception):  # noqa: N818 - stands for RustPanic
    pass


def panicked() -> None:
    raise Panicked


class Handle:
    """Records what is forwarded to it."""

    def __init__(self) -> None:
        self.calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        self.__name__ = "rusty"
        self.__qualname__ = "lib.rusty"
        self.__module__ = "somewhere"
        self.__doc__ = "What it does."
        x = inspect.Parameter("x", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        self.__signature__ = inspect.Signature([x], return_annotation=int)

    def __call__(self, *args: Any, **kwargs: Any) -> str:
        self.calls.append((args, kwargs))
        return "forwarded"

    def __repr__(self) -> str:
        return "<rusty>"


@dataclass(frozen=True)
class Fast:
    """A bound function and the handle behind it."""

    function: Callable[..., Any]
    handle: Handle

    def __call__(self, *args: Any) -> Any:
        """The fast answer; fails when the call was forwarded."""
        result = self.function(*args)
        assert self.handle.calls == [], "the call was forwarded"
        return result

    def forwards(self, *args: Any, **kwargs: Any) -> bool:
        """Whether the handle gets this call, with exactly these arguments."""
        result = self.function(*args, **kwargs)
        calls, self.handle.calls[:] = self.handle.calls[:], []
        if not calls:
            return False
        ((got, named),) = calls
        assert result == "forwarded"
        assert len(got) == len(args)
        assert all(one is other for one, other in zip(got, args, strict=True))
        assert named == kwargs
        return True


@dataclass(frozen=True)
class Shim:
    module: ModuleType
    library: ctypes.CDLL

    def address(self, name: str) -> int:
        return ctypes.addressof(ctypes.c_char.in_dll(self.library, name))

    def bind(
        self,
        function: Any,
        body: str,
        parameters: bytes,
        returns: bytes,
        panicked: Callable[[], object] = panicked,
    ) -> None:
        self.module.bind(
            function,
            slot=self.address(f"slot_{body}"),
            call=self.address("symbiont_call"),
            free=self.address("symbiont_free"),
            parameters=parameters,
            returns=returns,
            panicked=panicked,
            fail=None,
            packer=None,
            roots=(),
        )

    def fast(self, body: str, parameters: bytes, returns: bytes) -> Fast:
        handle = Handle()
        function = self.module.RustFunction(handle)
        self.bind(function, body, parameters, returns)
        return Fast(function, handle)

    @property
    def owned(self) -> int:
        return ctypes.c_int64.in_dll(self.library, "owned").value


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("extension")
    loaded = extension.load(folder)
    assert loaded is not None, extension.why_not(folder)
    return loaded


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    path = tmp_path_factory.mktemp("shim") / "shim.so"
    assert CC is not None
    command = [CC, "-O1", "-shared", "-fPIC", "-x", "c", "-o", str(path), "-"]
    subprocess.run(command, input=SHIM.encode(), check=True)
    return ctypes.CDLL(str(path))


@pytest.fixture(scope="module")
def shim(module: ModuleType, library: ctypes.CDLL) -> Shim:
    return Shim(module, library)


@pytest.fixture(autouse=True)
def _everything_is_freed(request: pytest.FixtureRequest) -> Any:
    yield
    if "shim" in request.fixturenames:
        assert request.getfixturevalue("shim").owned == 0


INTEGERS = {code: (8 * struct.calcsize(code), code.islower()) for code in "bBhHiIqQnN"}


def limits(code: str) -> tuple[int, int]:
    bits, signed = INTEGERS[code]
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)


# --- scalars


@pytest.mark.parametrize("code", INTEGERS)
def test_an_integer_crosses_in_its_whole_range_and_no_further(shim: Shim, code: str) -> None:
    echo = shim.fast("echo", b"s" + code.encode(), b"s" + code.encode())
    low, high = limits(code)
    for value in (low, low + 1, 0, 1, high - 1, high):
        assert echo(value) == value
    for value in (low - 1, high + 1, -(2**64), 2**64, 10**30, -(10**30)):
        assert echo.forwards(value)


@given(st.sampled_from(list(INTEGERS)), st.integers(-(2**65), 2**65))
def test_an_integer_comes_back_as_it_went_or_is_forwarded(shim: Shim, code: str, value: int) -> None:
    echo = shim.fast("echo", b"s" + code.encode(), b"s" + code.encode())
    low, high = limits(code)
    if low <= value <= high:
        assert echo(value) == value
    else:
        assert echo.forwards(value)


class Index:
    def __index__(self) -> int:
        return 1


class Float:
    def __float__(self) -> float:
        return 1.0


@pytest.mark.parametrize("value", [True, 1.0, "1", None, Index(), b"1", [1]])
def test_only_an_int_is_an_integer(shim: Shim, value: object) -> None:
    assert shim.fast("echo", b"sq", b"sq").forwards(value)


class Sub(int):
    pass


def test_a_subclass_of_int_crosses_as_its_value(shim: Shim) -> None:
    result = shim.fast("echo", b"sq", b"sq")(Sub(5))
    assert type(result) is int
    assert result == 5


@given(st.floats(), st.integers(0, 2**64 - 1))
def test_a_double_keeps_every_bit(shim: Shim, value: float, bits: int) -> None:
    echo = shim.fast("echo", b"sd", b"sd")
    for one in (value, struct.unpack("<d", struct.pack("<Q", bits))[0]):
        assert struct.pack("<d", echo(one)) == struct.pack("<d", one)


@given(st.floats(width=32))
def test_a_float_keeps_its_value(shim: Shim, value: float) -> None:
    result = shim.fast("echo", b"sf", b"sf")(value)
    assert struct.pack("<d", result) == struct.pack("<d", value) or math.isnan(value)


def test_a_float_is_rounded_to_the_nearest_and_never_to_infinity(shim: Shim) -> None:
    echo = shim.fast("echo", b"sf", b"sf")
    largest = struct.unpack("<f", b"\xff\xff\x7f\x7f")[0]
    assert echo(0.1) == struct.unpack("<f", struct.pack("<f", 0.1))[0]
    assert echo(largest) == largest
    assert echo(math.inf) == math.inf
    assert math.isnan(echo(math.nan))
    assert echo.forwards(1e39)
    assert echo.forwards(-1e39)


@pytest.mark.parametrize("code", ["f", "d"])
def test_an_int_is_taken_as_a_float(shim: Shim, code: str) -> None:
    echo = shim.fast("echo", b"s" + code.encode(), b"s" + code.encode())
    assert echo(3) == 3.0
    assert type(echo(3)) is float
    for value in (10**400, True, "1.0", None, Float()):
        assert echo.forwards(value)


def test_a_bool_is_true_or_false(shim: Shim) -> None:
    echo = shim.fast("echo", b"s?", b"s?")
    assert echo(True) is True
    assert echo(False) is False
    for value in (1, 0, None, "", 1.0):
        assert echo.forwards(value)


@given(st.characters(exclude_categories=["Cs"]))
@example("\0")
@example("\ud7ff")
@example("\ue000")
@example("\U0010ffff")
def test_a_char_is_any_character_but_a_surrogate(shim: Shim, value: str) -> None:
    assert shim.fast("echo", b"sc", b"sc")(value) == value


@pytest.mark.parametrize("value", ["", "ab", b"a", 97, "\ud800"])
def test_a_char_is_one_character(shim: Shim, value: object) -> None:
    assert shim.fast("echo", b"sc", b"sc").forwards(value)


def test_a_numpy_scalar_is_the_handles_business_unless_it_is_a_float(shim: Shim) -> None:
    numpy = pytest.importorskip("numpy")
    assert shim.fast("echo", b"sq", b"sq").forwards(numpy.int64(1))
    assert shim.fast("echo", b"sd", b"sd")(numpy.float64(1.5)) == 1.5


# --- text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_crosses_as_utf_8(shim: Shim, text: str) -> None:
    assert shim.fast("copy_1", b"tt", b"tt")(text) == text
    assert shim.fast("count", b"tt", b"sN")(text) == len(text.encode())


@pytest.mark.parametrize("value", [b"bytes", None, 1, "\ud800"])
def test_what_is_no_text_is_forwarded(shim: Shim, value: object) -> None:
    assert shim.fast("copy_1", b"tt", b"tt").forwards(value)


def test_a_string_that_is_not_utf_8_is_an_error_and_freed(shim: Shim) -> None:
    with pytest.raises(UnicodeDecodeError):
        shim.fast("not_utf8", b"", b"tt")()


# --- buffers and lists

SIGNED = {"b": [-128, 127], "h": [-2, 3], "i": [-2, 3], "q": [-(2**63), 3]}
UNSIGNED = {"B": [0, 255], "H": [2, 65535], "I": [2, 2**32 - 1], "Q": [2, 2**64 - 1]}
NUMBERS: dict[str, list[Any]] = {**SIGNED, **UNSIGNED, "f": [1.5, -0.0], "d": [0.1, math.inf]}
LONG = [("n", "q"), ("N", "Q"), ("q", "l"), ("Q", "L")]  # the element, and another 8-byte format for it


@pytest.mark.parametrize(("element", "form"), [*zip(NUMBERS, NUMBERS, strict=True), *LONG])
def test_a_buffer_crosses_and_a_vec_comes_back(shim: Shim, element: str, form: str) -> None:
    values = NUMBERS[form.replace("l", "q").replace("L", "Q")]
    data = array.array(form, values)
    copy = shim.fast(f"copy_{data.itemsize}", b"r" + element.encode(), b"l" + element.encode())
    assert copy(data) == (bytes(values) if element == "B" else values)
    assert copy(memoryview(data)) == copy(data)
    assert copy(data[:0]) == (b"" if element == "B" else [])


@pytest.mark.parametrize(
    "data", [b"\x01\x02", bytearray(b"\x01\x02"), memoryview(b"\x01\x02"), array.array("B", [1, 2])], ids=type
)
def test_bytes_are_u8(shim: Shim, data: object) -> None:
    assert shim.fast("copy_1", b"rB", b"lB")(data) == b"\x01\x02"


def test_ctypes_and_numpy_arrays_are_buffers(shim: Shim) -> None:
    copy = shim.fast("copy_8", b"rq", b"lq")
    assert copy((ctypes.c_int64 * 2)(1, -2)) == [1, -2]
    numpy = pytest.importorskip("numpy")
    data = numpy.array([1, -2, 3])
    assert copy(data) == [1, -2, 3]
    for other in (data[::2], data.reshape(1, 3), data.astype(">i8"), data.astype("f8"), data.astype("u8")):
        assert copy.forwards(other)
    unaligned = numpy.frombuffer(bytes(17), dtype="i8", offset=1, count=2)
    assert copy.forwards(unaligned)


def test_vecs_of_chars_and_bools_are_lists(shim: Shim) -> None:
    assert shim.fast("chars", b"", b"lc")() == ["a", "\U0001f980"]
    result = shim.fast("bools", b"", b"l?")()
    assert result == [True, False]
    assert all(type(item) is bool for item in result)


def test_other_elements_are_forwarded(shim: Shim) -> None:
    data = array.array("i", [1, 2])
    for element in b"bBhHIqQnNfd?c":
        assert shim.fast("copy_1", b"r" + bytes([element]), b"lB").forwards(data)
    flags = memoryview(b"\x01").cast("?")
    for element in b"bB?c":
        assert shim.fast("copy_1", b"r" + bytes([element]), b"lB").forwards(flags)


@pytest.mark.parametrize("value", [[1, 2], (1, 2), None, "text", memoryview(bytes(4)).cast("B", (2, 2))])
def test_what_is_no_flat_buffer_is_forwarded(shim: Shim, value: object) -> None:
    assert shim.fast("copy_1", b"rB", b"lB").forwards(value)


def test_an_empty_buffer_has_an_aligned_pointer_that_is_not_null(shim: Shim) -> None:
    for form in "bhiqfd":
        address = shim.fast("pointer", b"r" + form.encode(), b"sN")(array.array(form))
        assert address > 0
        assert address % struct.calcsize(form) == 0


def test_a_mutable_buffer_is_changed_in_place(shim: Shim) -> None:
    increment = shim.fast("increment", b"wB", b"vv")
    data = bytearray(b"abc")
    assert increment(data) is None
    assert data == b"bcd"
    data += b"resized"  # BufferError if the call still held it
    assert increment.forwards(bytes(data))
    assert increment.forwards(memoryview(data).toreadonly())


def test_buffers_are_released_when_a_later_argument_is_forwarded(shim: Shim) -> None:
    data = bytearray(b"abc")
    assert shim.fast("unit", b"rBsq", b"vv").forwards(data, "no number")
    data += b"resized"


def test_a_mutable_buffer_must_not_overlap_another(shim: Shim) -> None:
    data = bytearray(8)
    half, rest = memoryview(data)[:4], memoryview(data)[4:]
    two_mutable = shim.fast("second", b"wBwB", b"sN")
    one_mutable = shim.fast("second", b"rBwB", b"sN")
    read_only = shim.fast("second", b"rBrB", b"sN")
    for function in (two_mutable, one_mutable):
        assert function(half, rest) == 4
        assert function(data, memoryview(data)[4:4]) == 0
        assert function.forwards(data, data)
        assert function.forwards(data, rest)
        assert function.forwards(rest, data)
    assert shim.fast("second", b"wBrB", b"sN").forwards(data, rest)
    assert read_only(data, data) == 8
    assert shim.fast("unit", b"rBrBwB", b"vv")(half, half, rest) is None
    half.release()
    rest.release()
    data += b"resized"


# --- the call


def test_keywords_and_wrong_counts_are_forwarded(shim: Shim) -> None:
    add = shim.fast("add", b"sqsq", b"sq")
    assert add(2, 3) == 5
    assert add.function(*(2, 3), **{}) == 5  # noqa: PIE804 - no keyword is no keyword
    assert add.forwards()
    assert add.forwards(1)
    assert add.forwards(1, 2, 3)
    assert add.forwards(1, b=2)
    assert add.forwards(1, 2, c=3)


def test_what_the_handle_raises_is_raised(shim: Shim) -> None:
    def picky(*args: object) -> None:
        raise TypeError(f"not {args}")

    function = shim.module.RustFunction(picky)
    shim.bind(function, "echo", b"sq", b"sq")
    with pytest.raises(TypeError, match=r"not \('x',\)"):
        function("x")


def test_a_panic_is_raised_after_the_buffers_are_released(shim: Shim) -> None:
    data = bytearray(b"abc")
    with pytest.raises(Panicked):
        shim.fast("panic", b"wB", b"vv")(data)
    data += b"resized"


def test_a_broken_shim_is_a_system_error(shim: Shim) -> None:
    with pytest.raises(SystemError, match="answered 7"):
        shim.fast("nonsense", b"", b"vv")()
    returned = object()
    function = shim.module.RustFunction(Handle())
    shim.bind(function, "panic", b"", b"vv", lambda: returned)
    before = sys.getrefcount(returned)
    with pytest.raises(SystemError, match="raised nothing"):
        function()
    assert sys.getrefcount(returned) == before


def test_sixteen_parameters_are_fast_and_more_stay_with_the_handle(shim: Shim) -> None:
    assert shim.fast("sixteen", b"sB" * 16, b"sB")(*range(16)) == 120
    wide = shim.fast("unit", b"sB" * 17, b"vv")
    assert not shim.module.is_fast(wide.function)
    assert wide.forwards(*range(17))


@pytest.mark.parametrize(("parameters", "returns"), [(b"sqxx", b"sq"), (b"sqsq", b"xx")])
def test_a_type_that_is_pythons_business_leaves_all_calls_to_the_handle(
    shim: Shim, parameters: bytes, returns: bytes
) -> None:
    add = shim.fast("add", b"sqsq", b"sq")
    shim.bind(add.function, "add", parameters, returns)
    assert not shim.module.is_fast(add.function)
    assert add.forwards(1, 2)


def test_bind_and_unbind_switch_the_way(shim: Shim) -> None:
    add = shim.fast("add", b"sqsq", b"sq")
    assert shim.module.is_fast(add.function)
    assert shim.module.handle(add.function) is add.handle
    shim.module.unbind(add.function)
    assert not shim.module.is_fast(add.function)
    assert add.forwards(1, 2)
    shim.bind(add.function, "unit", b"sqsq", b"vv")
    assert add(1, 2) is None


@pytest.mark.parametrize(
    ("parameters", "returns"),
    [
        (b"s", b"vv"),
        (b"", b""),
        (b"", b"sqsq"),
        (b"xq", b"vv"),
        (b"xxxq", b"vv"),
        (b"lq", b"vv"),
        (b"vv", b"vv"),
        (b"s!", b"vv"),
        (b"st", b"vv"),
        (b"rt", b"vv"),
        (b"tB", b"vv"),
        (b"\0q", b"vv"),
        (b"", b"rq"),
        (b"", b"vq"),
        (b"", b"lt"),
    ],
)
def test_bind_refuses_codes_that_do_not_exist(shim: Shim, parameters: bytes, returns: bytes) -> None:
    add = shim.fast("add", b"sqsq", b"sq")
    with pytest.raises(ValueError, match="code"):
        shim.bind(add.function, "unit", parameters, returns)
    assert add(1, 2) == 3


def test_bind_refuses_null_and_strangers(shim: Shim) -> None:
    right = {
        "slot": 1,
        "call": 1,
        "free": 1,
        "parameters": b"",
        "returns": b"vv",
        "panicked": panicked,
        "fail": None,
        "packer": None,
        "roots": (),
    }
    function = shim.module.RustFunction(Handle())
    for name in ("slot", "call", "free"):
        with pytest.raises(ValueError, match="address"):
            shim.module.bind(function, **(right | {name: 0}))
    with pytest.raises(TypeError, match="panicked"):
        shim.module.bind(function, **(right | {"panicked": None}))
    with pytest.raises(TypeError, match="expected a RustFunction, got function"):
        shim.module.bind(panicked, **right)
    for control in (shim.module.unbind, shim.module.handle, shim.module.is_fast):
        with pytest.raises(TypeError, match="expected a RustFunction, got int"):
            control(1)
    with pytest.raises(TypeError, match="must be callable"):
        shim.module.RustFunction(1)


# --- threads


def test_other_threads_run_during_a_call(shim: Shim) -> None:
    flags = bytearray(2)

    def answer() -> None:
        while not flags[0]:
            pass
        flags[1] = 1

    other = threading.Thread(target=answer)
    other.start()
    met = shim.fast("meet", b"wB", b"s?")(flags)
    flags[0] = 1  # lets the thread end even where the two did not meet
    other.join()
    assert met is True


def test_a_function_can_be_bound_and_unbound_while_others_call_it(shim: Shim) -> None:
    handle = Handle()
    function = shim.module.RustFunction(handle)
    done = threading.Event()
    wrong: list[object] = []

    def call() -> None:
        data = bytearray(b"abc")
        while not done.is_set():
            result = function(data)
            if result not in {b"abc", "abc", "forwarded"}:
                wrong.append(result)

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(500):
        shim.bind(function, "copy_1", b"rB", b"lB")
        shim.bind(function, "copy_1", b"rB", b"tt")
        shim.module.unbind(function)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []


# --- the object


def test_it_is_described_by_its_handle(shim: Shim) -> None:
    function = shim.fast("echo", b"sq", b"sq").function
    # pytest would take the only argument of a marker for the decorated test, had it a name.
    assert not hasattr(function, "__name__")
    assert function.__qualname__ == "lib.rusty"
    assert function.__module__ == "somewhere"
    assert function.__doc__ == "What it does."
    assert repr(function) == str(function) == "<rusty>"
    assert str(inspect.signature(function)) == "(x) -> int"
    assert callable(function)


def test_other_attributes_do_not_exist_and_cannot_be_set(shim: Shim) -> None:
    function = shim.fast("echo", b"sq", b"sq").function
    for name in ("calls", "bind", "pytestmark", "__wrapped__", "__dict__", "__len__"):
        with pytest.raises(AttributeError, match=name):
            getattr(function, name)
    with pytest.raises(AttributeError):
        function.anything = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        type(function).__getattribute__(function, 1)  # type: ignore[arg-type, call-arg]


def test_it_does_not_bind_to_an_instance(shim: Shim) -> None:
    class Holder:
        echo = shim.fast("echo", b"sq", b"sq").function

    assert Holder().echo(1) == 1


def test_it_is_equal_to_itself_only_and_can_be_a_key(shim: Shim) -> None:
    handle = Handle()
    one, other = shim.module.RustFunction(handle), shim.module.RustFunction(handle)
    assert one == one  # noqa: PLR0124 - that is the question
    assert one != other
    assert {one: 1, other: 2}[one] == 1


def test_cycles_through_handle_and_plan_are_collected(shim: Shim) -> None:
    class Closed(Handle):
        function: Any

        def panicked(self) -> None:
            raise Panicked(self)

    handle = Closed()
    handle.function = shim.module.RustFunction(handle)
    shim.bind(handle.function, "unit", b"", b"vv", handle.panicked)
    watched = [weakref.ref(handle), weakref.ref(handle.function)]
    del handle
    gc.collect()
    assert [reference() for reference in watched] == [None, None]


def test_a_plan_is_gone_when_it_is_replaced(shim: Shim) -> None:
    class Panic:
        def __call__(self) -> None:
            raise Panicked

    def watched(body: str) -> weakref.ref[Panic]:
        panic = Panic()
        shim.bind(function, body, b"sq", b"sq", panic)
        return weakref.ref(panic)

    function = shim.module.RustFunction(Handle())
    first = watched("echo")
    assert function(1) == 1
    assert function("x") == "forwarded"
    assert function() == "forwarded"
    second = watched("panic")
    assert first() is None
    with pytest.raises(Panicked):
        function(1)
    shim.module.unbind(function)
    assert second() is None


def test_ten_thousand_calls_leave_nothing_behind(shim: Shim) -> None:
    data, text, number = bytearray(b"abc"), "naïve text", 10**15
    add = shim.fast("add", b"sqsq", b"sq")
    panic = shim.fast("panic", b"", b"vv")
    unbound = shim.module.RustFunction(lambda *args: args)
    shim.bind(unbound, "unit", b"rBwBsq", b"vv")
    copies = [shim.fast("copy_1", b"rB", returns) for returns in (b"lB", b"lb", b"tt")]
    say = shim.fast("copy_1", b"tt", b"tt")

    def everything() -> None:
        add.function(number, number)
        unbound(data, data, number)
        unbound(data, bytearray(1), "no number")
        say.function(text)
        for copy in copies:
            copy.function(data)
        with contextlib.suppress(Panicked):
            panic.function()

    def references() -> list[int]:
        watched = (data, text, number, add.function, add.handle, panicked, *copies)
        return [sys.getrefcount(thing) for thing in watched]

    everything()
    before = references()
    tracemalloc.start()
    try:
        everything()
        memory = tracemalloc.get_traced_memory()[0]
        for _ in range(10_000):
            everything()
        grown = tracemalloc.get_traced_memory()[0] - memory
    finally:
        tracemalloc.stop()
    assert references() == before
    assert grown < 10_000  # less than a byte a call


# --- compiling and loading


def test_it_is_compiled_once_and_loaded_from_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet there"
    module = extension.load(folder)
    assert module is not None, extension.why_not(folder)
    (path,) = folder.iterdir()
    assert module.__file__ == str(path)
    assert path.name.endswith(sysconfig.get_config_var("EXT_SUFFIX"))
    assert extension.load(folder) is module
    assert extension.why_not(folder) == ""
    assert "_symbiont_callable" not in sys.modules


def compile_elsewhere(folder: Path) -> subprocess.Popen[str]:
    program = (
        "import sys; from pathlib import Path; from pytest_symbiont.bridge import extension;"
        "folder = Path(sys.argv[1]); print(extension.load(folder) is not None, extension.why_not(folder))"
    )
    command = [sys.executable, "-c", program, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_that_compile_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    processes = [compile_elsewhere(tmp_path) for _ in range(3)]
    assert [process.communicate()[0].strip() for process in processes] == ["True"] * 3
    assert len(list(tmp_path.iterdir())) == 1


def test_a_damaged_file_is_compiled_again(tmp_path: Path) -> None:
    assert compile_elsewhere(tmp_path).communicate()[0].strip() == "True"
    (path,) = tmp_path.iterdir()
    path.unlink()
    path.write_bytes(b"damaged")
    assert extension.load(tmp_path) is not None, extension.why_not(tmp_path)


def test_a_kept_file_needs_no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert compile_elsewhere(tmp_path).communicate()[0].strip() == "True"
    monkeypatch.setenv("PATH", "")
    assert extension.load(tmp_path) is not None, extension.why_not(tmp_path)


def test_no_compiler_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert extension.load(tmp_path) is None
    assert extension.why_not(tmp_path) == "no C compiler on PATH; install gcc or clang"


def test_no_headers_are_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    assert extension.load(tmp_path) is None
    assert extension.why_not(tmp_path).startswith(f"no Python.h in {tmp_path}; install Python 3.")


def test_a_compiler_that_fails_is_a_reason_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs, folder = tmp_path / "programs", tmp_path / "folder"
    programs.mkdir()
    compiler = programs / "cc"
    compiler.write_text("#!/bin/sh\necho 'the disk is full' >&2\nexit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    assert extension.load(folder) is None
    assert extension.why_not(folder) == "cc could not compile the call extension: the disk is full"
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert extension.load(tmp_path / "file" / "folder") is None
    assert "file" in extension.why_not(tmp_path / "file" / "folder")


def test_it_compiles_without_a_warning(tmp_path: Path) -> None:
    assert CC is not None
    flags = ["-std=c11", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"]
    source = extension.source()
    command = [CC, *flags, "-I", sysconfig.get_path("include"), "-x", "c", "-"]
    run = subprocess.run(command, input=source, capture_output=True, check=False, cwd=tmp_path)
    assert run.stderr.decode() == ""
    assert run.returncode == 0
