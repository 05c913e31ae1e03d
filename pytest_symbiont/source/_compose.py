"""Definitions from an answer, with the items that they need, as bodies for the declared functions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_symbiont.source import _lex, _parameters, parse
from pytest_symbiont.source._adapt import own_call
from pytest_symbiont.source._helpers import METHOD, Helper, helper, placed
from pytest_symbiont.source._items import items
from pytest_symbiont.source._lines import moved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_symbiont.source._items import Item
    from pytest_symbiont.source._pieces import Definition, Piece
    from pytest_symbiont.source.values import Function

_STEP = "    "


@dataclass(frozen=True, slots=True)
class Found:
    """A declared function and what the answer has for it."""

    function: Function
    definition: Definition

    @property
    def answered(self) -> Function:
        assert self.definition.item.function is not None  # noqa: S101 - only usable ones are found
        return self.definition.item.function


def known(context: str) -> frozenset[str]:
    """The names of a file's items, those of its modules too; a ``use`` or an ``impl`` by what it says.

    Methods are known by their paths.
    """
    names = {method.path for method in parse.methods(context)}
    waiting = list(items(context.encode()))
    while waiting:
        item = waiting.pop()
        names.add(item.name)
        if item.kind == "mod_item":
            waiting.extend(item.items)
    return frozenset(names)


def composed(
    found: Sequence[Found], pieces: Sequence[Piece], context: frozenset[str], *, nests: bool = True
) -> tuple[dict[str, str], list[str]]:
    """A body by function path, and what was done to get them.

    ``nests`` lets a function whose signature asks for it stay whole, inside the body that calls it.
    """
    notes: list[str] = []
    bodies = {each.function.path: _body(each, notes) for each in found}
    helpers = _helpers(found, pieces, context, notes)
    inside = _once(placed(bodies, helpers))
    used = {each.name for chosen in inside.values() for each in chosen}
    _note(notes, "nested inside the body", [each.shown for each in helpers if each.name in used])
    idle = [each.shown for each in helpers if each.near and each.name not in used]
    _note(notes, "left out because nothing uses it", idle)
    for each in found:
        path = each.function.path
        if nests and (call := own_call(each.function, each.answered, bodies[path])):
            own = each.answered.name
            notes.append(f"the answer's own `{own}` nested inside `{path}`, which calls it: `{call}`")
            bodies[path] = _calling(each, bodies[path], inside[path], call)
            continue
        bound, unbound = _parameters.bindings(each.function, each.answered, bodies[path])
        lets = _parameters.let_lines(bound)
        notes.extend(f"bound at the top of `{path}`: `{line}`" for line in lets)
        _note(notes, f"not bound in `{path}`, whose declaration has no name for it", unbound)
        bodies[path] = _block(bodies[path], inside[path], lets)
    return bodies, notes


def _once(inside: dict[str, list[Helper]]) -> dict[str, list[Helper]]:
    """Methods go into the first body that calls one: all of the file sees them there."""
    seen: set[str] = set()
    for path, helpers in inside.items():
        inside[path] = [each for each in helpers if each.kind != METHOD or each.name not in seen]
        seen |= {each.name for each in helpers if each.kind == METHOD}
    return inside


def _body(each: Found, notes: list[str]) -> str:
    """The body as answered, with calls of the function itself and of functions beside it made plain."""
    path, definition = each.function.path, each.definition
    if _shape(each.function) != _shape(each.answered):
        signature = " ".join(each.answered.signature.split())
        notes.append(f"the signature of `{path}` became `{signature}` in the answer; the declared one stays")
    _note(notes, f"attributes of `{path}` left out", definition.item.attributes)
    if definition.item.name != each.function.name:
        notes.append(f"`{definition.item.name}` taken as `{each.function.name}`")
    if each.function.impl:
        return definition.body
    if definition.container:
        notes.append(f"`{definition.container.name}` around `{path}` left out")
    elif definition.parents and definition.path != path:
        notes.append(f"module `{definition.parents[-1].name}` around `{path}` left out")
    return _plain_calls(definition.body, definition, each.function.name)


def _plain_calls(text: str, definition: Definition, name: str) -> str:
    """``Self::helper(…)`` as ``helper(…)``, and calls of the answer's function under its declared name."""
    own = definition.item.name
    container = definition.container
    prefixes = {"Self", re.findall(r"\w+", container.name)[-1]} if container else set()
    beside = {item.name for item in container.items} if container else set()
    data = text.encode()
    code = _lex.code(data)
    out: list[bytes] = []
    position = 0
    for index, token in enumerate(code):
        before, after = _word(code, index - 1), _word(code, index + 1)
        if token.text in prefixes and after == "::" and _word(code, index + 2) in beside:
            out.append(data[position : token.start])
            position = code[index + 1].end
        elif token.text == own != name and after in {"(", "::"}:
            qualified = before == "::" and _word(code, index - 2) not in prefixes
            if before not in {".", "fn"} and not qualified:
                out += [data[position : token.start], name.encode()]
                position = token.end
    return b"".join([*out, data[position:]]).decode()


