"""Bodies that attack when they run."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

import pytest

from hostile import calling
from hostile.arena import answer, battle, late, split
from hostile.running import SAFE, UNSAFE
from pytest_symbiont.build.builder import Builder
from pytest_symbiont.evolution import candidate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample

    from hostile.arena import Arena, Tally

LIMIT = "--evolve-timeout=0.5"
ALL = {
    "safe": {name: answer(body) for name, body in SAFE.items()},
    "safe-late": {f"{name}, late": answer(late(body)) for name, body in SAFE.items()},
    "unsafe": {name: answer(body) for name, body in UNSAFE.items()},
    "unsafe-late": {f"{name}, late": answer(late(body)) for name, body in UNSAFE.items()},
}
SESSIONS = {
    f"{kind}-{number}": part for kind, cases in ALL.items() for number, part in enumerate(split(cases, 2))
}


@pytest.mark.parametrize("session", SESSIONS)
def test_what_runs_can_do_no_harm(
    example: NewExample, arena: Arena, tally: Tally, monkeypatch: pytest.MonkeyPatch, session: str
) -> None:
    answers: Mapping[str, str] = SESSIONS[session]
    if session.startswith("unsafe"):
        if platform.machine() != "x86_64":
            pytest.skip("the system calls are named by their x86-64 numbers")
        let_through(monkeypatch)
    before = len(tally.lost)
    ran = battle(example, arena, tally, answers, LIMIT)
    assert " 0 compile errors" in ran.summary, "what does not compile attacks nobody"
    assert tally.lost[before:] == []


CALLING = {
    "safe": {name: calling.GROUND.answer(body) for name, body in calling.SAFE.items()},
    "safe-late": {
        f"{name}, late": calling.GROUND.answer(calling.GROUND.late(body))
        for name, body in calling.SAFE.items()
    },
    "unsafe": {name: calling.GROUND.answer(body) for name, body in calling.UNSAFE.items()},
}


@pytest.mark.parametrize("kind", CALLING)
def test_what_calls_back_can_do_no_harm(
    example: NewExample, arena: Arena, tally: Tally, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "unsafe":
        let_through(monkeypatch)
    before = len(tally.lost)
    ran = battle(example, arena, tally, CALLING[kind], LIMIT, ground=calling.GROUND)
    assert " 0 compile errors" in ran.summary, "what does not compile attacks nobody"
    assert tally.lost[before:] == []


def let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the screen, the facade and `-F unsafe_code` away: the worker must hold alone."""
    arguments = Builder.arguments

    def trusting(self: Builder, *args: Any, **kwargs: Any) -> list[str]:
        given = arguments(self, *args, **kwargs)
        closed = ("-F", "--extern=std=", "--extern=core=", "--extern=alloc=", "--extern=proc_macro=")
        return [argument for argument in given if not argument.startswith(closed)]

    monkeypatch.setattr(Builder, "arguments", trusting)
    monkeypatch.setattr(candidate, "screen", lambda *_, **__: None)
