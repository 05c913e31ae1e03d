"""From a green candidate to a winner: formatted, built for promotion, tried again as exactly that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_symbiont.build import rustfmt
from pytest_symbiont.source import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.evolution.values import Verdict
    from pytest_symbiont.source.values import SourceFile


@dataclass(frozen=True, slots=True)
class Winner:
    """What is promoted and written: revisions by file, and the targets' bodies by file and path."""

    revisions: Mapping[EvolvingFile, Revision]
    bodies: Mapping[SourceFile, Mapping[str, str]]


def accepted(
    asked: Sequence[Handle],
    start: Mapping[EvolvingFile, str],
    texts: Mapping[EvolvingFile, str],
    trial: Callable[[Mapping[EvolvingFile, Revision]], Verdict],
) -> tuple[Verdict, Winner | None]:
    """What a candidate that is green unoptimised can be promoted as, if it is green as promoted too.

    The verdict is that of the last trial. Where the formatted text is red (it can be: `line!()`), the text
    goes through as it was.
    """
    for proposed in _versions(asked, start, texts):
        revisions = {file: file.add(text) for file, text in proposed.items()}
        verdict = trial(revisions)
        if verdict.green:
            bodies = {
                file.source: {function.path: function.body for function in parse.bodies(text)
                       if function.path in {handle.path for handle in asked if handle.file is file}}
                for file, text in proposed.items()
            }  # fmt: skip
            return verdict, Winner(revisions, bodies)
    return verdict, None


def _versions(
    asked: Sequence[Handle], start: Mapping[EvolvingFile, str], texts: Mapping[EvolvingFile, str]
) -> list[Mapping[EvolvingFile, str]]:
    formatted = {}
    for file, text in texts.items():
        tool = rustfmt.find(file.workbench.toolchain.sysroot)
        paths = [handle.path for handle in asked if handle.file is file]
        folder, jail = file.source.path.parent, file.workbench.builder.jail
        formatted[file] = (
            rustfmt.format_bodies(start[file], text, paths, tool, folder, file.edition, jail=jail)
            if tool
            else text
        )
    return [formatted] if formatted == dict(texts) else [formatted, texts]
