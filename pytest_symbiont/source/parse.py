"""A Rust file's text as the functions in it."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.source import _lex
from pytest_symbiont.source._cfg import gone
from pytest_symbiont.source._items import Item, items, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_symbiont.source.values import Function

TODO = "{\n    todo!()\n}"

_TRAIT = re.compile(r"<(\w+) as .*>(?=::\w+$)")
_MOST_LISTED = 12
_FIRST_WORDS = frozenset({"fn", "const", "async", "unsafe", "extern", "safe", "default"})


def functions(text: str) -> tuple[Function, ...]:
    """All free functions that have a body, those of inline modules too (``inner::sort``), in file order.

    Left out are methods, functions inside functions, those of ``#[cfg(test)]`` modules, and those whose body
    has no end; a body that only does not parse is no obstacle.
    """
    return tuple(function for function in bodies(text) if function.impl is None)


def methods(text: str) -> tuple[Function, ...]:
    """The functions of ``impl`` blocks that have a body, likewise (``Stack::push``), in file order."""
    return tuple(function for function in bodies(text) if function.impl is not None)


def bodies(text: str) -> tuple[Function, ...]:
    """Functions and methods together: everything that can evolve."""
    return tuple(item.function for _, item in _written(items(text.encode())) if item.function)


def written(text: str) -> tuple[tuple[str, Item], ...]:
    """Path and item of every function and method, whether it can be read or not, in file order."""
    return tuple(_written(items(text.encode())))


def find(text: str, path: str, *, file: str) -> Function:
    """The function of this path. ``file`` is how messages name the text.

    Raises `SymbiontError` where there is none, more than one, or one whose body has no end.
    """
    free = list(_written(items(text.encode())))
    wanted = [item for where, item in free if where == path] or _of_traits(free, path)
    for item in wanted:
        if not item.function:
            raise SymbiontError(
                f"{file}:{item.line}: function '{path}' cannot be read: {item.problem}; mend the file"
            )
    match [item.function for item in wanted if item.function]:
        case [function]:
            return function
        case []:
            raise SymbiontError(_missing(file, path, [where for where, _ in free]))
        case several:
            if len({function.path for function in several}) > 1:
                paths = " or ".join(repr(function.path) for function in several)
                raise SymbiontError(f"{file}: '{path}' may be {paths}: say which")
            lines = " and ".join(str(function.line) for function in several)
            raise SymbiontError(
                f"{file}: function '{path}' is there more than once (lines {lines}); keep one"
            )


def declaration(text: str) -> Function:
    """A function from its signature alone: ``fn gcd(a: u64, b: u64) -> u64``, the body being ``todo!()``.

    Doc comments may stand before it and a ``;`` behind it. The signature comes back on one line and public;
    offsets are those of the text that holds nothing but signature, a space and body.
    Raises `SymbiontError` for anything else.
    """
    declared = text.strip().removesuffix(";").rstrip()
    data = f"{declared} {TODO}".encode()
    if problem := _undeclarable(data):
        shown = " ".join(text.split())
        shown = f"{shown[:80]}…" if len(shown) > 80 else shown  # noqa: PLR2004 - a line's worth of it
        raise SymbiontError(
            f"cannot declare {shown!r}: {problem}; write it like 'fn gcd(a: u64, b: u64) -> u64'"
        )
    [function] = functions(data.decode())
    signature = " ".join(without_visibility(function.signature).split())
    return _placed(replace(function, signature=f"pub {signature}", public=True))


def _written(found: Iterable[Item], prefix: str = "") -> Iterator[tuple[str, Item]]:
    """Path and item of every function and method outside test modules that is compiled."""
    for item in found:
        if gone(item.attributes):
            continue
        if item.kind == "function_item":
            yield item.function.path if item.function else prefix + item.name, item
        elif item.kind in {"mod_item", "impl_item"} and not item.is_test:
            yield from _written(item.items, f"{prefix}{item.name}::")


def _of_traits(found: Sequence[tuple[str, Item]], path: str) -> list[Item]:
    """``Stack::fmt``, where ``<Stack as Display>::fmt`` is meant: the trait may be left out."""
    return [item for where, item in found if _TRAIT.sub(r"\1", where) == path]


def _missing(file: str, path: str, found: Sequence[str]) -> str:
    if not found:
        return f"{file}: no function '{path}' (found none that has a body)"
    rest = f" and {len(found) - _MOST_LISTED} more" if len(found) > _MOST_LISTED else ""
    message = f"{file}: no function '{path}' (found: {', '.join(found[:_MOST_LISTED])}{rest})"
    close = difflib.get_close_matches(path, found, n=1) or [
        where for where in found if where.rpartition("::")[2] == path.rpartition("::")[2]
    ]
    return f"{message}; did you mean '{close[0]}'?" if close else message


def _undeclarable(data: bytes) -> str:
    """Why a signature, to which a body was added, is no declaration; empty where it is one."""
    root = parse(data)
    found = items(data)
    others = [node for node in root.named_children if "comment" not in node.type]
    function = found[0].function if len(found) == len(others) == 1 else None
    if root.has_error or function is None or function.body != TODO:
        return "it is not one signature without a body"
    if function.receiver:
        return "it has a `self`, and only free functions can evolve"
    parameters = others[0].child_by_field_name("parameters")
    if any(node.type != "parameter" for node in (parameters.named_children if parameters else ())):
        return "not every parameter is a name with a type"
    if any(token.kind == "comment" for token in _lex.tokens(function.signature.encode())):
        return "it has a comment inside"
    return ""


def without_visibility(signature: str) -> str:
    """``pub(crate) const fn f()`` as ``const fn f()``."""
    words = _lex.code(signature.encode())
    if words[0].text != "pub":
        return signature
    first = next(token for token in words[1:] if token.kind == "ident" and token.text in _FIRST_WORDS)
    return signature.encode()[first.start :].decode()


def _placed(function: Function) -> Function:
    start = len(function.signature.encode()) + 1
    return replace(function, start=0, body_start=start, body_end=start + len(function.body.encode()), line=1)
