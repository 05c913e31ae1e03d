"""The methods of a file's types: what their ``impl`` blocks say, and what they derive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_symbiont.source import parse

if TYPE_CHECKING:
    from pytest_symbiont.source.types import Declaration, Declarations
    from pytest_symbiont.source.values import Function

_DERIVED = {
    "Clone": "fn clone(&self) -> Self",
    "Default": "fn default() -> Self",
    "PartialEq": "fn eq(&self, other: &Self) -> bool",
    "PartialOrd": "fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering>",
    "Ord": "fn cmp(&self, other: &Self) -> std::cmp::Ordering",
    "Debug": "fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result",
    "Hash": "fn hash(&self, state: &mut H)",
}
_STATE = frozenset({"Iterator", "Index", "IndexMut", "Deref", "DerefMut", "Extend"})
"""Traits of what is used rather than looked at."""
_STD = {
    "fmt": ("Display", "Debug", "LowerHex", "UpperHex", "Binary"),
    "clone": ("Clone",),
    "default": ("Default",),
    "cmp": ("PartialEq", "PartialOrd", "Ord"),
    "hash": ("Hash",),
    "iter": ("Iterator", "IntoIterator", "Extend", "FromIterator", "DoubleEndedIterator", "Sum"),
    "convert": ("From", "TryFrom", "Into", "TryInto", "AsRef", "AsMut"),
    "str": ("FromStr",),
    "borrow": ("Borrow", "ToOwned"),
    "string": ("ToString",),
    "ops": (
        *("Add", "Sub", "Mul", "Div", "Rem", "Neg", "Not", "BitAnd", "BitOr", "BitXor", "Shl", "Shr"),
        *("AddAssign", "SubAssign", "MulAssign", "DivAssign", "RemAssign", "BitAndAssign", "BitOrAssign"),
        *("BitXorAssign", "ShlAssign", "ShrAssign", "Index", "IndexMut", "Deref", "DerefMut"),
    ),
}
TRAITS = {name: f"::std::{module}::{name}" for module, names in _STD.items() for name in names}
"""The traits of std that show in Python, by their names."""
# What is called in place of a method that no one calls by itself: its signature, and the call.
_INSTEAD = {
    ("Display", "fmt"): ("fn fmt(&self) -> String", "::std::string::ToString::to_string({0})"),
    ("Debug", "fmt"): ("fn fmt(&self) -> String", '::std::format!("{{:?}}", {0})'),
    ("Hash", "hash"): ("fn hash(&self) -> i64", "::symbiont_codec::hash({0})"),
    ("IndexMut", "index_mut"): (
        "fn index_mut(&mut self, index: {index}, value: Self::Output)",
        "*::std::ops::IndexMut::index_mut({0}, {1}) = {2}",
    ),
}


@dataclass(frozen=True, slots=True)
class Method:
    """A method as it is called: its function, and the call where that is not the function's own.

    ``written`` says that the file has its body.
    """

    function: Function
    call: str = ""
    written: bool = True


class Methods:
    """The methods of one text, by the path of their type."""

    def __init__(self, text: str, declarations: Declarations) -> None:
        self._declarations = declarations
        self._found: dict[str, list[Method]] = {}
        for function in parse.methods(text):
            if function.impl:
                self._found.setdefault(self._owner(function), []).append(_method(function, written=True))
        for methods in self._found.values():
            _share_output(methods)
            # What only borrows comes first: `&a + &b` leaves both where they are.
            methods.sort(
                key=lambda method: not (method.function.impl and method.function.impl.head[0] == "&")
            )
        for declaration in declarations.by_path.values():
            if declaration.kind in {"struct", "enum"}:
                there = {m.function.impl.trait_name for m in self[declaration.path] if m.function.impl}
                for trait in sorted((declaration.traits & _DERIVED.keys()) - there):
                    self._found.setdefault(declaration.path, []).append(_derived(declaration, trait))

    def __getitem__(self, path: str) -> list[Method]:
        return self._found.get(path, [])

    def keep_state(self, path: str) -> bool:
        """Whether a type has methods by which its values are used."""
        return any(
            (not method.function.impl.trait and method.function.receiver)
            or method.function.impl.trait_name in _STATE
            for method in self[path]
            if method.function.impl
        )

    def _owner(self, function: Function) -> str:
        """The path of the type that a method is of; `use` lines and ``super::`` are not followed here."""
        assert function.impl is not None  # noqa: S101 - the caller's word
        head = function.impl.name.removeprefix("crate::").removeprefix("self::")
        module = function.impl.module
        while True:
            path = f"{module}::{head}" if module else head
            if path in self._declarations.by_path or not module:
                return path
            module = module.rpartition("::")[0]
            head = head.removeprefix("super::")


def _share_output(methods: list[Method]) -> None:
    """What ``IndexMut`` changes is what ``Index`` says."""
    outputs = {
        "".join(method.function.impl.trait.partition("<")[1:]): method.function.impl.types
        for method in methods
        if method.function.impl and method.function.impl.trait_name == "Index"
    }
    for place, method in enumerate(methods):
        impl = method.function.impl
        if impl and impl.trait_name == "IndexMut":
            types = outputs.get("".join(impl.trait.partition("<")[1:]), ())
            function = replace(method.function, impl=replace(impl, types=types))
            methods[place] = replace(method, function=function)


def _method(function: Function, *, written: bool) -> Method:
    assert function.impl is not None  # noqa: S101 - the caller's word
    instead = _INSTEAD.get((function.impl.trait_name, function.name))
    if instead is None:
        return Method(function, written=written)
    index = function.parameters[0].type if function.parameters else ""
    like = _signed(instead[0].replace("{index}", index))
    seen = replace(
        function,
        parameters=like.parameters,
        returns=like.returns,
        receiver=like.receiver,
        generics="",
        where="",
    )
    return Method(seen, instead[1], written)


def _derived(declaration: Declaration, trait: str) -> Method:
    """What ``#[derive]`` writes, as far as it is seen from outside."""
    generics = [*declaration.lifetimes, *(f"{name}: {trait}" for name in declaration.parameters)]
    arguments = [*declaration.lifetimes, *declaration.parameters]
    before = f"<{', '.join(generics)}>" if generics else ""
    after = f"<{', '.join(arguments)}>" if arguments else ""
    block = (
        f"impl{before} {TRAITS[trait]} for {declaration.name}{after} {{ {_DERIVED[trait]} {{ todo!() }} }}"
    )
    (function,) = parse.methods(block)
    assert function.impl is not None  # noqa: S101 - it is what was written
    placed = replace(function.impl, module=declaration.module)
    return _method(replace(function, impl=placed, line=declaration.line), written=False)


def _signed(signature: str) -> Function:
    (function,) = parse.methods(f"impl T {{ {signature} {{ todo!() }} }}")
    return function
