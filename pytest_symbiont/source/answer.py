"""From the text that a model sent to bodies for the functions that it was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_symbiont.source import _fences, _items, _lex, parse
from pytest_symbiont.source._compose import Found, composed, known
from pytest_symbiont.source._edits import edited
from pytest_symbiont.source._gaps import gaps
from pytest_symbiont.source._packing import Reading, unpacked, without_control_tokens
from pytest_symbiont.source._parameters import words
from pytest_symbiont.source._pieces import Definition, Piece, body_alone
from pytest_symbiont.source._places import unclosed
from pytest_symbiont.source.repetition import runs_away
from pytest_symbiont.source.values import Candidate

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from pytest_symbiont.source.values import Function

_MOST_BYTES = 256 * 1024
_DEEPEST = 64
_MOST_LISTED = 5
_STUBS = frozenset({"", "todo!()", "unimplemented!()"})
_ALL = "send all of it, complete, in one ```rust block"


class NoCandidate(Exception):  # noqa: N818 - it says what the answer is
    """An answer that holds no candidate; ``reason`` is one sentence that the model can act on.

    ``place`` is where the code breaks off (line, column, and a caret below the line), where it does.
    """

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


def take(
    answer: str, functions: Sequence[Function], *, context: str = "", shown: Sequence[str] = ()
) -> Candidate:
    """The bodies that an answer has for these functions.

    Only the body blocks are taken; items around them that they need are nested inside, and parameters that
    the answer names otherwise are bound by ``let``. ``context`` is the text of the file that the functions
    stand in: an item whose name is there already is left out. An answer that is an edit (a diff,
    SEARCH/REPLACE) is made in ``shown``, the code that the model may have had in mind, likeliest first, or in
    ``context``. Bodies begin in the first column and have LF line ends. Raises `NoCandidate`, also where only
    some of the functions are defined.
    """
    text, notes = _cleaned(answer)
    unsound: Candidate | None = None
    lacking: NoCandidate | None = None
    for reading in _readings(text, (*shown, context)):
        try:
            candidate = _taken(reading, functions, context)
        except NoCandidate as reason:
            lacking = lacking or reason
            continue
        candidate = _noted(candidate, (*notes, *filter(None, [reading.note])))
        if all(map(_is_sound, candidate.bodies.values())):
            return candidate
        unsound = unsound or candidate
    if unsound:
        return unsound
    if runs_away(text):
        raise NoCandidate(f"the answer repeats itself without end; {_ALL}")
    if reading.complete:
        raise NoCandidate(f"the answer is an edit of lines that are not in the code that was shown; {_ALL}")
    assert lacking is not None  # noqa: S101 - there is always a reading
    raise lacking


def _noted(candidate: Candidate, notes: tuple[str, ...]) -> Candidate:
    """The candidate with these notes before its own."""
    other = candidate.alternative
    return replace(
        candidate,
        notes=(*notes, *candidate.notes),
        alternative=other and replace(other, notes=(*notes, *other.notes)),
    )


def _readings(text: str, shown: Sequence[str]) -> Iterator[Reading]:
    """The ways to read an answer, the likeliest first. An edit is never read as if it were code."""
    if edits := edited(text, [base for base in shown if base]):
        yield from edits
        return
    yield Reading(text)
    yield from unpacked(text)


def _is_sound(body: str) -> bool:
    """Whether a body looks like Rust to the grammar, and not like Rust inside something else."""
    escapes = any(token.text == "\\" for token in _lex.code(body.encode()))
    return not escapes and not _items.parse(f"fn body() {body}".encode()).has_error


def _taken(reading: Reading, functions: Sequence[Function], context: str) -> Candidate:
    """The candidate of one reading of an answer."""
    text = reading.text
    fenced = [
        Piece(_fences.without_language(block.code), is_rust=block.is_rust) for block in _fences.blocks(text)
    ]
    whole = Piece(_fences.unfenced(text))
    _refuse_deep([text, whole.code, *(piece.code for piece in fenced)])
    paths = frozenset(function.path for function in parse.bodies(context))
    for pieces in (fenced, [whole]):
        found = _defined(functions, pieces, paths)
        if len(found) == len(functions):
            return _candidate(found, pieces, known(context))
    if len(functions) == 1 and not reading.complete and not _open_ended(functions, [*fenced, whole]):
        [function] = functions
        for piece in reversed(fenced or [Piece(text)]):
            if body := body_alone(piece, function):
                notes = ("the answer was the body alone",)
                return Candidate({function.path: body}, notes, tuple(gaps(body)))
        for pieces in (fenced, [whole]):
            if renamed := _renamed(function, pieces, known(context)):
                return _candidate([renamed], pieces, known(context))
    raise _lacking(functions, fenced, whole, paths)


def _cleaned(answer: str) -> tuple[str, list[str]]:
    """The answer without thoughts and control tokens and with LF line ends, and what was done."""
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
    for clean, note in (
        (_with_plain_line_ends, "line ends made LF"),
        (without_control_tokens, "what the chat template adds left out"),
        (_fences.without_thoughts, "thoughts left out"),
    ):
        before, text = text, clean(text)
        if text != before:
            notes.append(note)
    if not text.strip():
        cause = "nothing but thoughts" if answer.strip() else "no text"
        raise NoCandidate(f"the answer has {cause} in it; {_ALL}")
    return text, notes


def _with_plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n")


def _refuse_deep(codes: Iterable[str]) -> None:
    for code in codes:
        if _lex.nested_beyond(_lex.code(code.encode()), _DEEPEST):
            raise NoCandidate(f"the answer nests brackets more than {_DEEPEST} deep; write it flatter")


def _defined(functions: Sequence[Function], pieces: Sequence[Piece], paths: frozenset[str]) -> list[Found]:
    """The functions that these pieces define to the end; the last piece that does more than name one wins."""
    found = []
    for function in functions:
        others = (paths | {other.path for other in functions}) - {function.path}
        definitions = [_definition(function, piece, others) for piece in reversed(pieces)]
        there = [definition for definition in definitions if definition is not None]
        if there:
            found.append(Found(function, next((each for each in there if not _is_stub(each)), there[0])))
    return found


def _is_stub(definition: Definition) -> bool:
    """Whether a body is but a place for one, as in an example of use that repeats the signature."""
    return _lex.normalised(definition.body).strip("{};") in _STUBS


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


def _candidate(found: Sequence[Found], pieces: Sequence[Piece], names: frozenset[str]) -> Candidate:
    for each in found:
        cut_off = (_cut_off(pieces) - names - {each.function.name}) & words(each.answered.body)
        if cut_off:
            raise NoCandidate(
                f"the definition of `{min(cut_off)}`, which `{each.function.path}` uses, has no end; {_ALL}",
                _broken_off(pieces, cut_off),
            )
    bodies, notes = composed(found, pieces, names)
    bare, bare_notes = composed(found, pieces, names, nests=False)
    told = tuple(gap for body in bodies.values() for gap in gaps(body))
    alternative = Candidate(bare, tuple(bare_notes), told) if bare != bodies else None
    return Candidate(bodies, tuple(notes), told, alternative)


def _broken_off(pieces: Iterable[Piece], names: Container[str]) -> str:
    """Where the last function of one of these names breaks off."""
    places = [
        unclosed(piece.code, definition.item.start)
        for piece in pieces
        for definition in piece.definitions
        if definition.item.name in names and definition.item.problem
    ]
    return next(filter(None, places), "")


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
) -> NoCandidate:
    """What is missing, for the model."""
    if begun := _open_ended(functions, [*fenced, whole]):
        names = " and ".join(f"`{path}`" for path in begun)
        return NoCandidate(
            f"the definition of {names} does not parse to its end (cut off, or a brace or quote left open); "
            f"{_ALL}",
            _broken_off([*fenced, whole], {path.rpartition("::")[2] for path in begun}),
        )
    defined = max((_defined(functions, pieces, paths) for pieces in (fenced, [whole])), key=len)
    there = {found.function.path for found in defined}
    missing = [each for each in functions if each.path not in there]
    names = " and ".join(f"`{each.signature}`{_place(each)}" for each in missing)
    others = {f"`{each.item.name}`" for piece in (*fenced, whole) for each in piece.definitions}
    but = f" but {', '.join(sorted(others)[:_MOST_LISTED])}" if others else ""
    return NoCandidate(f"the answer does not define {names}{but}; {_ALL}")


def _place(function: Function) -> str:
    """Where it stands, if not at the top of its file."""
    if function.impl:
        return f" in `{function.impl.header}`"
    return f" in `mod {function.module}`" if function.module else ""