def _helpers(
    found: Sequence[Found], pieces: Sequence[Piece], context: frozenset[str], notes: list[str]
) -> list[Helper]:
    """The items that may go with the definitions, the last one of each name."""
    wanted = {each.function.name for each in found} | {each.definition.item.name for each in found}
    chosen: dict[str, Helper] = {}
    left: dict[str, list[str]] = {"left out": [], "left out because the file has its own": []}
    for item, piece, near in _around(found, pieces):
        is_function = item.kind == "function_item"
        if (methods := _methods(item, piece, near, context, wanted)) is not None:
            chosen |= {method.name: method for method in methods}
            continue
        if is_function and (item.name in wanted or not item.function):
            continue
        if item.kind == "use_declaration" and _leads_back(item.name, wanted, near):
            continue
        if item.is_test or (is_function and item.name == "main"):
            left["left out"].append(f"`{item.name}`")
        elif item.name in context:
            left["left out because the file has its own"].append(f"`{item.name}`")
        elif item.function and item.function.receiver:
            left["left out"].append(f"`{item.name}`")
        else:
            each = helper(item, piece.code, near=near is not None)
            if near:
                text = _plain_calls(each.text, near.definition, near.function.name)
                each = replace(each, text=text)
            chosen.pop(item.name, None)
            chosen[item.name] = each
    for what, names in left.items():
        _note(notes, what, list(dict.fromkeys(names)))
    return sorted(chosen.values(), key=lambda each: each.kind != "use_declaration")


def _methods(
    item: Item, piece: Piece, near: Found | None, context: frozenset[str], wanted: set[str]
) -> list[Helper] | None:
    """What an item adds to a type of the file; None where it is no method, and no block of such a type."""
    ours = near is not None and near.function.impl is not None
    if ours and item.function and item.function.impl:
        return list(_new_methods([item], piece, context, wanted))
    if item.kind == "impl_item" and _is_known(item, context) and (ours or item.name not in context):
        return list(_new_methods(item.items, piece, context, wanted))
    return None


def _is_known(impl: Item, context: frozenset[str]) -> bool:
    """Whether the file has this ``impl`` block, however it is spelled, or methods of it."""
    paths = {item.function.path for item in impl.items if item.function}
    return impl.name in context or bool(paths & context)


def _new_methods(
    found: Sequence[Item], piece: Piece, context: frozenset[str], wanted: set[str]
) -> Iterator[Helper]:
    """Methods that an answer adds to a type of the file: each in an ``impl`` block of its own."""
    for item in found:
        function = item.function
        if function is None or function.impl is None or function.impl.trait or function.path in context:
            continue
        if item.name in wanted and not function.receiver:
            continue
        inner = moved(helper(item, piece.code, near=True).text, "", _STEP)
        text = f"{function.impl.header} {{\n{_STEP}{inner}\n}}"
        yield Helper(METHOD, function.path, frozenset({item.name}), text)


def _leads_back(use: str, wanted: set[str], near: Found | None) -> bool:
    """Whether a ``use`` is about the module that the answer put its function in."""
    parts = [token.text for token in _lex.code(use.encode()) if token.kind == "ident"]
    if wanted & set(parts[-1:]):
        return True
    at_home = near is not None and "::" in near.function.path and near.definition.path == near.function.path
    return "super" in parts and not at_home


def _around(found: Sequence[Found], pieces: Sequence[Piece]) -> Iterator[tuple[Item, Piece, Found | None]]:
    """The items of the answer, with the definition that they stand beside; those come last."""
    taken = [each.definition.piece for each in found]
    for piece in pieces:
        if piece not in taken:
            yield from ((item, piece, None) for item in piece.items)
    for each in sorted(found, key=lambda each: pieces.index(each.definition.piece)):
        yield from ((item, each.definition.piece, each) for item in each.definition.siblings)


def _calling(each: Found, body: str, helpers: Sequence[Helper], call: str) -> str:
    """The body that holds the answer's function as it came, behind its helpers, and calls it."""
    signature = parse.without_visibility(each.answered.signature)
    own = Helper("function_item", each.answered.name, frozenset(), f"{signature} {body}")
    return _block(f"{{\n{_STEP}{call}\n}}", [*helpers, own], ())


def _block(body: str, helpers: Sequence[Helper], lets: Sequence[str]) -> str:
    """The body with items and ``let`` lines at its top."""
    top = [_STEP + moved(each.text, "", _STEP) for each in helpers]
    # Lines stand together, items of several lines apart.
    text = ""
    for before, item in zip(["", *top], top, strict=False):
        text += "\n" if before and ("\n" in before or "\n" in item) else ""
        text += f"{item}\n"
    if top and lets:
        text += "\n"
    text += "".join(f"{_STEP}{line}\n" for line in lets)
    if not text:
        return body
    first, _, rest = body[1:-1].partition("\n")
    inner = f"{_STEP}{first.lstrip()}\n{rest}" if first.strip() else rest
    gap = "\n" if top and not lets and inner.strip() else ""
    return f"{{\n{text}{gap}{inner.rstrip()}".rstrip() + "\n}"


def _shape(function: Function) -> tuple[str, ...]:
    """What a signature says apart from names: two that say the same are equal."""
    types = [parameter.type for parameter in function.parameters]
    parts = [*function.qualifiers, function.generics, *types, function.returns, function.where]
    return tuple(_lex.normalised(part) for part in parts)


def _word(code: Sequence[_lex.Token], index: int) -> str:
    return code[index].text if 0 <= index < len(code) else ""


def _note(notes: list[str], what: str, names: Sequence[str]) -> None:
    if names:
        notes.append(f"{what}: {', '.join(names)}")
