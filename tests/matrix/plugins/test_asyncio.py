"""pytest-asyncio: both modes, loops of all scopes, async fixtures that stay up across trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from example import NewExample

AUTO = """
import asyncio
import pytest_asyncio

LOOPS = []

@pytest.fixture
async def twenty():
    await asyncio.sleep(0)
    yield 20
    await asyncio.sleep(0)

@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared():
    LOOPS.append(asyncio.get_running_loop())
    yield asyncio.Event()

async def test_after_a_wait(twenty):
    await asyncio.sleep(0)
    assert add(twenty, 22) == 42

@pytest.mark.asyncio(loop_scope="module")
async def test_on_the_loop_of_the_module(shared):
    asyncio.get_running_loop().call_soon(shared.set)
    await shared.wait()
    # Set up once: the module's loop lives as long as the trials.
    assert LOOPS == [asyncio.get_running_loop()]
    assert add(0, 0) == 0
"""
STRICT = """
import asyncio

@pytest.mark.asyncio
async def test_after_a_wait():
    await asyncio.sleep(0)
    assert add(20, 22) == 42

def test_zero():
    assert add(0, 0) == 0
"""


@pytest.mark.parametrize(
    ("mode", "tests", "names"),
    [
        ("auto", AUTO, ["test_after_a_wait", "test_on_the_loop_of_the_module"]),
        ("strict", STRICT, ["test_after_a_wait", "test_zero"]),
    ],
)
def test_async_tests_evolve_and_are_reported_once(
    example: NewExample, mode: str, tests: str, names: list[str]
) -> None:
    args = ("-v", f"--asyncio-mode={mode}", "-oasyncio_default_fixture_loop_scope=function")
    pair = evolved_and_plain(example, of_add(tests), *args, plugins=["pytest_asyncio.plugin"])
    assert pair.same(lambda side: side.lines(r"::(test_\w+) (PASSED)")) == [
        f"{name} PASSED" for name in names
    ]
    assert pair.same(lambda side: side.lines("^asyncio: (mode=[^,]+)")) == [f"mode=Mode.{mode.upper()}"]
    assert "add(20, 22) must return 42, not -2" in pair.evolved.ran.last_message(1)
