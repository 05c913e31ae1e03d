"""From the text that a model sent to bodies for the functions that it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.source import _fences, _lex, parse
from pytest_symbiont.source._compose import Found, composed, known
from pytest_symbiont.source._parameters import words
from pytest_symbiont.source._pieces import Definition, Piece, body_alone
from pytest_symbiont.source.values import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_symbiont.source.values import Function

_MOST_BYTES = 256 * 1024
_DEEPEST = 64
_MOST_LISTED = 5
_ALL = "send all of it, complete, in one ```rust block"


class NoCandidate(Exception):  # noqa: N818 - it says what the answer is
    """An answer that holds no candidate; ``reason`` is one sentence that the model can act on."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def take(answer: str, functions: Sequence[Function], *, context: str = "") -> Candidate:
    """The bodies that an answer has for these functions.

    Only the body blocks are taken; items around them that they need are nested inside, and parameters that
    the answer names otherwise are bound by ``let``. ``context`` is the text of the file that the functions
    stand in: an item whose name is there already is left out. Bodies begin in the first column and have LF
    line ends. Raises `NoCandidate`, also where only some of the functions are defined.
    """
    text, notes = _cleaned(answer)
    fenced = [Piece(block.code, is_rust=block.is_rust) for block in _fences.blocks(text)]
    whole = Piece(_fences.unfenced(text))
    _refuse_deep([text, whole.code, *(piece.code for piece in fenced)])
    paths = frozenset(function.path for function in parse.functions(context))
    for pieces in (fenced, [whole]):
        found = _defined(functions, pieces, paths)
        if len(found) == len(functions):
            return _candidate(found, pieces, known(context), notes)
    if len(functions) == 1 and not _open_ended(functions, [*fenced, whole]):
        [function] = functions
        for piece in reversed(fenced or [Piece(text)]):
            if body := body_alone(piece, function):
                return Candidate({function.path: body}, (*notes, "the answer was the body alone"))
        for pieces in (fenced, [whole]):
            if renamed := _renamed(function, pieces, known(context)):
                return _candidate([renamed], pieces, known(context), notes)
    raise NoCandidate(_lacking(functions, fenced, whole, paths))


def _cleaned(answer: str) -> tuple[str, list[str]]:
    """The answer without thoughts and with LF line ends, and what was done."""
    try:
        size = len(answer.encode())
    except UnicodeEncodeError:
        raise NoCandidate("the answer has broken Unicode (a lone surrogate); send plain UTF-8 text") from None
    if size > _MOST_BYTES:
        raise NoCandidate(
            f"the answer has {size:,} bytes, and {_MOST_BYTES:,} is the most; send the code only"
        )
    if "\0" in answer:
        raise NoCandidate("the answer has a NUL character in it; send plain text")
    notes = []
    text = answer.removeprefix("\ufeff")
    if "\r\n" in text:
        text = text.replace("\r\n", "\n")
        notes.append("line ends made LF")
    thoughtless = _fences.without_thoughts(text)
    if thoughtless != text:
        notes.append("thoughts left out")
    if not thoughtless.strip():
        cause = "nothing but thoughts" if text.strip() else "no text"
        raise NoCandidate(f"the answer has {cause} in it; {_ALL}")
    return thoughtless, notes


def _refuse_deep(codes: Iterable[str]) -> None:
    for code in codes:
        if _lex.nested_beyond(_lex.code(code.encode()), _DEEPEST):
            raise NoCandidate(f"the answer nests brackets more than {_DEEPEST} deep; write it flatter")


def _defined(functions: Sequence[Function], pieces: Sequence[Piece], paths: frozenset[str]) -> list[Found]:
    """The functions that these pieces define to the end; the last piece that does so wins."""
    found = []
    for function in functions:
        others = (paths | {other.path for other in functions}) - {function.path}
        for piece in reversed(pieces):
            if definition := _definition(function, piece, others):
                found.append(Found(function, definition))
                break
    return found


def _definition(function: Function, piece: Piece, others: frozenset[str]) -> Definition | None:
    """The definition under the function's own path, else by its name, at the top of the piece if possible.

    One that stands under the path of another function is that function's.
    """
    named = [
        each
        for each in piece.definitions
        if each.item.name == function.name and each.item.function and each.path not in others
    ]
    ranked = sorted(named, key=lambda each: (each.path == function.path, not each.parents))
    return ranked[-1] if ranked else None


def _renamed(function: Function, pieces: Sequence[Piece], names: frozenset[str]) -> Found | None:
    """The only function of the last piece that has any, if it takes as many parameters."""
    for piece in reversed(pieces):
        defined = [each for each in piece.definitions if each.item.name not in {"main"} | names]
        match [each for each in defined if not each.parents]:
            case []:
                continue
            case [Definition(item=item) as only] if item.function and not item.function.receiver:
                same = len(item.function.parameters) == len(function.parameters)
                return Found(function, only) if same else None
            case _:
                return None
    return None


def _candidate(
    found: Sequence[Found], pieces: Sequence[Piece], names: frozenset[str], notes: Sequence[str]
) -> Candidate:
    for each in found:
        cut_off = (_cut_off(pieces) - names - {each.function.name}) & words(each.answered.body)
        if cut_off:
            raise NoCandidate(
                f"the definition of `{min(cut_off)}`, which `{each.function.path}` uses, has no end; {_ALL}"
            )
    bodies, more = composed(found, pieces, names)
    return Candidate(bodies, (*notes, *more))


def _cut_off(pieces: Iterable[Piece]) -> set[str]:
    """The names of functions that are begun and nowhere brought to an end."""
    definitions = [each.item for piece in pieces for each in piece.definitions]
    return {item.name for item in definitions if item.problem} - {
        item.name for item in definitions if item.function
    }


def _open_ended(functions: Sequence[Function], pieces: Sequence[Piece]) -> list[str]:
    """The functions whose definitions are all cut off."""
    begun = _cut_off(pieces)
    return [function.path for function in functions if function.name in begun]


def _lacking(
    functions: Sequence[Function], fenced: Sequence[Piece], whole: Piece, paths: frozenset[str]
) -> str:
    """What is missing, for the model."""
    if begun := _open_ended(functions, [*fenced, whole]):
        names = " and ".join(f"`{path}`" for path in begun)
        return (
            f"the definition of {names} does not parse to its end (cut off, or a brace or quote left open); "
            f"{_ALL}"
        )
    defined = max((_defined(functions, pieces, paths) for pieces in (fenced, [whole])), key=len)
    there = {found.function.path for found in defined}
    missing = [each for each in functions if each.path not in there]
    names = " and ".join(
        f"`{each.signature}`" + (f" in `mod {each.path.rpartition('::')[0]}`" if "::" in each.path else "")
        for each in missing
    )
    others = {f"`{each.item.name}`" for piece in (*fenced, whole) for each in piece.definitions}
    but = f" but {', '.join(sorted(others)[:_MOST_LISTED])}" if others else ""
    return f"the answer does not define {names}{but}; {_ALL}"
