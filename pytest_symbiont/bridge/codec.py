"""What of a call is packed, by its plan: arguments to bytes, results and changed arguments back."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_symbiont.bridge import inplace, shapes
from pytest_symbiont.bridge.answers import Answers
from pytest_symbiont.bridge.misfit import Misfit
from pytest_symbiont.bridge.pack import Packers
from pytest_symbiont.bridge.program import program
from pytest_symbiont.bridge.unpack import Unpackers
from pytest_symbiont.errors import RustCrash, RustError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from pytest_symbiont.bridge.custom import CustomTypes
    from pytest_symbiont.bridge.plan import ParameterPlan, Plan
    from pytest_symbiont.bridge.shapes import Shape

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


class Converters:
    """Packers and unpackers of one file, shared by its targets."""

    def __init__(self, types: CustomTypes) -> None:
        self.types = types
        self.packers = Packers(types)
        self.unpackers = Unpackers(types)


class Codec:
    """The packed part of one target's calls."""

    def __init__(self, plan: Plan, converters: Converters) -> None:
        self._plan = plan
        self._converters = converters

    def answers(self) -> Answers | None:
        """Who answers during the next call, None where Rust can ask nothing."""
        return Answers(self._plan.name, self) if self._plan.asks else None

    def reader(self, *several: Shape) -> Callable[[bytes], Any]:
        """What decodes a value of this shape, or a tuple of several."""
        return self._converters.unpackers.decoder(*several)

    def writer(self, shape: Shape) -> Callable[[Any, bytearray], None]:
        """What appends a value of this shape. It raises `Misfit`."""
        return self._converters.packers[shape]

    def pack(
        self, parameter: ParameterPlan, value: Any, out: bytearray, answers: Answers | None = None
    ) -> None:
        """Append an argument. Raises `Misfit`."""
        if parameter.python and answers is not None:
            number = answers.number(parameter, value)
            if number is not None:
                out += msgspec.msgpack.encode(number)
                return
        inside = inplace.content(value) if parameter.back else value
        try:
            self._converters.packers[parameter.shape](inside, out)
        except RecursionError:
            raise Misfit(OverflowError, "it is nested too deeply, or holds itself") from None

    def refuse_unchangeable(self, parameter: ParameterPlan, value: Any) -> None:
        """Raise `Misfit` where a change could not be brought back into this value."""
        if not _absent(parameter, value):
            shape = _target(parameter)
            inplace.refuse_unchangeable(shape, value, parameter.shown, self._converters.types)

    def unpack(self, data: bytes, *, failed: bool, values: Sequence[Any]) -> Any:
        """The result; what came back of the arguments is brought into ``values``.

        Raises `RustError` where the function returned an `Err`.
        """
        decoded = self.read(self._failed if failed else self._returned, data)
        if self._plan.back:
            decoded, *left = decoded
            self._bring_back(values, left)
        if failed:
            raise RustError(decoded)
        return decoded

    def read(self, decode: Callable[[bytes], Any], data: bytes) -> Any:
        """Decode. Raises `RustCrash` where the bytes are no value of the type."""
        try:
            return decode(data)
        except RecursionError:
            raise RustCrash(f"the result of `{self._plan.name}` is nested too deeply for Python") from None
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
            raise RustCrash(f"the result of `{self._plan.name}` makes no sense: {error}") from None

    def native(self, extension: ModuleType) -> dict[str, Any]:
        """What `bind` of `callable.c` gets to do the packed part itself; it is not asked about `&mut`."""
        native: dict[str, Any] = {"fail": None, "packer": None, "roots": ()}
        packed = [parameter.shape for parameter in self._plan.packed]
        if self._plan.returns.kind == "packed":
            packed.append(self._plan.returns.shape)
            native["fail"] = self._unpack_again
        if packed and not self._plan.back:
            nodes, native["roots"] = program(packed, self._converters.types)
            native["packer"] = extension.packer(nodes)
        return native

    def _unpack_again(self, data: bytes, failed: bool) -> Any:
        """An `Err`, or a result that the decoder alone could not read: it raises the right error."""
        return self.unpack(data, failed=failed, values=())

    @cached_property
    def _returned(self) -> Callable[[bytes], Any]:
        return self._decoder(self._plan.returns.shape)

    @cached_property
    def _failed(self) -> Callable[[bytes], Any]:
        return self._decoder(self._plan.returns.err or shapes.Unit())

    def _decoder(self, first: Shape) -> Callable[[bytes], Any]:
        return self._converters.unpackers.decoder(first, *map(_back, self._plan.back))

    def _bring_back(self, values: Sequence[Any], left: Sequence[Any]) -> None:
        remaining = iter(left)
        for parameter, value in zip(self._plan.parameters, values, strict=True):
            if not parameter.back:
                continue
            new = next(remaining)
            if _absent(parameter, value):
                continue
            try:
                inplace.bring_back(_target(parameter), value, new, self._converters.types)
            except Misfit as misfit:
                raise misfit.error(self._plan.name, parameter.name) from None


def _back(parameter: ParameterPlan) -> Shape:
    """The shape in which a changed argument comes back."""
    if parameter.memory and isinstance(parameter.shape, shapes.Sequence):
        return shapes.Memory(parameter.shape)
    return parameter.shape


def _target(parameter: ParameterPlan) -> Shape:
    """The shape of what is changed: in an ``Option<&mut T>`` that is T."""
    if parameter.passed == "inside" and isinstance(parameter.shape, shapes.Option):
        return parameter.shape.inner
    return parameter.shape


def _absent(parameter: ParameterPlan, value: Any) -> bool:
    """Whether there is nothing to change: ``None`` for an ``Option<&mut T>``."""
    return parameter.passed == "inside" and value is None
