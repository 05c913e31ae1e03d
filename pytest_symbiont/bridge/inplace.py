"""What Rust left behind a `&mut`, brought back into the Python object that was passed."""

from __future__ import annotations

from array import array
from collections import abc
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge import shapes
from pytest_symbiont.bridge.memory import view
from pytest_symbiont.bridge.misfit import Misfit, shown
from pytest_symbiont.bridge.mut import Mut

if TYPE_CHECKING:
    from pytest_symbiont.bridge.custom import CustomTypes
    from pytest_symbiont.bridge.shapes import Shape

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True

# Immutable kinds that a Mut gets back as what they were.
_KEPT = (tuple, bytes, frozenset)


def content(value: Any) -> Any:
    """What a `Mut` holds, or the value itself."""
    return value.value if isinstance(value, Mut) else value


def refuse_unchangeable(shape: Shape, value: Any, declared: str, types: CustomTypes) -> None:
    """Raise `Misfit` where Rust's changes could not be brought back into this value."""
    if isinstance(value, Mut) or _changeable(shape, value, types):
        return
    if (memory := view(value)) is not None and memory.readonly and not isinstance(value, bytes):
        raise Misfit(TypeError, f"is `{declared}`, but this {type(value).__name__} is read-only")
    kinds = {shapes.Sequence: "a list", shapes.Mapping: "a dict", shapes.Set: "a set"}
    kind = kinds.get(type(shape))
    pass_ = f"pass {kind} or Mut(value)" if kind else "pass Mut(value) and read its .value"
    raise Misfit(TypeError, f"is `{declared}`: {pass_}, got {shown(value)}")


def bring_back(shape: Shape, value: Any, left: Any, types: CustomTypes) -> None:
    """Make the passed value what Rust left. Raises `Misfit` where it cannot hold that."""
    inside = content(value)
    if not _changeable(shape, inside, types):
        kind = type(inside)
        value.value = kind(left) if kind in _KEPT and not isinstance(shape, shapes.Tuple) else left
        return
    match shape:
        case shapes.Sequence():
            refill(inside, left)
        case shapes.Mapping():
            for name in [name for name in inside if name not in left]:
                del inside[name]
            inside.update(left)
        case shapes.Set():
            inside.intersection_update(left)
            inside.update(left)
        case shapes.Custom():
            (variant,) = types[shape].variants
            for field in variant.fields:
                _set_field(inside, field.python, getattr(left, field.python))


def _changeable(shape: Shape, value: Any, types: CustomTypes) -> bool:
    match shape:
        case shapes.Sequence():
            memory = view(value)
            if memory is not None and memory.readonly:
                return False
            return hasattr(value, "__setitem__") and not isinstance(value, abc.Mapping)
        case shapes.Mapping():
            return isinstance(value, abc.MutableMapping)
        case shapes.Set():
            return isinstance(value, abc.MutableSet) and hasattr(value, "intersection_update")
        case shapes.Custom():
            custom = types[shape]
            return not custom.is_enum and not isinstance(value, tuple | list) and not _frozen(value)
    return False


def _frozen(value: Any) -> bool:
    """Whether it is a dataclass whose fields cannot be set."""
    return bool(getattr(getattr(value, "__dataclass_params__", None), "frozen", False))


def _set_field(value: Any, name: str, left: Any) -> None:
    try:
        setattr(value, name, left)
    except AttributeError as error:
        raise Misfit(
            TypeError, f"this {type(value).__name__} cannot be changed ({error}): pass Mut(value)"
        ) from None


def refill(value: Any, left: Any) -> None:
    """Give a mutable sequence these elements. Raises `Misfit` where it cannot hold them."""
    try:
        if isinstance(value, list | bytearray):
            value[:] = left
        elif isinstance(value, array):
            value[:] = array(value.typecode, left)
        elif view(value) is not None or len(value) == len(left):
            _assign(value, left)
        else:
            value.clear()
            value.extend(left)
    except (AttributeError, OverflowError, TypeError, ValueError) as error:
        raise Misfit(
            OverflowError, f"Rust left a value that this {type(value).__name__} cannot hold ({error})"
        ) from None


def _assign(value: Any, left: Any) -> None:
    """Into what cannot grow: a numpy array, a memoryview; and into what takes no slice: a deque."""
    if len(value) != len(left):
        raise ValueError(f"{len(left)} elements for the {len(value)} that it has")
    try:
        value[:] = left
    except TypeError:
        for index, element in enumerate(left):
            value[index] = element
