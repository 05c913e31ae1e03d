"""Refuses candidates that use what a body has no business to use.

This is a fence for honest mistakes and cheap tricks, and it gives the model a reason that it can act on. The
boundary is elsewhere: the facade std, ``-F unsafe_code`` and the worker.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from pytest_symbiont.source import _lex
from pytest_symbiont.source.doors import shut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_symbiont.source.values import Candidate

_MOST_BYTES = 32 * 1024
_DEEPEST = 64
# They make a reader, and a terminal, see another text than rustc does, also inside of strings and comments.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")

_WORDS = {
    "unsafe": "write it in safe Rust",
    "extern": "no foreign code can be linked",
    "static": "use a local variable or a `const`",
    "mod": "put the items straight into the body",
    "symbiont_codec": "no crate is there but std",
}
_MACROS = {
    **dict.fromkeys(("include", "include_str", "include_bytes"), "write the data into the body"),
    **dict.fromkeys(("env", "option_env"), "the result may depend on nothing but the parameters"),
    **dict.fromkeys(("asm", "global_asm", "naked_asm"), "write it in safe Rust"),
    **dict.fromkeys(("concat_bytes", "concat_idents"), "write the result out"),
    "macro_rules": "write a function or a closure",
    "thread_local": "use a local variable",
}
_ATTRIBUTES = frozenset(
    # `default` marks a variant for `derive(Default)`.
    {"allow", "cold", "default", "derive", "doc", "inline", "must_use", "rustfmt::skip"}
)
_DERIVES = frozenset({"Clone", "Copy", "Debug", "Default", "Eq", "Hash", "Ord", "PartialEq", "PartialOrd"})


class Refused(Exception):  # noqa: N818 - it says what became of the candidate
    """A candidate that is not built; ``reason`` is one sentence that the model can act on."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def screen(candidate: Candidate, *, allow: frozenset[str] = frozenset(), facade: bool = True) -> None:
    """Look through the tokens of every body, those inside macro calls too, and not comments or strings.

    ``allow`` has what a project permits all the same, spelled as in reasons: ``static``, ``env!``,
    ``#[repr]``. Without a ``facade`` in the place of std, its names are looked at too.
    Raises `Refused` with the first thing found.
    """
    size = sum(len(body.encode()) for body in candidate.bodies.values())
    if size > _MOST_BYTES:
        raise Refused(f"the body has {size:,} bytes, and {_MOST_BYTES:,} is the most; write it shorter")
    for path, body in candidate.bodies.items():
        if turning := _TURNING.search(body):
            name = f"U+{ord(turning[0]):04X}"
            raise Refused(
                f"the body of `{path}` has {name}, which changes the direction of text; leave it out"
            )
        code = _lex.code(body.encode())
        if _lex.nested_beyond(code, _DEEPEST):
            raise Refused(f"the body of `{path}` nests brackets more than {_DEEPEST} deep; write it flatter")
        problems = _problems(code, allow) if facade else chain(_problems(code, allow), shut(code, allow))
        for index, cause in problems:
            line = body.encode().count(b"\n", 0, code[index].start) + 1
            raise Refused(f"line {line} of the body of `{path}` {cause}")


def _problems(code: Sequence[_lex.Token], allow: frozenset[str]) -> Iterator[tuple[int, str]]:
    """The index of a token and what is wrong with it."""
    imports = False
    for index, token in enumerate(code):
        # A macro is called by its name, unless a `use` gives it another one.
        imports = token.text == "use" or (imports and token.text != ";")
        is_macro = imports or [after.text for after in code[index + 1 : index + 2]] == ["!"]
        if token.kind == "error":
            yield index, "leaves a string or comment open; close it"
        elif token.kind not in {"string", "char"} and not token.text.isascii():
            yield index, f"has `{token.text}`, which is not ASCII; use it in strings and comments only"
        elif token.kind == "ident":
            yield from ((index, cause) for cause in _word(token, is_macro=is_macro, allow=allow))
        elif token.text == "#":
            yield from ((index, cause) for cause in _attribute(code, index, allow))


def _word(token: _lex.Token, *, is_macro: bool, allow: frozenset[str]) -> Iterator[str]:
    word = token.text.removeprefix("r#")
    if word in allow or f"{word}!" in allow:
        return
    if advice := _WORDS.get(word):
        yield f"uses `{token.text}`, which is not allowed here; {advice}"
    elif (advice := _MACROS.get(word)) and (is_macro or token.text != word):
        yield f"uses `{token.text}!`, which is not allowed here; {advice}"


def _attribute(code: Sequence[_lex.Token], index: int, allow: frozenset[str]) -> Iterator[str]:
    following = [token.text for token in code[index + 1 : index + 3]]
    if following == ["!", "["]:
        yield "has an inner attribute `#![…]`, which is not allowed in a body; leave it out"
        return
    if following[:1] != ["["]:
        return
    inside = _bracketed(code, index + 1)
    path = []
    for token in inside:
        if token.kind != "ident" and token.text != "::":
            break
        path.append(token.text)
    name = "".join(path)
    if f"#[{name}]" in allow:
        return
    if name not in _ATTRIBUTES:
        allowed = ", ".join(sorted(_ATTRIBUTES))
        yield f"has the attribute `#[{name}]`, which is not allowed here (allowed: {allowed}); leave it out"
    elif name == "derive":
        derived = [token.text for token in inside[1:] if token.kind == "ident"]
        for other in [each for each in derived if each not in _DERIVES]:
            yield f"derives `{other}`, and only the derives of std are there; implement it or leave it out"


def _bracketed(code: Sequence[_lex.Token], index: int) -> Sequence[_lex.Token]:
    """The tokens inside the bracket that opens here."""
    depth = 0
    for position in range(index, len(code)):
        if code[position].text in {"[", "]"} and code[position].kind == "punct":
            depth += 1 if code[position].text == "[" else -1
            if not depth:
                return code[index + 1 : position]
    return code[index + 1 :]
