"""What a candidate must not name of the real std, where there is no facade in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.source.allowance import DOORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_symbiont.source._lex import Token

_ROOTS = ("std", "core", "alloc")
# Of `time` clocks alone are shut.
_SHUT = frozenset((*DOORS, "backtrace", "env", "fs", "net", "os", "process", "thread")) - {"time"}
_CLOCKS = frozenset({"Instant", "SystemTime", "UNIX_EPOCH"})
_KEYWORDS = frozenset(
    ("as", "dyn", "else", "for", "if", "impl", "in", "let", "match", "move", "mut", "return", "use")
)
_ADVICE = "the result may depend on nothing but the parameters"


def shut(code: Sequence[Token], allow: frozenset[str]) -> Iterator[tuple[int, str]]:
    """The index of each token that names what the facade leaves out, and what is wrong with it.

    What a package itself imports or wraps it does not see; that is for the worker to hold.
    """
    texts = [token.text.removeprefix("r#") for token in code]
    for index, text in enumerate(texts):
        if text not in _ROOTS or _is_own(texts, index):
            continue
        if texts[index + 1 : index + 2] != ["::"]:
            if texts[index - 1 : index] == ["use"] or texts[index + 1 : index + 2] == ["as"]:
                yield index, f"uses `{text}` as a whole, which is not allowed here; name what it is about"
            continue
        first, deeper = _named(texts, index + 2)
        if "*" in first:
            yield index, f"imports all of `{text}`, which is not allowed here; name what it is about"
        names = [name for name in first if name in _SHUT and name not in allow]
        names += [name for name in deeper if name in _CLOCKS and "time" not in allow]
        for name in names:
            path = f"{text}::{name}" if name in first else f"{text}::time::{name}"
            yield index, f"uses `{path}`, which is not allowed here; {_ADVICE}"


def _is_own(texts: Sequence[str], index: int) -> bool:
    """Whether it is the end of another path (``crate::core``), or something's field."""
    before = texts[max(index - 2, 0) : index]
    return before[-1:] == ["."] or (before[1:] == ["::"] and _ends_a_path(before[0]))


def _ends_a_path(text: str) -> bool:
    return text == ">" or (text.isidentifier() and text not in _KEYWORDS)


def _named(texts: Sequence[str], index: int) -> tuple[list[str], list[str]]:
    """The modules that are named behind ``std::``, one or those of a group, and the names in them."""
    first: list[str] = []
    deeper: list[str] = []
    depth = 0
    for position in range(index, len(texts)):
        text, before = texts[position], texts[position - 1]
        if depth == 0 and before != "::" and text != "::":
            break
        depth += (text == "{") - (text == "}")
        if text == "*" or text.isidentifier():
            of_group = depth == 1 and texts[index] == "{" and before in {"{", ","}
            (first if position == index or of_group else deeper).append(text)
    return first, deeper
