"""The `#[test]` functions of a Rust file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_symbiont.source._items import items

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_symbiont.source._items import Item
    from pytest_symbiont.source.values import Function

_TEST = re.compile(rb"#(\s*)\[(\s*)test(\s*)\]")
_ATTRIBUTE = re.compile(r"#\s*\[\s*(\w+)\b(.*)\]", re.DOTALL)
_EXPECTED = re.compile(r'expected\s*=\s*"((?:[^"\\]|\\.)*)"|=\s*"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class RustTest:
    """One of them. ``function`` has its path in the file.

    ``panics`` says that it must panic, with ``expected`` in the message; ``ignored`` is the reason not to run
    it, None where it runs.
    """

    function: Function
    start: int
    panics: bool = False
    expected: str = ""
    ignored: str | None = None


@lru_cache(maxsize=16)
def rust_tests(text: str) -> tuple[RustTest, ...]:
    """The tests that stand in the file itself or in a module of it, in their order.

    What a macro makes, and what is in modules inside of such a module, is not seen.
    """
    return tuple(_tests(items(text.encode()), depth=0))


def _tests(found: Sequence[Item], depth: int) -> Iterator[RustTest]:
    for item in found:
        if item.kind == "mod_item" and depth == 0:
            yield from _tests(item.items, depth + 1)
        elif item.function is not None and not item.function.parameters:
            matches = [match for each in item.attributes if (match := _ATTRIBUTE.fullmatch(each))]
            said = {match[1]: match[2] for match in matches}
            if "test" in said:
                yield RustTest(
                    item.function,
                    item.start,
                    panics="should_panic" in said,
                    expected=_text(said.get("should_panic", "")),
                    ignored=(_text(said["ignore"]) or "ignored") if "ignore" in said else None,
                )


def _text(arguments: str) -> str:
    found = _EXPECTED.search(arguments)
    return re.sub(r"\\(.)", r"\1", (found[1] or found[2] or "")) if found else ""


def exposed(text: str) -> str:
    """The text with its tests as functions that the rest of the file can call; lines stay where they are."""
    data = text.encode()
    for test in sorted(rust_tests(text), key=lambda test: test.start, reverse=True):
        function = test.function
        attributes = _TEST.sub(rb"#\1[\2cold\3]", data[test.start : function.start])
        visible = b"" if function.signature.startswith("pub") else b"pub(crate) "
        data = data[: test.start] + attributes + visible + data[function.start :]
    return data.decode()
