"""Values that stay in Rust, as Python holds them: a number, and where it means something.

That is its *home*: a build that is loaded into this process, or a worker. Where a call goes to another home
(another revision, or a trial's worker), the value is carried there by its fields, if they can be carried.
"""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol, Self
from weakref import WeakKeyDictionary, WeakSet

from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_symbiont.bridge.custom import CustomType

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


class Home(Protocol):
    """Where objects live. ``name`` is how messages call it, ``passing`` says that a trial ends it.

    ``objects`` are those that were made there; they are saved before it ends in good order.
    """

    name: str
    passing: bool
    objects: WeakSet[Held]

    @property
    def alive(self) -> bool: ...

    def save(self, custom: CustomType, number: int) -> bytes:
        """A value's fields. Raises `SymbiontError` where it is in use, or gone."""
        ...

    def load(self, custom: CustomType, state: bytes) -> int:
        """Make an object of such fields."""
        ...

    def drop(self, number: int) -> None:
        """Drop an object. Raises `RustPanic` where that panics."""
        ...


class Held:
    """One object: where it is, and copies of it in the workers of trials.

    ``gone`` says why it is no more: it was moved, or its worker ended. ``state`` are its fields where its
    home ended in good order.
    """

    def __init__(self, custom: CustomType, home: Home, number: int) -> None:
        self.custom = custom
        self.home: Home | None = home
        self.number = number
        self.state = b""
        self.gone = ""
        self.copies: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        home.objects.add(self)

    def at(self, home: Home) -> int:
        """Its number in this home; it is carried there where it is elsewhere."""
        if self.gone:
            raise SymbiontError(f"this {self.custom.shown} {self.gone}")
        if self.home is home:
            return self.number
        if home in self.copies:
            return self.copies[home]
        if self.home is not None and not self.home.alive:
            raise SymbiontError(
                f"this {self.custom.shown} was made in {self.home.name}, which has ended; make a new one in "
                "the test or in a fixture of function scope"
            )
        number = self._carried(home)
        if home.passing and (self.home is None or not self.home.passing):
            self.copies[home] = number  # a trial works on a copy of its own
            home.objects.add(self)
            return number
        self.leave()
        self.home, self.number, self.state = home, number, b""
        home.objects.add(self)
        return number

    def _carried(self, home: Home) -> int:
        if why := self.custom.uncarried:
            before = self.home.name if self.home else "a trial that has ended"
            raise SymbiontError(
                f"this {self.custom.shown} was made in {before} and cannot be carried to {home.name}: {why}; "
                "make a new one"
            )
        state = self.home.save(self.custom, self.number) if self.home else self.state
        return home.load(self.custom, state)

    def keep(self, home: Home) -> None:
        """Save it before this home ends."""
        if home in self.copies:
            del self.copies[home]
        elif self.home is home and not self.gone:
            self.gone = (
                f"was made in {home.name}, which has ended, and cannot be carried on: {self.custom.uncarried}"
            )
            if not self.custom.uncarried:
                self.gone = f"was made in {home.name}, which has ended; make a new one"
                with suppress(SymbiontError):
                    self.state = home.save(self.custom, self.number)
                    self.home, self.gone = None, ""

    def leave(self) -> None:
        """Drop the value in Rust."""
        if self.home is not None and self.home.alive and not self.gone:
            self.home.drop(self.number)

    def moved(self, how: str) -> None:
        """Note that Rust has taken the value."""
        self.gone = f"was moved into Rust by {how}; clone it before, or make a new one"


class Objects(Protocol):
    """The objects of one file."""

    def send(self, custom: CustomType, value: Any) -> int:
        """The number of an object in the home of the call under way."""
        ...

    def receive(self, custom: CustomType, number: Any) -> Any:
        """The object with this number there."""
        ...


class NoObjects:
    """Where no file is behind the types: nothing can be called."""

    def send(self, custom: CustomType, value: Any) -> int:
        raise NotImplementedError

    def receive(self, custom: CustomType, number: Any) -> Any:
        raise NotImplementedError


class FileObjects:
    """Knows, for each thread, where the call under way goes."""

    def __init__(self) -> None:
        self._here = threading.local()

    @contextmanager
    def calling(self, home: Home) -> Iterator[list[Held]]:
        """Objects go to, and come from, this home meanwhile. The list is of those that went there."""
        before = getattr(self._here, "home", None)
        sent: list[Held] = []
        self._here.home = home, sent
        try:
            yield sent
        finally:
            self._here.home = before

    def send(self, custom: CustomType, value: Any) -> int:  # noqa: ARG002 - the value knows its own
        home, sent = self._here.home
        held = held_by(value)
        sent.append(held)
        return held.at(home)

    def receive(self, custom: CustomType, number: Any) -> Any:
        home, _ = self._here.home
        return hold(custom, home, number)


class RustObject:
    """The base of the classes of objects. Attributes belong to Rust names."""

    __slots__ = ("__weakref__", "_symbiont_held")
    _symbiont_held: Held

    def __new__(cls, *_: Any, **__: Any) -> Self:
        raise TypeError(
            f"{cls.__qualname__} is made by Rust: call one of its functions that return one"
            f" (there are: {', '.join(name for name in vars(cls) if not name.startswith('_')) or 'none'})"
        )

    def __del__(self) -> None:
        held = getattr(self, "_symbiont_held", None)
        if held is not None and not sys.is_finalizing():
            held.leave()

    def __repr__(self) -> str:
        return f"<Rust {type(self).__qualname__}>"

    def __reduce__(self) -> Any:
        raise TypeError(f"a {type(self).__qualname__} lives in Rust: it cannot be pickled or copied")


def object_class(name: str, module: str) -> Any:
    """A class for the objects of one type."""
    return type(name, (RustObject,), {"__slots__": (), "__module__": module, "__qualname__": name})


def hold(custom: CustomType, home: Home, number: Any) -> Any:
    """A Python object for an object of Rust."""
    made = object.__new__(custom.python)
    made._symbiont_held = Held(custom, home, int(number))
    return made


def held_by(value: Any) -> Held:
    """What is behind a Python object of ours."""
    held: Held = value._symbiont_held  # noqa: SLF001 - ours
    return held
