"""A scalar function for each element of arrays, natively."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge import glue
from pytest_symbiont.bridge.arguments import Buffer
from pytest_symbiont.bridge.instrument import Instrument
from pytest_symbiont.bridge.misfit import Misfit, shown
from pytest_symbiont.bridge.pack import convert
from pytest_symbiont.bridge.route import LocalRoute
from pytest_symbiont.errors import SymbiontError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    import numpy as np

    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.bridge.scalars import Scalar

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True

_NAMES = {"isize": "int64", "usize": "uint64", "bool": "bool"}
_FAMILIES = {"i": "int", "u": "uint", "f": "float"}


def vmap(handle: Handle, arrays: Sequence[Any]) -> np.ndarray[Any, Any]:
    """What `pytest_symbiont.vmap` does."""
    numpy = _numpy()
    instrument = _instrument(handle)
    plan = handle.plan
    if len(arrays) != len(plan.parameters):
        raise TypeError(f"vmap({plan.name}): takes {len(plan.parameters)} arguments, got {len(arrays)}")
    columns: list[Buffer] = []
    shapes: dict[str, tuple[int, ...]] = {}
    for parameter, value in zip(plan.parameters, arrays, strict=True):
        try:
            column = _column(numpy, parameter.element, value)
        except Misfit as misfit:
            raise misfit.error(plan.name, parameter.name) from None
        if column.ndim:
            shapes[parameter.name] = column.shape
        columns.append(Buffer(_memory(column), column.size))
    if not shapes:
        raise TypeError(f"vmap({plan.name}): none of the arguments is an array; call {plan.name} itself")
    if len(set(shapes.values())) > 1:
        told = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"vmap({plan.name}): the arrays have different shapes: {told}")
    # A worker is not to see whatever lay there, and Rust no bool that is none.
    here = isinstance(handle.route, LocalRoute) and plan.returns.element.family != "bool"
    new = numpy.empty if here else numpy.zeros
    results: np.ndarray[Any, Any] = new(next(iter(shapes.values())), _dtype(plan.returns.element))
    instrument.call([Buffer(_memory(results), results.size, back=True), *columns])
    return results


def _numpy() -> ModuleType:
    try:
        import numpy as np  # noqa: PLC0415 - it need not be there
    except ImportError:
        raise SymbiontError("vmap takes and gives numpy arrays, and there is no numpy: install it") from None
    return np


def _instrument(handle: Handle) -> Instrument:
    if "vmap" not in handle.instruments:
        plan = handle.plan
        others = [parameter.shown for parameter in plan.parameters if not _mapped(parameter)]
        if plan.returns.goes_on is not None:
            raise TypeError(f"vmap({plan.name}): what it gives goes on in Rust, and is no number")
        if others or not plan.parameters or not _mapped(plan.returns):
            gives = "takes nothing" if _mapped(plan.returns) else "gives what numpy has no type for"
            what = f"takes `{others[0]}`" if others else gives
            raise TypeError(
                f"vmap({plan.name}): it is for numbers and bools of numpy, but `{plan.name}` {what}"
            )
        shim = glue.mapping_shim(plan, handle.entry.shim)
        own = 1 + len(plan.parameters)
        handle.instruments["vmap"] = Instrument(handle, "vmap", shim, settled=False, ahead=own)
    return handle.instruments["vmap"]


def _mapped(value: Any) -> bool:
    """Whether numpy has this type: an integer of up to 64 bits, a float, or bool."""
    return value.kind == "scalar" and value.element.family != "char" and bool(value.element.code)


def _dtype(scalar: Scalar) -> str:
    return _NAMES.get(scalar.rust) or f"{_FAMILIES[scalar.rust[0]]}{scalar.rust[1:]}"


def _column(numpy: ModuleType, scalar: Scalar, value: Any) -> Any:
    """The argument as an array: of one piece, or without dimensions where it is one value for all."""
    dtype = numpy.dtype(_dtype(scalar))
    if not isinstance(value, numpy.ndarray) or not value.ndim:
        if isinstance(value, list | tuple):
            raise Misfit(TypeError, f"expected a numpy array of {dtype} or one value, got {shown(value)}")
        return numpy.array(convert(scalar, value[()] if isinstance(value, numpy.ndarray) else value), dtype)
    if value.dtype != dtype:
        raise Misfit(
            TypeError, f"is `{scalar.rust}`, but the array holds {value.dtype}: pass x.astype('{dtype}')"
        )
    if scalar.family == "bool":  # a byte that is neither 0 nor 1 is no bool to Rust
        return numpy.ascontiguousarray(value).view("uint8") != 0
    return numpy.ascontiguousarray(value)


def _memory(array: Any) -> memoryview:
    """The bytes of an array of one piece; an empty one has none."""
    return memoryview(array.reshape(-1).view("uint8"))
