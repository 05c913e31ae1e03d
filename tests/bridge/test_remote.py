"""Which calls of a trial share a worker."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.bridge.remote import RemoteRoute
from pytest_symbiont.bridge.worker import Worker, WorkerDied
from pytest_symbiont.build.builder import Profile

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_symbiont.bridge.handle import Handle

COUNTS = """
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
static N: AtomicU64 = AtomicU64::new(0);
pub fn more(by: u64) -> u64 { N.fetch_add(by, Relaxed) + by }
pub fn much() -> u64 { N.load(Relaxed) }
pub fn gone() { std::process::abort() }
"""


def test_statics_are_shared_by_those_that_were_named_and_a_late_one_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "n.rs").write_text(COUNTS)
    registry = Registry()

    def known(name: str) -> tuple[Any, Handle]:
        function = registry.function(tmp_path / "n.rs", name)
        handle = registry.handle(function)
        assert handle is not None
        return function, handle

    (more, first), (much, second) = known("more"), known("much")
    route = RemoteRoute(
        registry.workbench.builder.native.worker,
        lambda handle, profile: handle.file.build(handle.revision, profile),
        Profile.DISK,
        timeout=30,
        output=lambda _: None,
        together=(first, second),
    )
    with closing(route):
        first.route = second.route = route
        assert more(2) == 2
        assert much() == 2
        gone, third = known("gone")
        third.route = route
        for _ in range(2):
            try:
                gone()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                assert "abort" in str(error)  # noqa: PT017 - it happens twice
        assert more(3) == 5
        assert much() == 5


FORGER = """\
#!{python}
import os, struct, sys
requests, replies = map(int, sys.argv[1:3])
magic, kind, request, callee, length = struct.unpack("<8sQQQQ", os.read(requests, 40))
said = b"\\x1b[2J" + b"lie " * 100
os.write(replies, struct.pack("<8sQQQQ", magic, 8, request, 0, len(said)) + said)
os.read(requests, 1 << 20)
"""


def test_what_the_sandbox_is_said_to_have_refused_is_short_and_plain(tmp_path: Path) -> None:
    """The pipe of replies is within reach of whatever gets past everything else."""
    forger = tmp_path / "forger"
    forger.write_text(FORGER.format(python=sys.executable))
    forger.chmod(0o755)
    worker = Worker(forger)
    with closing(worker), pytest.raises(WorkerDied) as died:
        worker.load([], timeout=30)
    said = str(died.value)
    assert said.startswith("the sandbox ended it, because it tried to [2Jlie lie")
    assert said.isprintable()
    assert len(said) < 200
