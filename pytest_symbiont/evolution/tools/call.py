"""`call_function`: what the current body makes of other arguments."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge.mut import Mut
from pytest_symbiont.errors import CompileError
from pytest_symbiont.evolution.failure import bounded_repr
from pytest_symbiont.evolution.feedback import compile_errors
from pytest_symbiont.models.tools import Signature, ToolError
from pytest_symbiont.models.values import Tool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.handle import Handle
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.evolution.judge import Judge


class CallFunction:
    """Calls a target in a worker, with the deadline of every Rust call.

    The call is Python text whose arguments are literals: JSON has no tuples, sets or bytes.
    """

    lasting = False

    def __init__(
        self, judge: Judge, handles: Sequence[Handle], revisions: Mapping[EvolvingFile, Revision]
    ) -> None:
        self._judge = judge
        self._handles = {handle.function.name: handle for handle in handles}
        self._revisions = revisions
        self._signature = Signature(self.call_function, of="call_function")
        first = next(iter(self._handles))
        description = (
            "What the function does as it stands now. The call is Python text with literal arguments, like"
            f" {first}(...); write Mut(value) for a `&mut` that is no list."
        )
        self.tool = Tool("call_function", description, self._signature.schema)

    def use(self, arguments: str) -> str:
        return self.call_function(**self._signature.arguments(arguments))

    def call_function(self, call: str) -> str:
        handle, values, named = self._parsed(call)
        before = [bounded_repr(value) for value in values]
        try:
            result, printed = self._judge.called(self._revisions, lambda: handle.callable(*values, **named))
        except CompileError as error:
            raise ToolError(f"it does not compile:\n{compile_errors(str(error))}") from None
        except Exception as error:  # noqa: BLE001 - a panic, a wrong argument, a hang: what there is to tell
            raise ToolError(f"{type(error).__name__}: {error}") from None
        changed = [
            f"argument {number} is then {after}"
            for number, (value, was) in enumerate(zip(values, before, strict=True), start=1)
            if (after := bounded_repr(value)) != was
        ]
        told = [f"it returns {bounded_repr(result)}", *changed]
        return "; ".join(told) + (f"\nit printed:\n{printed}" if printed else "")

    def _parsed(self, call: str) -> tuple[Handle, list[Any], dict[str, Any]]:
        try:
            parsed = ast.parse(call.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ToolError(f"{call!r} is no Python call; write {next(iter(self._handles))}(...)") from None
        function = parsed.func if isinstance(parsed, ast.Call) else None
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if not isinstance(parsed, ast.Call) or name not in self._handles:
            raise ToolError(f"{call!r} calls none of {', '.join(self._handles)}")
        named = {keyword.arg: _value(keyword.value) for keyword in parsed.keywords if keyword.arg}
        return self._handles[name], [_value(argument) for argument in parsed.args], named


def _value(node: ast.expr) -> Any:
    """A literal, or `Mut` around one."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Mut":
        if len(node.args) == 1 and not node.keywords:
            return Mut(_value(node.args[0]))
        raise ToolError("Mut takes one value")
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise ToolError(f"{ast.unparse(node)} is no literal; write the value itself") from None
