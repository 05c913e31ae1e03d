"""Methods and traits of a file's types, as their classes have them in Python."""

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge.custom import python_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_symbiont.bridge.custom import CustomType
    from pytest_symbiont.bridge.methods import Method

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True

_OPERATORS = {
    "Add": "add", "Sub": "sub", "Mul": "mul", "Div": "truediv", "Rem": "mod", "BitAnd": "and", "BitOr": "or",
    "BitXor": "xor", "Shl": "lshift", "Shr": "rshift",
}  # fmt: skip
_NAMES = {
    ("Display", "fmt"): ("__str__",),
    ("Debug", "fmt"): ("__repr__",),
    ("PartialEq", "eq"): ("__eq__",),
    ("Hash", "hash"): ("__hash__",),
    ("Clone", "clone"): ("clone", "__copy__"),
    ("Index", "index"): ("__getitem__",),
    ("IndexMut", "index_mut"): ("__setitem__",),
    ("Neg", "neg"): ("__neg__",),
    ("Not", "not"): ("__invert__",),
    **{(trait, trait.lower()): (f"__{name}__",) for trait, name in _OPERATORS.items()},
}  # fmt: skip
"""What a method of a trait is called in Python; others keep their names."""


class RustMethod:
    """A method in a class. From an object it is bound, from the class it is the evolvable itself."""

    def __init__(self, methods: Sequence[Method], call: Callable[[Method], Any]) -> None:
        self._methods = tuple(methods)
        self._call = call

    @property
    def methods(self) -> tuple[Method, ...]:
        return self._methods

    def _function(self) -> Any:
        if len(self._methods) == 1:
            return self._call(self._methods[0])
        return self._any_of

    def _any_of(self, *args: Any, **kwargs: Any) -> Any:
        """Of several impls of one trait (``From<u8>``, ``From<&str>``), the first that takes these."""
        refused = None
        for method in self._methods:
            try:
                return self._call(method)(*args, **kwargs)
            except (TypeError, OverflowError) as error:
                refused = refused or error
        assert refused is not None  # noqa: S101 - there are several
        raise refused

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        function = self._function()
        if instance is None or not self._methods[0].function.receiver:
            return function
        return MethodType(function, instance)


def dress(custom: CustomType, made: Any, methods: Sequence[Method], call: Callable[[Method], Any]) -> None:
    """Give a class the methods of its type."""
    named: dict[str, list[Method]] = {}
    for method in methods:
        impl = method.function.impl
        if impl is None or impl.trait_name == "Drop":
            continue
        if not method.written and not custom.is_object and impl.trait_name in _BY_VALUE:
            continue  # a value has its class's own
        key = (impl.trait_name, method.function.name)
        for name in _NAMES.get(key, (python_name(method.function.name),)):
            named.setdefault(name, []).append(method)
    traits = {method.function.impl.trait_name for method in methods if method.function.impl}
    for name, of_name in named.items():
        inherent = [method for method in of_name if method.function.impl and not method.function.impl.trait]
        setattr(made, name, RustMethod(inherent or of_name, call))
    _protocols(made, named, traits)


_BY_VALUE = frozenset({"Debug", "PartialEq", "Hash", "Clone", "PartialOrd", "Ord"})


def _protocols(made: Any, named: dict[str, list[Method]], traits: set[str]) -> None:
    """What follows from the methods, in Python's words."""
    own: dict[str, Any] = {}
    if "Iterator" in traits and "next" in named:
        own |= {"__iter__": lambda self: self, "__next__": _next}
    if "partial_cmp" in named or "cmp" in named:
        how = "partial_cmp" if "partial_cmp" in named else "cmp"
        own |= {f"__{name}__": _compared(how, wanted) for name, wanted in _ORDERS.items()}
    if "__eq__" in named:
        own["__eq__"] = _equal(made.__dict__["__eq__"])
        own.setdefault("__hash__", made.__dict__.get("__hash__"))
    if "clone" in named:
        own["__deepcopy__"] = lambda self, _: self.clone()
    for trait, name in _OPERATORS.items():
        method = trait.lower() + "_assign"
        if method in named:
            own[f"__i{name}__"] = _in_place(method)
        if f"__{name}__" in named:
            own[f"__{name}__"] = _operator(made.__dict__[f"__{name}__"])
    for name, inside in own.items():
        setattr(made, name, inside)
    length = named.get("len")
    if length and length[0].function.receiver and not length[0].function.parameters:
        made.__len__ = lambda self: self.len()


_ORDERS = {"lt": (-1,), "le": (-1, 0), "gt": (1,), "ge": (0, 1)}


def _next(self: Any) -> Any:
    found = self.next()
    if found is None:
        raise StopIteration
    return found


def _compared(how: str, wanted: tuple[int, ...]) -> Callable[[Any, Any], Any]:
    def compared(self: Any, other: Any) -> Any:
        if type(other) is not type(self):
            return NotImplemented
        return getattr(self, how)(other) in wanted

    return compared


def _equal(method: RustMethod) -> Callable[[Any, Any], Any]:
    def equal(self: Any, other: Any) -> Any:
        if self is other and len(method.methods) == 1 and not method.methods[0].written:
            return True
        try:
            return method.__get__(self)(other)
        except TypeError:  # of another type: not equal, as far as this side knows
            return NotImplemented

    return equal


def _operator(method: RustMethod) -> Callable[[Any, Any], Any]:
    def operator(self: Any, other: Any) -> Any:
        try:
            return method.__get__(self)(other)
        except TypeError:
            return NotImplemented

    return operator


def _in_place(method: str) -> Callable[[Any, Any], Any]:
    def changed(self: Any, other: Any) -> Any:
        getattr(self, method)(other)
        return self

    return changed
