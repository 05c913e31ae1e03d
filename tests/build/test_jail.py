"""What is said of layers, and of compilations that came to no end of their own."""

from __future__ import annotations

import signal

import pytest

from pytest_symbiont.build.diagnostics import Diagnostic
from pytest_symbiont.build.isolation import Isolation, described, missing
from pytest_symbiont.build.jail import reason, without_command
from pytest_symbiont.errors import SymbiontError

WHOLE = ("landlock 7", "rlimits", "seccomp")


def test_the_header_names_what_holds_in_one_order() -> None:
    assert described(Isolation(), WHOLE, confined=True) == "isolation: worker (landlock 7, seccomp, rlimits)"
    assert described(Isolation(), ("rlimits",), confined=True) == (
        "isolation: worker (rlimits; not on this machine: landlock, seccomp)"
    )
    assert described(Isolation(), (), confined=True).startswith("isolation: worker (no layer; not on")


def test_a_landlock_that_knows_no_scopes_is_not_whole() -> None:
    assert missing(WHOLE) == []
    assert missing(("landlock 5", "rlimits", "seccomp")) == ["landlock"]
    Isolation("auto").check(())
    with pytest.raises(SymbiontError, match="strict: landlock does not hold on this machine"):
        Isolation("strict").check(("landlock 5", "rlimits", "seccomp"))


@pytest.mark.parametrize(
    ("status", "said", "told"),
    [
        (-signal.SIGABRT, "memory allocation of 8 bytes failed", "more than 2 GiB of memory"),
        (1, "LLVM ERROR: out of memory", "more than 2 GiB of memory"),
        (-signal.SIGSEGV, "", "stack overflowed"),
        (-signal.SIGXCPU, "", "more than 20 s"),
        (-signal.SIGXFSZ, "", "larger than 64 MiB"),
        (101, "thread 'rustc' panicked", "ended with status 101"),
    ],
)
def test_a_death_has_a_reason(status: int, said: str, told: str) -> None:
    assert told in reason(status, said)


def test_a_linker_s_command_line_is_left_out() -> None:
    notes = " = note: /opt/x -L/home/me\n = note: undefined symbol: door\n"
    ours = f"error: linking with `/opt/x/rust-lld` failed\n{notes}"
    assert (
        without_command(Diagnostic(ours, "", 0)).rendered
        == "error: the body does not link: nothing defines door"
    )
    other = Diagnostic("error[E0308]: mismatched types", "f.rs", 3)
    assert without_command(other) is other
