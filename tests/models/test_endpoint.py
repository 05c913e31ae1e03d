"""How many calls a server gets at once."""

from __future__ import annotations

import asyncio

import pytest

from pytest_symbiont.models.endpoint import Endpoint, Passing
from pytest_symbiont.models.values import ModelError


def busy() -> Passing:
    return Passing(lambda tries: f"busy ({tries})", wait=0.0, busy=True)


def test_only_so_many_at_once_and_in_turn() -> None:
    async def scenario() -> tuple[int, list[int]]:
        endpoint, here, most, done = Endpoint(2), 0, 0, []

        async def call(number: int) -> None:
            nonlocal here, most
            here += 1
            most = max(most, here)
            await asyncio.sleep(0)
            here -= 1
            done.append(number)

        await asyncio.gather(*(endpoint.persist(lambda n=n: call(n), 0) for n in range(6)))  # type: ignore[misc]
        return most, done

    assert asyncio.run(scenario()) == (2, [0, 1, 2, 3, 4, 5])


def test_a_busy_server_gets_half_and_then_slowly_more() -> None:
    async def scenario() -> list[int]:
        endpoint, limits = Endpoint(8), []

        async def refused() -> None:
            raise busy()

        async def fine() -> None:
            return

        for _ in range(2):
            with pytest.raises(ModelError, match=r"busy \(1 try\)"):
                await endpoint.persist(refused, 0)
            limits.append(endpoint.limit)
        for _ in range(2 + 3 + 4 + 5 + 6 + 7 + 8):
            await endpoint.persist(fine, 0)
            limits.append(endpoint.limit)
        return limits

    limits = asyncio.run(scenario())
    assert limits[:2] == [4, 2]
    assert limits[2:] == sorted(limits[2:])
    assert limits[-1] == 8


def test_whoever_waits_in_vain_takes_no_place() -> None:
    async def scenario() -> str:
        endpoint, over = Endpoint(1), asyncio.Event()

        async def long() -> str:
            await over.wait()
            return "long"

        async def short() -> str:
            return "short"

        first = asyncio.create_task(endpoint.persist(long, 0))
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(endpoint.persist(short, 0)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        over.set()
        await first
        waiting[1].cancel()  # its turn has come, and it does not take it
        return await waiting[2]

    assert asyncio.run(asyncio.wait_for(scenario(), 10)) == "short"


def test_a_call_that_was_cancelled_gives_its_place_back() -> None:
    async def scenario() -> str:
        endpoint = Endpoint(1)

        async def endless() -> str:
            await asyncio.Event().wait()
            return "never"

        async def short() -> str:
            return "short"

        task = asyncio.create_task(endpoint.persist(endless, 0))
        await asyncio.sleep(0)
        task.cancel()
        return await endpoint.persist(short, 0)

    assert asyncio.run(asyncio.wait_for(scenario(), 10)) == "short"


@pytest.mark.parametrize(
    ("finish_first", "order"),
    [(False, [(1, 0), (1, 0), (1, 1), (3, 0)]), (True, [(3, 0), (1, 1), (1, 0), (1, 0)])],
)
def test_who_waits_comes_by_progress(finish_first: bool, order: list[tuple[int, int]]) -> None:
    async def scenario() -> list[tuple[int, int]]:
        endpoint, served = Endpoint(1, finish_first=finish_first), []
        free = asyncio.Event()

        async def occupy() -> None:
            await free.wait()

        async def call(progress: tuple[int, int]) -> None:
            served.append(progress)

        first = asyncio.ensure_future(endpoint.persist(occupy, 0))
        await asyncio.sleep(0)
        waiting = [(1, 0), (3, 0), (1, 1), (1, 0)]
        others = [asyncio.ensure_future(endpoint.persist(lambda p=p: call(p), 0, p)) for p in waiting]  # type: ignore[misc]
        await asyncio.sleep(0)
        free.set()
        await asyncio.gather(first, *others)
        return served

    assert asyncio.run(scenario()) == order
