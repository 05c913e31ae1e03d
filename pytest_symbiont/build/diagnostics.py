"""rustc's JSON diagnostics, reduced to what a reader needs."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

_AFTERWORDS = ("aborting due to", "could not compile", "Some errors have detailed")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error: rustc's rendering with code lines, and its place (line from 1, 0 where there is none)."""

    rendered: str
    file: str
    line: int


class _Span(msgspec.Struct):
    file_name: str
    line_start: int
    is_primary: bool


class _Message(msgspec.Struct):
    level: str = ""
    message: str = ""
    rendered: str | None = None
    spans: list[_Span] = []


def parse(stderr: str) -> tuple[Diagnostic, ...]:
    """The errors of a failed rustc, in its order; warnings and notes are left out."""
    decoder = msgspec.json.Decoder(_Message)
    found = []
    for line in stderr.splitlines():
        try:
            message = decoder.decode(line)
        except msgspec.DecodeError:
            continue
        if not message.level.startswith("error") or message.message.startswith(_AFTERWORDS):
            continue
        span = next((span for span in message.spans if span.is_primary), None)
        rendered = message.rendered or message.message
        found.append(Diagnostic(rendered, span.file_name if span else "", span.line_start if span else 0))
    return tuple(found)


def render(errors: tuple[Diagnostic, ...]) -> str:
    """All errors as rustc prints them, without the hint to `rustc --explain`."""
    lines = "\n".join(error.rendered.rstrip() for error in errors).splitlines()
    return "\n".join(line for line in lines if "rustc --explain" not in line).strip()
