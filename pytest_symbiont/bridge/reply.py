"""What a call left behind, and how it becomes a Python value or exception."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge.scalars import unpack_list

if TYPE_CHECKING:
    from pytest_symbiont.bridge.plan import ReturnPlan


@dataclass(frozen=True, slots=True)
class Returned:
    """The 16 bytes of a scalar, and the bytes of a string or vector (None where a scalar was returned)."""

    scalar: bytes
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Panicked:
    """A panic: message, file as rustc names it, line and column from 1."""

    message: str
    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The packed arguments could not be read, or the result could not be written, for this reason."""

    reason: str

    def error(self, function: str) -> Exception:
        """The exception that the caller sees."""
        if self.reason.startswith(("in use: ", "gone: ")):
            return RuntimeError(f"{function}(): {self.reason.partition(': ')[2]}")
        if self.reason.startswith("the result "):
            return OverflowError(f"{function}(): {self.reason}")
        return TypeError(f"{function}(): Rust cannot read the arguments: {self.reason}")


Reply = Returned | Panicked | Refused


def decode(plan: ReturnPlan, reply: Returned) -> Any:
    """A result that is not packed, as a plain Python object."""
    match plan.kind:
        case "scalar":
            return plan.element.unpack(reply.scalar)
        case "text":
            return (reply.data or b"").decode("utf-8")
        case "list":
            data = reply.data or b""
            return data if plan.element.rust == "u8" else unpack_list(data, plan.element)
        case _:
            return None
