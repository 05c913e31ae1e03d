"""What Rust asks of Python during a call: a callable that it was given, an iterator's next element.

Numbers are drawn, so that what was kept from an earlier call asks nobody else.
"""

from __future__ import annotations

import secrets
from collections import abc
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge import shapes
from pytest_symbiont.bridge.arguments import Packed
from pytest_symbiont.bridge.misfit import Misfit, unlike
from pytest_symbiont.bridge.pack import array_head

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_symbiont.bridge.arguments import Passed
    from pytest_symbiont.bridge.codec import Codec
    from pytest_symbiont.bridge.plan import ParameterPlan

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True

_NIL = 0xC0
_WORD = 64


class Answers:
    """Who answers during one call. ``raised`` is the first exception; after it nothing is asked any more."""

    def __init__(self, name: str, codec: Codec) -> None:
        self._name = name
        self._codec = codec
        self._asked: dict[int, Callable[[bytes], bytes]] = {}
        self.raised: BaseException | None = None

    def number(self, parameter: ParameterPlan, value: Any) -> int | None:
        """The number by which Rust asks for an argument, None where its elements go with the call.

        Raises `Misfit`.
        """
        if parameter.python == "callable":
            if not callable(value):
                raise unlike("a callable", value)
            answer = self._calling(parameter, value)
        elif hasattr(value, "__len__") or not isinstance(value, abc.Iterable):
            return None
        else:
            answer = self._stepping(parameter, iter(value))
        number = secrets.randbits(_WORD)
        self._asked[number] = answer
        return number

    def answer(self, number: int, data: bytes) -> bytes | None:
        """The packed answer to a question; None where there is an exception, which is kept."""
        if self.raised is not None:
            return None
        try:
            return self._answerer(number)(data)
        except BaseException as error:  # noqa: BLE001 - whatever a callable raises is raised by the call
            self.raised = error
            return None

    def settle(self, *, goes_on: bool = False) -> None:
        """Let go of everything once the call is over, and raise what was raised, as itself.

        What ``goes_on`` asks on.
        """
        if not goes_on:
            self._asked.clear()
        if self.raised is None:
            return
        raised, self.raised = self.raised, None
        try:
            raise raised
        finally:
            del raised  # it would hold this frame, which would hold it

    def _answerer(self, number: int) -> Callable[[bytes], bytes]:
        found = self._asked.get(number)
        if found is None:
            raise RuntimeError(
                f"{self._name}(): Rust kept a callable or an iterator of an earlier call; they can be used "
                "only until the call that they were given to returns"
            )
        return found

    def _calling(self, parameter: ParameterPlan, function: Callable[..., Any]) -> Callable[[bytes], bytes]:
        shape = parameter.shape
        assert isinstance(shape, shapes.Function)  # noqa: S101 - by the plan
        read = self._codec.reader(*shape.parameters) if shape.parameters else None
        write = self._codec.writer(shape.returns)
        single = len(shape.parameters) == 1

        def answer(data: bytes) -> bytes:
            given = self._codec.read(read, data) if read else ()
            value = function(given) if single else function(*given)
            if isinstance(shape.returns, shapes.Unit):
                return bytes((_NIL,))  # what nobody wants may be anything
            return self._packed(parameter, "()", write, value)

        return answer

    def _stepping(self, parameter: ParameterPlan, iterator: abc.Iterator[Any]) -> Callable[[bytes], bytes]:
        assert isinstance(parameter.shape, shapes.Sequence)  # noqa: S101 - by the plan
        write = self._codec.writer(parameter.shape.inner)
        count = 0

        def answer(_: bytes) -> bytes:
            nonlocal count
            for value in iterator:
                packed = self._packed(parameter, f"[{count}]", write, value)
                count += 1
                head = bytearray()
                array_head(1, head)
                return bytes(head) + packed
            return bytes((_NIL,))

        return answer

    def _packed(
        self, parameter: ParameterPlan, place: str, write: Callable[[Any, bytearray], None], value: Any
    ) -> bytes:
        out = bytearray()
        try:
            write(value, out)
        except Misfit as misfit:
            raise misfit.inside(place).error(self._name, parameter.name) from None
        except RecursionError:
            raise OverflowError(
                f"{self._name}(): argument '{parameter.name}'{place}: it is nested too deeply, or holds "
                "itself"
            ) from None
        return bytes(out)


def answers_of(passed: Sequence[Passed]) -> Answers | None:
    """Who answers during the call with these arguments, None where nothing can be asked."""
    for argument in reversed(passed):
        if isinstance(argument, Packed) and argument.answers is not None:
            return argument.answers
    return None
