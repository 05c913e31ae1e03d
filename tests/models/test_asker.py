"""Answers under way on a thread of their own."""

from __future__ import annotations

import asyncio
import threading

import pytest

from pytest_symbiont.models.asker import Asker


async def soon(value: int) -> int:
    await asyncio.sleep(0)
    return value


def test_the_thread_is_there_only_while_something_is_under_way() -> None:
    before = threading.active_count()
    with Asker() as asker:
        calls = [asker.begin(soon(number)) for number in range(3)]
        assert threading.active_count() == before + 1
        assert [asker.wait(call) for call in calls] == [0, 1, 2]
        assert threading.active_count() == before
        assert asker.run(soon(4)) == 4
    assert threading.active_count() == before


def test_what_a_coroutine_raises_is_raised() -> None:
    async def fail() -> int:
        raise TimeoutError("its own")

    with Asker() as asker, pytest.raises(TimeoutError, match="its own"):
        asker.run(fail())


def test_the_end_cancels_what_is_under_way_and_waits_for_it() -> None:
    ended: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("cleaned up")

    def interrupt() -> None:
        raise KeyboardInterrupt

    def wait() -> None:
        with Asker() as asker:
            calls = [asker.begin(endless()) for _ in range(2)]
            asker.wait(calls[0], interrupt)

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        wait()
    assert ended == ["cleaned up"] * 2
    assert threading.active_count() == before
