"""Bodies that are not written yet, of functions whose types only a body tells."""

from __future__ import annotations

import re

from pytest_symbiont.source import parse

# One trait that can stand behind `dyn`, with what may be added to it.
_ONE_TRAIT = re.compile(
    r"impl\s+(?P<trait>(?:\w+\s*::\s*)*(?:Iterator|DoubleEndedIterator|ExactSizeIterator|Fn|FnMut)\b[^+]*)"
    r"(?P<more>(?:\+\s*(?:'\w+|Send|Sync)\s*)*)(?:\+\s*use\s*<[^>]*>\s*)?"
)
_STUB = re.compile(r"\{\s*((?:todo|unimplemented)!\s*\(\s*(?:\"[^\"\\]*\"\s*)?\))\s*;?\s*\}")


def is_unwritten(body: str) -> bool:
    """Whether a body is nothing but ``todo!()`` or ``unimplemented!()``."""
    return _STUB.fullmatch(body) is not None


def with_types(text: str) -> str:
    """The text with a type in each ``todo!()`` that stands for an ``impl Iterator`` or ``impl Fn``.

    rustc cannot tell by it which type that would be. Lines stay where they are.
    """
    if "impl" not in text or ("todo!" not in text and "unimplemented!" not in text):
        return text
    data = text.encode()
    for function in sorted(parse.bodies(text), key=lambda found: found.start, reverse=True):
        returned = _ONE_TRAIT.fullmatch(function.returns)
        stub = _STUB.fullmatch(function.body)
        if returned and stub:
            boxed = f"::std::boxed::Box<dyn {returned['trait'].strip()} {returned['more'].strip()}>"
            told = f"let unwritten: {boxed} = {stub[1]}; unwritten"
            body = function.body[: stub.start(1)] + told + function.body[stub.end(1) :].replace(";", "", 1)
            data = data[: function.body_start] + body.encode() + data[function.body_end :]
    return data.decode()
