"""Results that go on in Rust: iterators, closures and futures. They live where objects do, and as long."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import coroutine
from typing import TYPE_CHECKING, Any, Self

from pytest_symbiont.bridge import shapes
from pytest_symbiont.bridge.closures import closure
from pytest_symbiont.bridge.iterables import iterable
from pytest_symbiont.bridge.misfit import Misfit
from pytest_symbiont.bridge.resolve import Unsupported
from pytest_symbiont.bridge.rust_type import render
from pytest_symbiont.errors import RustError, RustTimeout, SymbiontError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from pytest_symbiont.bridge.answers import Answers
    from pytest_symbiont.bridge.codec import Codec
    from pytest_symbiont.bridge.custom import CustomTypes
    from pytest_symbiont.bridge.objects import Home
    from pytest_symbiont.bridge.rust_type import RustType
    from pytest_symbiont.bridge.shapes import Shape
    from pytest_symbiont.source.values import Function

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True

# What is polled more often never gets ready.
_MOST_POLLS = 100_000


@dataclass(frozen=True, slots=True)
class GoesOn:
    """A result that goes on. ``shape`` is that of its elements, of the closure, or of what a future gives;
    ``rust`` keeps it.
    """

    shape: Shape
    rust: str
    is_future: bool = False


def goes_on(function: Function, resolve: Callable[[str], RustType], types: CustomTypes) -> GoesOn | None:
    """What a function's return type says, if that is an iterator or a closure. Raises `Unsupported`."""
    text = function.returns
    if is_async(function):
        value = resolve(text or "()")
        _no_objects(types, value)
        return GoesOn(types.shape(value), "::symbiont_codec::Resumed::future({0})", is_future=True)
    if text.startswith("&"):
        return None
    if (found := iterable(function, text)) is not None:
        item = resolve(found.item)
        _no_objects(types, item)
        return GoesOn(types.shape(item), "::symbiont_codec::Resumed::iterator({0})")
    if (called := closure(function, text)) is None:
        return None
    if "FnOnce" in text.partition("(")[0]:
        raise Unsupported("a closure that can be called only once")
    parameters, returns = called.resolved(resolve)
    _no_objects(types, *parameters, returns)
    shape = shapes.Function(tuple(map(types.shape, parameters)), types.shape(returns))
    if any(map(types.is_message, shape.parameters)):
        raise Unsupported("an error of std can be returned, but not passed")
    names = [f"x{index}" for index in range(len(parameters))]
    takes = "".join(
        f"let {name}: {render(type_, erased=True)} = reader.take()?; "
        for name, type_ in zip(names, parameters, strict=True)
    )
    return GoesOn(
        shape,
        "{{ #[allow(unused_mut)] let mut function = {0}; "
        "::symbiont_codec::Resumed::function(move |reader, writer| {{ "
        f"{takes}reader.end()?; writer.put(&function({', '.join(names)})); ::core::result::Result::Ok(()) "
        "}}) }}",
    )


def is_async(function: Function) -> bool:
    return "async" in function.qualifiers


def _no_objects(types: CustomTypes, *inside: RustType) -> None:
    if any(map(types.has_objects, inside)):
        raise Unsupported("objects that stay in Rust, of what goes on")


class RustIterator:
    """A lazy iterator of Rust. After a panic it has ended."""

    __slots__ = ("__weakref__", "_symbiont_kept")

    def __init__(self, kept: Kept) -> None:
        self._symbiont_kept = kept

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        found = self._symbiont_kept.step()
        if found is None:
            raise StopIteration
        return found[0]

    def __repr__(self) -> str:
        return f"<Rust iterator of {self._symbiont_kept.name}()>"


class RustClosure:
    """A closure of Rust."""

    __slots__ = ("__weakref__", "_symbiont_kept")

    def __init__(self, kept: Kept) -> None:
        self._symbiont_kept = kept

    def __call__(self, /, *args: Any) -> Any:
        return self._symbiont_kept.called(args)

    def __repr__(self) -> str:
        return f"<Rust closure of {self._symbiont_kept.name}()>"


def _step(element: Shape) -> Shape:
    """What comes of one step: nothing at the end, otherwise a tuple of one."""
    return shapes.Option(shapes.Tuple((element,)))


async def awaited(kept: Kept) -> Any:
    """The value of a future of Rust, which is polled at each turn of the event loop."""
    for _ in range(_MOST_POLLS):
        found = kept.step()
        if found is not None:
            if isinstance(found[0], RustError):
                raise found[0]
            return found[0]
        await _turn()
    raise RustTimeout(f"{kept.name}() is pending after {_MOST_POLLS} polls; does it wake itself for ever?")


@coroutine
def _turn() -> Generator[None, None, None]:
    yield


class Kept:
    """What is behind such an object: its number, and where that means something.

    ``resume`` goes on there, and raises what comes of it.
    """

    def __init__(
        self,
        name: str,
        codec: Codec,
        shape: Shape,
        home: Home,
        number: int,
        resume: Callable[[int, bytes, Answers | None], bytes],
        answers: Answers | None,
    ) -> None:
        self.name = name
        self._codec = codec
        self._shape = shape
        self._home = home
        self._number = number
        self._resume = resume
        self._answers = answers
        given = shape.returns if isinstance(shape, shapes.Function) else _step(shape)
        self._read = codec.reader(given)

    def step(self) -> Any:
        """None at the end, otherwise the next element in a tuple."""
        return self._codec.read(self._read, self._go_on(b""))

    def called(self, args: tuple[Any, ...]) -> Any:
        assert isinstance(self._shape, shapes.Function)  # noqa: S101 - by the plan
        if len(args) != len(self._shape.parameters):
            count = len(self._shape.parameters)
            raise TypeError(f"the closure of {self.name}() takes {count} arguments, got {len(args)}")
        data = bytearray()
        for index, (shape, value) in enumerate(zip(self._shape.parameters, args, strict=True)):
            try:
                self._codec.writer(shape)(value, data)
            except Misfit as misfit:
                raise misfit.error(f"the closure of {self.name}()", str(index)) from None
        return self._codec.read(self._read, self._go_on(bytes(data)))

    def _go_on(self, data: bytes) -> bytes:
        if not self._home.alive:
            raise SymbiontError(
                f"what {self.name}() returned was made in {self._home.name}, which has ended; call it in the "
                "test or in a fixture of function scope"
            )
        return self._resume(self._number, data, self._answers)

    def __del__(self) -> None:
        if not sys.is_finalizing() and self._home.alive:
            self._home.drop(self._number)
