"""Shapes: what the values of a Rust type look like, to Python and on their way.

A shape says what crosses and nothing of ownership: `Box<T>`, `&T` and `Rc<T>` have the shape of `T`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pytest_symbiont.bridge.resolve import OWN, Unsupported
from pytest_symbiont.bridge.rust_type import Array as ArrayType
from pytest_symbiont.bridge.rust_type import (
    Named,
    Other,
    Reference,
    RustType,
    Slice,
    render,
)
from pytest_symbiont.bridge.rust_type import Tuple as TupleType
from pytest_symbiont.bridge.scalars import SCALARS, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable

_PRIMITIVE = "::core::primitive::"


@dataclass(frozen=True, slots=True)
class Number:
    """An integer, a float, a bool or a char. ``zero`` says whether it may be zero."""

    scalar: Scalar
    zero: bool = True


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""


@dataclass(frozen=True, slots=True)
class Unit:
    """``()``: None."""


@dataclass(frozen=True, slots=True)
class Option:
    """None, or a value; where that may itself be None it is a `Some`."""

    inner: Shape


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; bytes where elements are u8 that lie one behind the other. ``length`` is that of an array.

    ``rust`` is the type's name (``Vec``, ``BinaryHeap``).
    """

    inner: Shape
    rust: str
    length: int | None = None

    @property
    def bytes(self) -> bool:
        return self.inner == BYTE and self.rust not in {"BinaryHeap", "LinkedList"}


@dataclass(frozen=True, slots=True)
class Mapping:
    """A dict."""

    key: Shape
    value: Shape


@dataclass(frozen=True, slots=True)
class Set:
    """A set."""

    inner: Shape


@dataclass(frozen=True, slots=True)
class Tuple:
    """A tuple of two or more, or of one."""

    members: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A value, or a `RustError`."""

    ok: Shape
    err: Shape


@dataclass(frozen=True, slots=True)
class Ordering:
    """-1, 0 or 1."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A `datetime.timedelta`."""


@dataclass(frozen=True, slots=True)
class Path:
    """A `pathlib.Path`, or a str where Rust has a string of the system (``OsStr``)."""

    rust: Literal["Path", "PathBuf", "OsStr", "OsString"]

    @property
    def text(self) -> bool:
        return self.rust.startswith("Os")


@dataclass(frozen=True, slots=True)
class Address:
    """An address of `ipaddress`."""

    rust: Literal["IpAddr", "Ipv4Addr", "Ipv6Addr"]


@dataclass(frozen=True, slots=True)
class Range:
    """A `range` where it has two ends that are integers, otherwise a `slice`."""

    inner: Shape
    rust: Literal["Range", "RangeFrom", "RangeFull", "RangeInclusive", "RangeTo", "RangeToInclusive"]


@dataclass(frozen=True, slots=True)
class Message:
    """An error of std, as the text that it shows."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A sequence of numbers that comes back as they lie in memory."""

    sequence: Sequence


@dataclass(frozen=True, slots=True)
class Function:
    """A Python callable, which Rust calls."""

    parameters: tuple[Shape, ...]
    returns: Shape


@dataclass(frozen=True, slots=True)
class Custom:
    """A type that the file declares, by its path, with what its type parameters are."""

    path: str
    arguments: tuple[RustType, ...] = ()


Shape = (
    Number
    | Text
    | Unit
    | Option
    | Sequence
    | Mapping
    | Set
    | Tuple
    | Result
    | Ordering
    | Duration
    | Path
    | Address
    | Range
    | Message
    | Memory
    | Function
    | Custom
)

BYTE = Number(SCALARS["u8"])

_SEQUENCES = ("Vec", "VecDeque", "LinkedList", "BinaryHeap")
# In Python just what they hold.
_TRANSPARENT = ("Box", "Rc", "Arc", "Cow", "Cell", "RefCell", "Mutex", "RwLock", "Reverse", "Wrapping",
                "Saturating")  # fmt: skip


