"""Parameters that are functions: any Python callable, which Rust calls back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pytest_symbiont.bridge.resolve import Unsupported
from pytest_symbiont.bridge.rust_type import Reference, RustType, Tuple, children, render
from pytest_symbiont.source._adapt import type_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_symbiont.source.values import Function

_BOUNDS = r"(?:[\w':?]+\s*\+\s*)*(?:for\s*<[^>]*>\s*)?"
_FN = rf"{_BOUNDS}(?:\w+\s*::\s*)*Fn(?:Mut|Once)?\s*\("
_PLACES = (
    (rf"impl\s+{_FN}", "{0}"),
    (rf"&\s*(?:'\w+\s+)?\(?\s*(?:impl|dyn)\s+{_FN}", "&{0}"),
    (rf"&\s*(?:'\w+\s+)?mut\s+\(?\s*(?:impl|dyn)\s+{_FN}", "&mut {0}"),
    (rf"(?:\w+\s*::\s*)*Box\s*<\s*dyn\s+{_FN}", "::std::boxed::Box::new({0})"),
    (rf"(?:\w+\s*::\s*)*Rc\s*<\s*dyn\s+{_FN}", "::std::rc::Rc::new({0})"),
    (rf"(?:\w+\s*::\s*)*Arc\s*<\s*dyn\s+{_FN}", "::std::sync::Arc::new({0})"),
)
_REFERENCE = re.compile(r"&\s*(?:'\w+\s+)?(mut\s+)?")


class Closure(NamedTuple):
    """The types that a function takes and returns, as text, and how a closure is handed over."""

    parameters: tuple[str, ...]
    returns: str
    handed: str

    def resolved(self, resolve: Callable[[str], RustType]) -> tuple[tuple[RustType, ...], RustType]:
        """Its types. Raises `Unsupported` where a Python callable can be no such function."""
        parameters = tuple(map(resolve, self.parameters))
        for parameter in parameters:
            if _changes(parameter):
                raise Unsupported(f"a function that changes its argument (`{render(parameter)}`)")
        returns = resolve(self.returns) if self.returns else Tuple(())
        if re.search(r"&|'", render(returns)):
            raise Unsupported(f"a function that returns what is borrowed (`{self.returns}`)")
        return parameters, returns

    def rust(self, parameters: tuple[RustType, ...], returns: RustType) -> str:
        """The closure that asks Python, as a template for the number of whom it asks."""
        names = [f"x{index}" for index in range(len(parameters))]
        typed = ", ".join(
            f"{name}: {render(type_, erased=True)}" for name, type_ in zip(names, parameters, strict=True)
        )
        puts = [f"writer.elements({len(names)});"] if len(names) > 1 else []
        puts += [f"writer.put(&{name});" for name in names]
        closure = (
            "{{ let python = ::symbiont_codec::Python::new(ask, {0}); "
            f"move |{typed}| -> {render(returns)} {{{{ python.call(|writer| {{{{ "
            f"let _ = &writer; {' '.join(puts)} }}}}) }}}} }}}}"
        )
        return self.handed.replace("{0}", closure)


def closure(function: Function, text: str) -> Closure | None:
    """What a parameter's type says, if it is a function; a type parameter is one by its bounds."""
    for pattern, handed in _PLACES:
        if found := re.match(pattern, text):
            return _closure(text[found.end() :], handed)
    reference = _REFERENCE.match(text)
    name = text[reference.end() :].strip() if reference else text.strip()
    if name not in type_parameters(function.generics):
        return None
    bounds = f"{function.generics} {function.where}"
    found = re.search(rf"\b{re.escape(name)}\s*:\s*{_FN}", bounds)
    if found is None:
        return None
    ahead = ("&mut " if reference[1] else "&") if reference else ""
    return _closure(bounds[found.end() :], f"{ahead}{{0}}")


def closures(function: Function) -> frozenset[str]:
    """The type parameters that are functions: which ones need not be known."""
    return frozenset(
        _REFERENCE.sub("", parameter.type).strip()
        for parameter in function.parameters
        if closure(function, parameter.type)
    )


def _closure(text: str, handed: str) -> Closure:
    """``text`` begins behind the bracket of the parameters."""
    parameters, rest = _split(text, ",")
    returns = ""
    if arrow := re.match(r"\)\s*->\s*", rest):
        (returns,), _ = _split(rest[arrow.end() :], "")
    return Closure(tuple(filter(None, parameters)), "" if returns == "()" else returns, handed)


def _split(text: str, separators: str) -> tuple[list[str], str]:
    """The types up to the end of where they stand, and what is left from there."""
    found, begin, depth = [], 0, 0
    for index, letter in enumerate(text):
        if letter in "<([{":
            if letter == "{":
                break
            depth += 1
        elif letter in ">)]" and text[index - 1 : index + 1] != "->":
            if not depth:
                break
            depth -= 1
        elif not depth and letter in separators:
            found.append(text[begin:index].strip())
            begin = index + 1
        elif not depth and letter in "+,":
            break
    else:
        index = len(text)
    return [*found, text[begin:index].strip()], text[index:]


def _changes(rust_type: RustType) -> bool:
    if isinstance(rust_type, Reference) and rust_type.mutable:
        return True
    return any(map(_changes, children(rust_type)))
