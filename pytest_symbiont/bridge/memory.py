"""Python objects whose memory already looks as Rust wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_symbiont.bridge.scalars import Scalar

# The struct codes under which a buffer's elements may lie in memory as this type, by family and width.
_FORMATS = {
    ("int", True, 1): "b", ("int", True, 2): "h", ("int", True, 4): "il", ("int", True, 8): "qln",
    ("int", False, 1): "B", ("int", False, 2): "H", ("int", False, 4): "IL", ("int", False, 8): "QLN",
    ("float", False, 4): "f", ("float", False, 8): "d",
}  # fmt: skip


def view(value: Any) -> memoryview | None:
    """The memory of an object that has a buffer."""
    try:
        return memoryview(value)
    except (TypeError, ValueError, BufferError):  # numpy has types that no buffer can describe
        return None


def same_memory(value: Any, scalar: Scalar) -> memoryview | None:
    """The bytes of the object's own memory, where elements of this type lie there one behind the other."""
    found = view(value)
    if found is None or found.ndim != 1 or not found.c_contiguous or found.itemsize != scalar.size:
        return None
    codes = _FORMATS.get((scalar.family, scalar.signed, scalar.size), "")
    # Only native formats can be cast; the C callable takes others (ctypes says `<l`) as they are.
    code = found.format.removeprefix("@")
    if len(code) != 1 or code not in codes:
        return None
    return found.cast("B")