def shape_of(rust_type: RustType) -> Shape:  # noqa: PLR0911 - one for each kind of type
    """The shape of a resolved type. Raises `Unsupported`."""
    match rust_type:
        case Named(path, arguments, _) if path.startswith(OWN):
            return Custom(path.removeprefix(OWN), arguments)
        case Named(path, (), _) if path.startswith(_PRIMITIVE):
            name = path.removeprefix(_PRIMITIVE)
            return Text() if name == "str" else Number(SCALARS[name])
        case Named(path, arguments, _):
            return _std(path.rpartition("::")[2], arguments, rust_type)
        case Reference(_, inner, _):
            return shape_of(inner)
        case Slice(inner):
            return Sequence(shape_of(inner), "slice")
        case ArrayType(inner, length):
            return Sequence(shape_of(inner), "array", int(length))
        case TupleType(members):
            if len(members) > 12:  # noqa: PLR2004 - as std implements its traits
                raise Unsupported(f"`{render(rust_type)}` has more than 12 members")
            return Tuple(tuple(map(shape_of, members))) if members else Unit()
        case Other():
            return Message()


def _std(name: str, arguments: tuple[RustType, ...], rust_type: RustType) -> Shape:
    if name.endswith("Error") or name == "Infallible":
        return Message()
    # How it hashes is no part of a value.
    arguments = arguments[: {"HashMap": 2, "HashSet": 1}.get(name)]
    for names, count, make in _MAKERS:
        if name in names:
            if len(arguments) != count:
                raise Unsupported(f"`{render(rust_type)}`: `{name}` is carried with {count} type arguments")
            return make(name, *map(shape_of, arguments))
    scalar = SCALARS.get(name.removeprefix("NonZero").lower())
    if scalar is None:
        raise Unsupported(f"`{render(rust_type)}` cannot be carried")
    return Number(scalar, zero=False)


def _non_zero(name: str, inner: Shape) -> Shape:
    if isinstance(inner, Number) and inner.scalar.family == "int":
        return Number(inner.scalar, zero=False)
    raise Unsupported(f"`{name}` of something else than an integer")


_MAKERS: tuple[tuple[tuple[str, ...], int, Callable[..., Shape]], ...] = (
    (("String",), 0, lambda _: Text()),
    (_SEQUENCES, 1, lambda name, inner: Sequence(inner, name)),
    (("HashMap", "BTreeMap"), 2, lambda _, key, value: Mapping(key, value)),
    (("HashSet", "BTreeSet"), 1, lambda _, inner: Set(inner)),
    (("Option",), 1, lambda _, inner: Option(inner)),
    (("Result",), 2, lambda _, ok, err: Result(ok, err)),
    (_TRANSPARENT, 1, lambda _, inner: inner),
    (("PhantomData",), 1, lambda *_: Unit()),
    (("NonZero",), 1, _non_zero),
    (("Ordering",), 0, lambda _: Ordering()),
    (("Duration",), 0, lambda _: Duration()),
    (("Path", "PathBuf", "OsStr", "OsString"), 0, Path),
    (("IpAddr", "Ipv4Addr", "Ipv6Addr"), 0, Address),
    (("RangeFull",), 0, lambda name: Range(Unit(), name)),
    (
        ("Range", "RangeFrom", "RangeInclusive", "RangeTo", "RangeToInclusive"),
        1,
        lambda name, inner: Range(inner, name),
    ),
)


def nullable(shape: Shape) -> bool:
    """Whether a value of this shape may be None; the `Ok` of a result stands for itself."""
    return isinstance(shape, Option | Unit) or (isinstance(shape, Result) and nullable(shape.ok))


def parts(shape: Shape) -> tuple[Shape, ...]:
    """The shapes that this one is made of; a type of the file is looked up elsewhere."""
    match shape:
        case Option(inner) | Sequence(inner) | Set(inner) | Range(inner):
            return (inner,)
        case Mapping(key, value):
            return key, value
        case Result(ok, err):
            return ok, err
        case Tuple(members):
            return members
        case Function(parameters, returns):
            return *parameters, returns
        case _:
            return ()
