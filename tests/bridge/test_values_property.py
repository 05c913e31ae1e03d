"""Random types, random values: what goes in comes out, and garbage is no value of another type."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rust_values import HEAD, LEAVES, WRAPPERS, Type, frozen
from three_ways import WAYS, Ways, seen, three_ways

from pytest_symbiont import RustCrash, RustError, Some
from pytest_symbiont.bridge.codec import Codec, Converters
from pytest_symbiont.bridge.custom import CustomTypes
from pytest_symbiont.bridge.pack import Packers
from pytest_symbiont.bridge.plan import plan
from pytest_symbiont.bridge.rust_type import parse
from pytest_symbiont.bridge.scalars import SCALARS
from pytest_symbiont.bridge.unpack import Unpackers
from pytest_symbiont.source.parse import functions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COUNT = 40
DEPTH = 3
Strategy = st.SearchStrategy[Any]


def _leaf(made: Type) -> Strategy:
    scalar = SCALARS.get(made.rust)
    if scalar is not None and scalar.family == "int":
        return st.integers(*scalar.bounds)
    if scalar is not None and scalar.family == "float":
        return st.floats(width=32 if made.rust == "f32" else 64)
    if scalar is not None and scalar.family == "char":
        return st.characters(codec="utf-8")
    if "str" in made.rust or made.rust == "String":
        return st.text(st.characters(codec="utf-8"))
    if made.rust == "Duration":
        return st.timedeltas(min_value=dt.timedelta())
    return st.sampled_from(made.values)


def _hashed(values: Strategy) -> Strategy:
    return values.map(frozen)


MAKERS: dict[str, Callable[[Strategy], Strategy]] = {
    "[_; 2]": lambda inner: st.lists(inner, min_size=2, max_size=2),
    "Result<_, String>": lambda inner: inner | st.text(st.characters(codec="utf-8")).map(RustError),
    "Result<bool, _>": lambda inner: st.booleans() | inner.map(RustError),
    "(_,)": st.tuples,
    "(u8, _)": lambda inner: st.tuples(st.integers(0, 255), inner),
    "HashMap<u8, _>": lambda inner: st.dictionaries(st.integers(0, 255), inner, max_size=4),
    "BTreeMap<String, _>": lambda inner: st.dictionaries(st.text("abcé"), inner, max_size=4).map(
        lambda made: dict(sorted(made.items()))
    ),
    "HashMap<_, i64>": lambda inner: st.dictionaries(
        _hashed(inner), st.integers(-(2**63), 2**63 - 1), max_size=4
    ),
    "HashSet<_>": lambda inner: st.sets(_hashed(inner), max_size=4),
    "BTreeSet<_>": lambda inner: st.sets(_hashed(inner), max_size=4),
}
LISTS = {"Vec<_>", "VecDeque<_>", "LinkedList<_>", "&'a [_]", "Box<[_]>", "Cow<'a, [_]>", "[_; 2]"}
SAME = {"Box<_>", "Rc<_>", "Arc<_>", "&'a _", "Cow<'a, _>", "RefCell<_>", "Mutex<_>"}


def _wrapped(outer: str, inner: Type, values: Strategy) -> Strategy:
    if outer in SAME:
        return values
    if outer == "Option<_>":
        return st.none() | (values.map(Some) if inner.nullable else values)
    made = MAKERS[outer](values) if outer in MAKERS else st.lists(values, max_size=4)
    return made.map(bytes) if inner.rust == "u8" and outer in LISTS - {"LinkedList<_>"} else made


def _drawn() -> dict[str, Strategy]:
    """The types, the same in every run."""
    chance = random.Random(3)  # noqa: S311 - no secret
    usable = [wrapper for wrapper in WRAPPERS if wrapper.rust in {*MAKERS, *LISTS, *SAME, "Option<_>"}]
    found: dict[str, Strategy] = {}
    while len(found) < COUNT:
        made = chance.choice(LEAVES)
        values = _leaf(made)
        for _ in range(chance.randint(1, DEPTH)):
            wrapper = chance.choice(usable)
            whole = wrapper.of(made)
            if whole is None or ("Result" in wrapper.rust and "Result" in made.rust):
                continue
            values, made = _wrapped(wrapper.rust, made, values), whole
        found[made.rust] = values
    return found


TYPES = _drawn()
NAMES = list(TYPES)


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    same = [
        f"pub fn same{index}<'a>(x: ({rust},), _: Own) -> ({rust},) {{ x }}"
        for index, rust in enumerate(NAMES)
    ]
    with three_ways(tmp_path_factory.mktemp("property"), "\n".join([HEAD, *same, ""])) as opened:
        yield opened


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("index", range(COUNT), ids=NAMES)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_any_value_of_any_type_comes_back(ways: Ways, way: str, index: int, data: st.DataObject) -> None:
    lib = ways[way]
    value = data.draw(TYPES[NAMES[index]])
    (back,) = getattr(lib, f"same{index}")((value,), lib.Own())
    assert seen(back) == seen(value)


def _codec() -> Codec:
    types = CustomTypes("", "lib")
    (function,) = functions("pub fn f() {}")
    return Codec(plan(function, "lib.rs", types), Converters(types))


CODEC = _codec()


def _of(rust: str) -> tuple[Callable[[Any], bytes], Callable[[bytes], Any]]:
    """The packer and the unpacker of a type."""
    types = CustomTypes(HEAD, "lib")
    shape = types.shape(types.resolver.resolve(parse(rust), ""))
    packer, decode = Packers(types)[shape], Unpackers(types).decoder(shape)

    def pack(value: Any) -> bytes:
        out = bytearray()
        packer(value, out)
        return bytes(out)

    return pack, decode


@pytest.mark.parametrize("rust", NAMES)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_what_python_packs_is_messagepack(rust: str, data: st.DataObject) -> None:
    pack, _ = _of(rust)
    value = data.draw(TYPES[rust])
    packed = pack(value)
    raw = msgspec.msgpack.decode(msgspec.msgpack.encode([msgspec.Raw(packed)]), type=list[msgspec.Raw])
    assert [bytes(each) for each in raw] == [packed]  # one whole value, with nothing behind it


@pytest.mark.parametrize("rust", NAMES)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_garbage_is_a_value_of_the_type_or_an_error(rust: str, data: st.DataObject) -> None:
    pack, decode = _of(rust)
    garbage = bytearray(pack(data.draw(TYPES[rust])))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(garbage) - 1))
        garbage[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(garbage)))
    for mutated in (bytes(garbage), bytes(garbage[:cut]), bytes(garbage) + b"\xc0"):
        try:
            value = CODEC.read(decode, mutated)
        except (RustCrash, OverflowError):  # a Duration may be longer than Python's
            continue
        pack(value)
