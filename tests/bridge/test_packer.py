"""The C packer and unpacker against Python's: the same values, or no answer."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_symbiont.bridge.custom import CustomTypes
from pytest_symbiont.bridge.pack import Packers
from pytest_symbiont.bridge.program import program
from pytest_symbiont.bridge.rust_type import parse
from pytest_symbiont.bridge.some import Some
from pytest_symbiont.bridge.unpack import Unpackers
from pytest_symbiont.bridge.workbench import Workbench

if TYPE_CHECKING:
    from types import ModuleType

    from pytest_symbiont.bridge.shapes import Shape

SOURCE = """
use std::collections::*;
pub struct Point { x: f32, y: Option<i8> }
pub struct Pair(u64, String);
pub enum Colour { Red = -2, Green = 7 }
pub enum Tree { Leaf, Branch(Box<Tree>, Box<Tree>), Named { name: String, at: Vec<Point> } }
"""
TYPES = CustomTypes(SOURCE, "lib")
POINT, PAIR, COLOUR, TREE = (TYPES[name].python for name in ("Point", "Pair", "Colour", "Tree"))
FLOATS32 = st.floats(width=32)
POINTS = st.builds(POINT, x=FLOATS32, y=st.none() | st.integers(-128, 127))
TREES = st.recursive(
    st.just(TREE.Leaf) | st.builds(TREE.Named, name=st.text(max_size=4), at=st.lists(POINTS, max_size=2)),
    lambda inner: st.builds(TREE.Branch, inner, inner),
    max_leaves=5,
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "i8": st.integers(-128, 127),
    "i64": st.integers(-(2**63), 2**63 - 1),
    "u64": st.integers(0, 2**64 - 1),
    "f64": st.floats(),
    "f32": FLOATS32,
    "bool": st.booleans(),
    "char": st.characters(codec="utf-8"),
    "String": st.text(),
    "()": st.none(),
    "Option<u8>": st.none() | st.integers(0, 255),
    "Vec<u8>": st.binary(),
    "[u8; 3]": st.binary(min_size=3, max_size=3),
    "Vec<u16>": st.lists(st.integers(0, 65535)),
    "Vec<isize>": st.lists(st.integers(-(2**63), 2**63 - 1)),
    "[f32; 2]": st.lists(FLOATS32, min_size=2, max_size=2),
    "LinkedList<u8>": st.lists(st.integers(0, 255)),
    "Vec<Option<(String, HashMap<u8, Vec<f64>>)>>": st.lists(
        st.none()
        | st.tuples(
            st.text(max_size=3), st.dictionaries(st.integers(0, 255), st.lists(st.floats()), max_size=3)
        )
    ),
    "HashSet<(bool, String)>": st.sets(st.tuples(st.booleans(), st.text(max_size=3))),
    "HashMap<Vec<String>, BTreeSet<char>>": st.dictionaries(
        st.lists(st.text(max_size=2), max_size=3).map(tuple),
        st.sets(st.characters(codec="utf-8"), max_size=3),
    ),
    "Vec<Point>": st.lists(POINTS),
    "Pair": st.builds(PAIR, st.integers(0, 2**64 - 1), st.text()),
    "Vec<Colour>": st.lists(st.sampled_from(list(COLOUR))),
    "Tree": TREES,
}


@pytest.fixture(scope="module")
def module() -> ModuleType:
    extension = Workbench().extension
    if extension is None:
        pytest.skip("no C compiler")
    return extension


class Both:
    """The same shape in C and in Python."""

    def __init__(self, module: ModuleType, text: str) -> None:
        self.shape: Shape = TYPES.shape(TYPES.resolver.resolve(parse(text), ""))
        nodes, (self.root,) = program([self.shape], TYPES)
        self.module, self.packer = module, module.packer(nodes)
        self.decode = Unpackers(TYPES).decoder(self.shape)

    def c_bytes(self, value: Any) -> bytes | None:
        packed: bytes | None = self.module.packed(self.packer, self.root, value)
        return packed

    def python_bytes(self, value: Any) -> bytes:
        out = bytearray()
        Packers(TYPES)[self.shape](value, out)
        return bytes(out)

    def c_value(self, data: bytes) -> tuple[Any] | None:
        value: tuple[Any] | None = self.module.unpacked(self.packer, self.root, data)
        return value


def _seen(value: Any) -> Any:
    """A value as it is compared: with its types, and every bit of a float."""
    if isinstance(value, float):
        return struct.pack(">d", value)
    if isinstance(value, list | tuple):
        return type(value), [_seen(item) for item in value]
    if isinstance(value, dict):
        return [(_seen(key), _seen(item)) for key, item in value.items()]
    if isinstance(value, msgspec.Struct):
        return type(value), [_seen(getattr(value, name)) for name in value.__struct_fields__]
    return type(value), value


def _plain(decoded: Any) -> Any:
    """What a packer wrote, numbers as they lie in memory taken as the list that they are."""
    if isinstance(decoded, msgspec.msgpack.Ext):
        code = {1: "b", 2: "B", 3: "h", 4: "H", 5: "i", 6: "I", 7: "q", 8: "Q", 9: "f", 10: "d"}[decoded.code]
        data = bytes(decoded.data)
        return [_plain(item) for item in struct.unpack(f"<{len(data) // struct.calcsize(code)}{code}", data)]
    if isinstance(decoded, bytes | list | tuple):
        return [_plain(item) for item in decoded]
    if isinstance(decoded, dict):
        return [(_plain(key), _plain(item)) for key, item in decoded.items()]
    return struct.pack(">d", decoded) if isinstance(decoded, float) else decoded


@pytest.mark.parametrize("text", VALUES)
def test_both_pack_the_same_values(module: ModuleType, text: str) -> None:
    both = Both(module, text)

    @settings(max_examples=60, deadline=None)
    @given(VALUES[text])
    def check(value: Any) -> None:
        packed = both.c_bytes(value)
        assert packed is not None
        decode = msgspec.msgpack.decode
        assert _plain(decode(packed)) == _plain(decode(both.python_bytes(value)))

    check()


@pytest.mark.parametrize("text", VALUES)
def test_both_unpack_the_same_values(module: ModuleType, text: str) -> None:
    both = Both(module, text)

    @settings(max_examples=60, deadline=None)
    @given(VALUES[text])
    def check(value: Any) -> None:
        data = msgspec.msgpack.encode(value)
        if text in {"f32", "[f32; 2]", "Vec<Point>", "Tree"}:  # msgspec writes every float in 8 bytes
            data = both.python_bytes(value)
        found = both.c_value(data)
        assert found is not None
        assert _seen(found[0]) == _seen(both.decode(data))

    check()


@pytest.mark.parametrize("text", VALUES)
def test_garbage_is_no_value_or_the_one_that_msgspec_reads(module: ModuleType, text: str) -> None:
    both = Both(module, text)

    @settings(max_examples=150, deadline=None)
    @given(VALUES[text], st.data())
    def check(value: Any, data: st.DataObject) -> None:
        good = bytearray(both.python_bytes(value))
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(0, len(good) - 1))
            good[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
            good = good or bytearray(b"\xc1")
        found = both.c_value(bytes(good))
        if found is not None:
            assert _seen(found[0]) == _seen(both.decode(bytes(good)))

    check()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("u8", 256),
        ("u8", True),
        ("u8", 1.0),
        ("i64", np.int64(1)),
        ("f32", 1e39),
        ("f64", "1"),
        ("String", b"a"),
        ("String", "\ud800"),
        ("char", "ab"),
        ("Option<Option<u8>>", Some(1)),
        ("i128", 1),
        ("Vec<f64>", [1.0, "a"]),
        ("Vec<f64>", np.array([1], dtype=np.float32)),
        ("Vec<u16>", range(3)),
        ("[f32; 2]", [1.0]),
        ("(u8, u8)", [1]),
        ("HashMap<u8, u8>", [(1, 1)]),
        ("HashSet<u8>", [1]),
        ("Colour", 7),
        ("Point", PAIR(1, "")),
        ("Point", POINT(x="a", y=None)),
        ("Tree", TREE),
    ],
)
def test_what_the_packer_is_not_sure_of_goes_to_python(module: ModuleType, text: str, value: Any) -> None:
    assert Both(module, text).c_bytes(value) is None


def test_numbers_in_memory_are_taken_as_they_lie(module: ModuleType) -> None:
    both = Both(module, "Vec<Vec<f64>>")
    rows = np.array([[1.5, -0.0], [math.inf, 2.0]])
    packed = both.c_bytes([rows[0], rows[1]])
    assert packed is not None
    assert rows[0].tobytes() in packed
    assert packed == both.c_bytes(rows.tolist())


def test_what_holds_itself_ends(module: ModuleType) -> None:
    itself = TREE.Branch(TREE.Leaf, TREE.Leaf)
    itself._0 = itself
    assert Both(module, "Tree").c_bytes(itself) is None
    deep = b"\x93\x01\x91\x00" * 5000
    assert Both(module, "Tree").c_value(deep) is None


@pytest.mark.parametrize(
    ("nodes", "error"),
    [
        ((), "no such node"),
        ((("q", "", 0, -1, 0, (), None, ()),), "no such node"),
        ((("s", "", 0, -1, 0, (), None, ()),), "no such node"),
        ((("o", "", 0, -1, 0, (), None, ()),), "no such node"),
        ((("o", "", 0, -1, 0, (1,), None, ()),), "no such child"),
        ((("S", "", 0, -1, 0, (), 1, ()),), "no such node"),
        ((("V", "", 0, -1, 0, (0,), None, ()),), "a variant is no class"),
    ],
)
def test_a_table_that_is_none_is_refused(module: ModuleType, nodes: Any, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        module.packed(module.packer(nodes), 0, None)


def test_a_class_without_slots_is_refused(module: ModuleType) -> None:
    class Open:
        x = 1

    with pytest.raises(TypeError, match="is no slot"):
        module.packer((("t", "", 0, -1, 0, (), None, ()), ("S", "", 0, -1, 0, (0,), Open, ("x",))))
