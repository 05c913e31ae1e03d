"""What a server sends, as values, whatever a model put into it."""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec

T = TypeVar("T")


def decoded(content: bytes, into: type[T]) -> T:
    """JSON as a value of this type.

    Half a character in a text (a lone surrogate, broken UTF-8) becomes a question mark: what a model says
    must not end a session. Raises ValueError (msgspec's errors are some) for what is no such JSON.
    """
    try:
        return msgspec.json.decode(content, type=into)
    except ValueError:
        pass
    try:
        lenient = json.loads(content.decode("utf-8", "replace"))
    except RecursionError:
        raise ValueError("nested too deep") from None
    whole = json.dumps(lenient, ensure_ascii=False).encode("utf-8", "replace")
    return msgspec.json.decode(whole, type=into)
