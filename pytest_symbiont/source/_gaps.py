"""Comments that stand where code was left out."""

from __future__ import annotations

import re

from pytest_symbiont.source import _lex

_LEFT_OUT = re.compile(
    r"(?:\.{3}|…)?\s*\(?(?:\[?(?:the |your |all )?(?:rest|remainder|remaining|existing|previous|original"
    r"|unchanged|same|other|omitted|implementation|code|body|logic)\b[\w ,:/'()-]*)?\]?\)?\s*(?:\.{3}|…)?",
    re.IGNORECASE,
)
_SAYS_SO = re.compile(
    r"\.{3}|…|\b(?:existing code|rest of|unchanged|same as (?:before|above)|code here|implementation here"
    r"|goes here|omitted)\b",
    re.IGNORECASE,
)


def gaps(body: str) -> list[str]:
    """The comments of a body that are but a sign that code was left out: ``// ... existing code ...``.

    Whether something lacks is for the compiler and the tests to say: a comment may be just that.
    """
    comments = [token.text for token in _lex.tokens(body.encode()) if token.kind == "comment"]
    return [comment for comment in comments if _is_gap(comment.strip("/*! \t"))]


def _is_gap(comment: str) -> bool:
    return bool(comment and _SAYS_SO.search(comment) and _LEFT_OUT.fullmatch(comment))
