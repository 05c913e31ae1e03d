"""Bodies that earlier sessions tried in vain: their verdicts are known, and nothing is tried twice."""

from __future__ import annotations

import hashlib
import platform
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.measured import Recalled
from pytest_symbiont.evolution.values import Verdict  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_symbiont.evolution.measured import Notes
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.evolution.values import Attempt
    from pytest_symbiont.settings import Settings

# What may be a machine's doing, or a day's: a call that hung, a worker that died.
_NOT_THE_BODYS = {"RustTimeout", "RustCrash"}


class _Tried(msgspec.Struct, frozen=True):
    """A note: a digest of a body with its premises, and what was found of it."""

    tried: str
    verdict: Verdict


class Memory:
    """What earlier sessions tried of one suite, by the notes beside its answers.

    ``premises`` is a digest of what a verdict rests on beside the body: where that changes, nothing is known.
    A session that is gone on with is none of the earlier ones: what it has tried itself is replayed.
    """

    def __init__(self, suite: str, premises: str, notes: Notes) -> None:
        self._suite = suite
        self._premises = premises
        self._notes = notes
        recalled = Recalled()
        with suppress(SymbiontError):  # whoever needs an answer from there will say so
            recalled = notes.recall(suite)
        self._remembers = recalled.remembers
        self._earlier = dict(_verdicts(recalled.tried))

    def recall(self, body: Sequence[str]) -> Verdict | None:
        """What an earlier session found of this body; but once: who insists on it is to be believed."""
        return self._earlier.pop(self._key(body), None)

    def keep(self, body: Sequence[str], attempt: Attempt) -> None:
        """Remember a body that was tried in vain, as far as that was its own doing."""
        if self._remembers and attempt.verdict is not None and _is_its_own(attempt.verdict):
            line = msgspec.json.encode(_Tried(self._key(body), attempt.verdict))
            self._notes.note(self._suite, line, recorded=False)

    def _key(self, body: Sequence[str]) -> str:
        return _digest([self._premises, *body])


def premises(suite: Suite, texts: Iterable[str], settings: Settings, root: Path, rustc: str) -> str:
    """A digest of what verdicts on a suite's bodies rest on; ``texts`` are its files without these bodies."""
    return _digest(
        [
            *texts,
            *(item.nodeid for item in suite.items),
            _project(root),
            rustc,
            platform.python_version(),
            repr((settings.timeout, settings.isolation, sorted(settings.allow))),
        ]
    )


def _verdicts(lines: Iterable[bytes]) -> Iterable[tuple[str, Verdict]]:
    for line in lines:
        with suppress(msgspec.MsgspecError, ValueError):  # half a line of a killed session, another version's
            found = msgspec.json.decode(line, type=_Tried)
            yield found.tried, found.verdict


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256(msgspec.json.encode(list(parts))).hexdigest()


def _project(root: Path) -> str:
    """A digest of all Python files below ``root`` that were imported: tests, conftest files, helpers."""
    found = {}
    for module in list(sys.modules.values()):
        file = vars(module).get("__file__") if hasattr(module, "__dict__") else None
        if isinstance(file, str) and file.endswith(".py") and Path(file).is_relative_to(root):
            with suppress(OSError):
                found[file] = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    return _digest(text for pair in sorted(found.items()) for text in pair)


def _is_its_own(verdict: Verdict) -> bool:
    """Whether what is wrong with a body will be wrong with it every time."""
    if verdict.compile_error:
        return True
    red = [outcome for outcome in verdict.outcomes if not outcome.green]
    return bool(red) and all(
        outcome.status == "failed"
        and outcome.failure is not None
        and outcome.failure.kind not in _NOT_THE_BODYS
        for outcome in red
    )
