"""From an answer to the texts of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.evolution.ladder import BREAKS_OFF, NO_CODE, REFUSED, Shortfall
from pytest_symbiont.source.answer import NoCandidate, take
from pytest_symbiont.source.edit import replace_bodies
from pytest_symbiont.source.screen import Refused, screen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.source.values import Candidate

UNWRITTEN = "{\n    todo!()\n}"


def take_candidate(
    answer: str,
    asked: Sequence[Handle],
    shown: Sequence[str] = (),
    allow: frozenset[str] = frozenset(),
) -> Candidate | Shortfall:
    """The candidate in an answer, or why there is none to try: a sentence, and the place if there is one.

    ``shown`` is the code that its prompt quoted, which an answer that is an edit may be about; ``allow`` is
    what the project lets candidates use beside the safe part of std.
    """
    context = "\n\n".join(dict.fromkeys(handle.file.source.text for handle in asked))
    try:
        candidate = take(answer, [handle.function for handle in asked], context=context, shown=shown)
        facade = not any(handle.file.member for handle in asked)
        screen(candidate, allow=allow, facade=facade)
        if candidate.alternative is not None:
            screen(candidate.alternative, allow=allow, facade=facade)
    except NoCandidate as none:
        if none.place:
            return Shortfall(BREAKS_OFF, f"{none.reason}\n\n{none.place}")
        return Shortfall(NO_CODE, none.reason)
    except Refused as refused:
        return Shortfall(REFUSED, refused.reason)
    return candidate


def texts_with(
    bodies: Mapping[str, str], asked: Sequence[Handle], start: Mapping[EvolvingFile, str]
) -> dict[EvolvingFile, str]:
    """Each file's text with these bodies (by path) in place of those that are asked for."""
    texts = dict(start)
    for file in start:
        mine = {
            handle.path: bodies[handle.path]
            for handle in asked
            if handle.file is file and handle.path in bodies
        }
        texts[file] = replace_bodies(start[file], mine)
    return texts
