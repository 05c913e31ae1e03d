"""Where code breaks off, the way rustc shows it."""

from __future__ import annotations

from pytest_symbiont.source import _lex


def unclosed(code: str, start: int) -> str:
    """The innermost bracket, string or comment that is opened behind byte ``start`` and never closed.

    Line, column and a caret below it; empty where everything is closed.
    """
    data = code.encode()
    opened: list[_lex.Token] = []
    for token in _lex.code(data, start):
        if token.kind == "error":
            return _shown(data, token.start, "this is never closed")
        if token.kind != "punct":
            continue
        if token.text in _lex.OPENING:
            opened.append(token)
        elif opened and (partner := _lex.CLOSING.get(token.text)):
            if opened[-1].text != partner:
                return _shown(data, token.start, f"this does not close the `{opened[-1].text}` before it")
            opened.pop()
            if not opened and token.text == "}":
                return ""
    return _shown(data, opened[-1].start, "this is never closed") if opened else ""


def _shown(data: bytes, offset: int, problem: str) -> str:
    line = data.count(b"\n", 0, offset) + 1
    begin = data.rfind(b"\n", 0, offset) + 1
    before = data[begin:offset].decode()
    text = data[begin:].split(b"\n", 1)[0].decode().expandtabs(1)
    number = str(line)
    return (
        f"line {line}, column {len(before) + 1}: {problem}\n"
        f"{number} | {text}\n{' ' * len(number)} | {' ' * len(before)}^"
    )
