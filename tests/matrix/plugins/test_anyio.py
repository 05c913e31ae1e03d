"""anyio: async tests and fixtures, on its own event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from example import NewExample

TESTS = """
import anyio

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.fixture
async def twenty():
    await anyio.sleep(0)
    yield 20

@pytest.mark.anyio
async def test_after_a_wait(twenty):
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 0)
    assert add(twenty, 22) == 42

@pytest.mark.anyio
class TestInAClass:
    async def test_zero(self):
        await anyio.sleep(0)
        assert add(0, 0) == 0
"""


def test_async_tests_evolve_and_are_reported_once(example: NewExample) -> None:
    pair = evolved_and_plain(example, of_add(TESTS), "-v", plugins=["anyio.pytest_plugin"])
    assert pair.same(lambda side: side.lines(r"::(test_\w+|Test\w+::\w+) (PASSED)")) == [
        "test_after_a_wait PASSED",
        "TestInAClass::test_zero PASSED",
    ]
    assert pair.same(lambda side: side.outcomes) == {"passed": 2}
    # What was wrong is known although the test is a coroutine.
    assert "add(20, 22) must return 42, not -2" in pair.evolved.ran.last_message(1)
