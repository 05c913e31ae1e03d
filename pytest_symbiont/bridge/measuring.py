"""How long a function takes, without Python and pipes."""

from __future__ import annotations

import statistics
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge import arguments, glue
from pytest_symbiont.bridge.arguments import Buffer
from pytest_symbiont.bridge.frame import WORD, lay_out
from pytest_symbiont.bridge.instrument import Instrument
from pytest_symbiont.bridge.remote import RemoteRoute
from pytest_symbiont.bridge.reply import Refused
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.bridge.arguments import Passed
    from pytest_symbiont.bridge.handle import Handle

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True

_DISAGREE = "the calls disagree"
# In this process there is no deadline; nobody waits longer for what takes its time.
_SECONDS = 10.0
# Of the deadline; the first call, and one under way at the end, are not stopped.
_SHARE = 0.4
_OWN_WORDS = 4


@dataclass(frozen=True, slots=True)
class Measurement:
    """How long one call takes, in nanoseconds, over ``samples`` samples.

    ``spread`` is the distance between the quartiles: half of the samples lie within it.
    """

    median: float
    minimum: float
    spread: float
    samples: int


def measure(handle: Handle, args: Sequence[Any], kwargs: Mapping[str, Any], samples: int) -> Measurement:
    """What `pytest_symbiont.measure` does."""
    if type(samples) is not int or samples < 1:
        raise ValueError(f"measure({handle.plan.name}): samples={samples!r} must be a whole number from 1")
    plan = handle.plan
    if plan.objects:
        raise TypeError(
            f"measure({plan.name}): it takes or gives an object that stays in Rust; time what does not"
        )
    if any(parameter.python == "callable" for parameter in plan.parameters):
        raise TypeError(f"measure({plan.name}): it calls a Python callable, which would be most of the time")
    values = [
        list(value) if parameter.python else value  # each sample goes through all of it
        for parameter, value in zip(plan.parameters, arguments.arrange(plan, args, kwargs), strict=True)
    ]
    passed = arguments.encode(plan, values, handle.codec)
    words, buffers = lay_out(passed)
    changed = b"".join(
        struct.pack("<QQ", word, buffer.memory.nbytes) for word, buffer in buffers if buffer.back
    )
    route = handle.route
    seconds = route.timeout if isinstance(route, RemoteRoute) else _SECONDS
    numbers = (samples, int(seconds * _SHARE * 1e9), len(words) // WORD)
    own: list[Passed] = [*(number.to_bytes(WORD, "little") for number in numbers), _table(changed)]
    began = time.perf_counter()
    reply = _instrument(handle).call([*own, *passed])
    took = (time.perf_counter() - began) * 1e9
    if isinstance(reply, Refused):
        if reply.reason == _DISAGREE:
            raise SymbiontError(
                f"measure({plan.name}): a later call gave something else than the first one with the same "
                "arguments, so it did something else"
            )
        raise reply.error(plan.name)
    return _measurement(reply.data or b"", took, handle)


def _table(changed: bytes) -> Buffer:
    return Buffer(memoryview(changed), len(changed) // WORD)


def _instrument(handle: Handle) -> Instrument:
    if "measure" not in handle.instruments:
        shim = glue.measuring_shim(handle.plan, handle.entry.shim)
        handle.instruments["measure"] = Instrument(handle, "measure", shim, settled=True, ahead=_OWN_WORDS)
    return handle.instruments["measure"]


def _measurement(data: bytes, took: float, handle: Handle) -> Measurement:
    """Of the samples' own numbers, which come from where the candidate ran: they must be possible."""
    found = struct.unpack(f"<{len(data) // WORD}d", data[: len(data) // WORD * WORD])
    if not found or not all(0 <= sample <= took for sample in found):
        raise SymbiontError(f"measure({handle.plan.name}): the worker gave times that cannot be")
    quartiles = statistics.quantiles(found, n=4) if len(found) > 1 else [found[0]] * 3
    return Measurement(statistics.median(found), min(found), quartiles[2] - quartiles[0], len(found))
