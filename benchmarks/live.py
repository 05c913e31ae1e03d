"""What only a real server can show: streaming, cancelling, slots, overflow, the same answer again.

    python benchmarks/live.py NAME@http://HOST:PORT/v1

For a llama.cpp server with two slots of 4,096 tokens each: `llama-server -m MODEL.gguf -np 2 -c 8192`. Prints
a line a check; the exit code is 1 where one failed. No part of CI: it needs a model.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_symbiont.models.openai import openai_model
from pytest_symbiont.models.values import Generation, Message, Position, PromptTooLongError, Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pytest_symbiont.models.chat import ChatModel

_TASK = "Write a Rust function `pub fn gcd(a: u64, b: u64) -> u64` and explain every line of it."
_REQUEST = Request((Message("user", _TASK),), Position("gcd.rs::gcd", 1), 64, 0.7, 1)
# llama.cpp answers the same again where nothing is left of an earlier prompt.
_ALONE = replace(_REQUEST, generation=Generation(extra='{"cache_prompt": false}'))
# About 6,000 tokens.
_LONG = replace(_REQUEST, messages=(Message("user", f"{_TASK}\n{'let x = y + 1; ' * 1_000}"),))


@dataclass(slots=True)
class Watch:
    """A listener that notes when pieces come; ``most`` ends the answer after so many."""

    most: int = 1 << 30
    times: list[float] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self, text: str, tokens: int) -> str:  # noqa: ARG002 - as Listener has it
        self.begun.set()
        self.times.append(time.perf_counter())
        return "enough" if tokens >= self.most else ""


async def streaming(model: ChatModel) -> str:
    watch, began = Watch(), time.perf_counter()
    answer = await model.answer(_REQUEST, watch)
    assert len(watch.times) > 1, "the answer came in one piece"
    assert answer.counted, "the server did not count tokens"
    assert answer.generated_tokens >= len(watch.times) - 1, "more pieces than tokens"
    first = watch.times[0] - began
    tokens = f"{len(watch.times)} pieces, {answer.generated_tokens} tokens"
    return f"{tokens}; the first after {first:.2f} s of {answer.seconds:.2f}"


async def cut_off(model: ChatModel) -> str:
    answer = await model.answer(replace(_REQUEST, max_tokens=512), Watch(most=5))
    assert answer.finish == "enough"
    assert not answer.counted, "a server that was hung up on has counted"
    return f"hung up after 5 tokens, {answer.seconds:.2f} s"


async def cancelling(model: ChatModel) -> str:
    """Both slots are filled with long answers, which are cancelled: the next one must not wait for them."""
    watches = [Watch(), Watch()]
    long = replace(_REQUEST, max_tokens=2_000)
    tasks = [asyncio.ensure_future(model.answer(long, watch)) for watch in watches]
    for watch in watches:
        await watch.begun.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    after = await model.answer(replace(_REQUEST, max_tokens=4))
    alone = await model.answer(replace(_REQUEST, max_tokens=4))
    assert after.seconds < 10 * alone.seconds + 5, f"waited {after.seconds:.1f} s behind what was cancelled"
    return f"the next answer took {after.seconds:.2f} s, alone {alone.seconds:.2f} s"


async def slots(model: ChatModel) -> str:
    watches = [Watch(), Watch()]
    requests = [replace(_REQUEST, seed=number) for number in (1, 2)]
    await asyncio.gather(*(model.answer(r, w) for r, w in zip(requests, watches, strict=True)))
    begins, ends = [watch.times[0] for watch in watches], [watch.times[-1] for watch in watches]
    shared = min(ends) - max(begins)
    assert shared > 0, "one answer waited for the other"
    return f"two answers came beside each other for {shared:.2f} s"


async def overflow(model: ChatModel) -> str:
    try:
        await model.answer(_LONG)
    except PromptTooLongError as error:
        return str(error)
    raise AssertionError("a prompt of 6,000 tokens was taken: the context is larger than 4,096")


async def again(model: ChatModel) -> str:
    answers = [await model.answer(replace(_ALONE, seed=seed)) for seed in (1, 1, 2)]
    assert answers[0].text == answers[1].text, "the same seed gave two answers"
    other = "another" if answers[2].text != answers[0].text else "the same"
    return f"the same seed gave the same {answers[0].generated_tokens} tokens; another seed {other} answer"


CHECKS: tuple[Callable[[ChatModel], Awaitable[str]], ...] = (
    streaming, cut_off, cancelling, slots, overflow, again,
)  # fmt: skip


async def checked(model: ChatModel) -> int:
    failed = 0
    for check in CHECKS:
        try:
            print(f"{check.__name__}: {await check(model)}", flush=True)
        except AssertionError as error:
            failed += 1
            print(f"{check.__name__}: FAILED: {error}", flush=True)
    return failed


def main() -> None:
    if len(sys.argv) != 2 or "@" not in sys.argv[1]:  # noqa: PLR2004 - the script and its argument
        sys.exit(__doc__)
    name, _, url = sys.argv[1].partition("@")
    sys.exit(1 if asyncio.run(checked(openai_model(name, url, "none"))) else 0)


if __name__ == "__main__":
    main()
