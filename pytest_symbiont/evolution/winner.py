"""From a green candidate to a winner: formatted, built for promotion, tried again as exactly that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.build import rustfmt
from pytest_symbiont.source import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.evolution.result import Result
    from pytest_symbiont.evolution.values import Verdict


def accepted(
    result: Result,
    asked: Sequence[Handle],
    start: Mapping[EvolvingFile, str],
    texts: Mapping[EvolvingFile, str],
    trial: Callable[[Mapping[EvolvingFile, Revision]], Verdict],
) -> Verdict | None:
    """Make a candidate that is green unoptimised the winner, if it is green as promoted too.

    The verdict is that of the last trial. Where the formatted text is red (it can be: `line!()`), the text
    goes through as it was.
    """
    verdict = None
    for proposed in _versions(asked, start, texts):
        revisions = {file: file.add(text) for file, text in proposed.items()}
        verdict = trial(revisions)
        if verdict.green:
            result.winners = revisions
            result.revision = max(revision.number for revision in revisions.values())
            result.bodies = {
                file.source: {function.path: function.body for function in parse.bodies(text)
                       if function.path in {handle.path for handle in asked if handle.file is file}}
                for file, text in proposed.items()
            }  # fmt: skip
            return verdict
    return verdict


def _versions(
    asked: Sequence[Handle], start: Mapping[EvolvingFile, str], texts: Mapping[EvolvingFile, str]
) -> list[Mapping[EvolvingFile, str]]:
    formatted = {}
    for file, text in texts.items():
        tool = rustfmt.find(file.workbench.toolchain.sysroot)
        paths = [handle.path for handle in asked if handle.file is file]
        folder = file.source.path.parent
        formatted[file] = rustfmt.format_bodies(start[file], text, paths, tool, folder) if tool else text
    return [formatted] if formatted == dict(texts) else [formatted, texts]
