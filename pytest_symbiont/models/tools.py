"""What a model may call while it thinks about an answer."""

from __future__ import annotations

import inspect
import re
import typing
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models.values import Tool

if TYPE_CHECKING:
    from collections.abc import Callable

_TAKEN = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
# What both APIs take as a name.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class ToolError(Exception):
    """The tool could not do what it was called for; the text is for the model."""


class Usable(Protocol):
    """A tool that can be used. ``lasting`` says that what it tells is true of every body, not of one."""

    @property
    def tool(self) -> Tool: ...

    @property
    def lasting(self) -> bool: ...

    def use(self, arguments: str) -> str:
        """What it has to say for these arguments, as JSON. Raises `ToolError`, and whatever it likes."""
        ...


class Signature:
    """The parameters of a Python function as a JSON schema, and JSON as arguments for them.

    Schema and conversion are msgspec's, so every type that it knows will do. Raises `SymbiontError` for a
    parameter that lacks a type, or has one that JSON cannot carry.
    """

    def __init__(self, function: Callable[..., Any], *, of: str) -> None:
        fields: list[Any] = []
        hints = _hints(function, of)
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind not in _TAKEN:
                raise SymbiontError(
                    f"{of}: its parameter {name!r} cannot be given by name, as models give all; make it one"
                    " that can"
                )
            if name not in hints:
                raise SymbiontError(
                    f"{of}: its parameter {name!r} has no type; write one, so that models know what to give"
                )
            default = [] if parameter.default is inspect.Parameter.empty else [parameter.default]
            fields.append((name, hints[name], *default))
        name = function.__name__
        try:
            # A default that can change is every struct's own, as it would be the function's own.
            self._struct = msgspec.defstruct(name, fields, kw_only=True, forbid_unknown_fields=True)
            _, parts = msgspec.json.schema_components([self._struct], ref_template="#/$defs/{name}")
            schema = parts.pop(name)
            schema |= {"$defs": parts} if parts else {}
            schema.pop("title", None)
            self.schema = msgspec.json.encode(schema).decode()
        except (TypeError, KeyError) as error:
            raise SymbiontError(
                f"{of}: a parameter has a type that JSON cannot carry, or a default that is not its own"
                f" ({error}); use others"
            ) from None

    def arguments(self, text: str) -> dict[str, Any]:
        """Raises `ToolError` with what is wrong with them."""
        try:
            # Small models put numbers into quotes.
            given = msgspec.json.decode(text or "{}", type=self._struct, strict=False)
        except ValueError as error:
            raise ToolError(f"these arguments do not fit: {error}") from None
        return {name: getattr(given, name) for name in self._struct.__struct_fields__}


class FunctionTool:
    """A Python function as a tool: described by its docstring, its parameters by their types."""

    lasting = True

    def __init__(self, function: Callable[..., Any], *, of: str) -> None:
        if not _NAME.fullmatch(function.__name__):
            raise SymbiontError(f"{of}: a tool's name is of letters, digits and _, at most 64; rename it")
        if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
            raise SymbiontError(f"{of}: a tool is called as a plain function; make it one")
        description = inspect.getdoc(function) or ""
        if not description:
            raise SymbiontError(
                f"{of}: it has no docstring, from which models know what it is for; write one"
            )
        self._function = function
        self._signature = Signature(function, of=of)
        self.tool = Tool(function.__name__, description, self._signature.schema)

    def use(self, arguments: str) -> str:
        return said(self._function(**self._signature.arguments(arguments)))


def said(value: object) -> str:
    """A result as text: what is text as it is, what JSON has as JSON, all else as Python shows it."""
    if isinstance(value, str):
        return value
    try:
        return msgspec.json.encode(value, enc_hook=_shown).decode()
    except (TypeError, ValueError, OverflowError, RecursionError):
        return _shown(value)


def _shown(value: object) -> str:
    return _ADDRESS.sub(" at 0x…", repr(value))


def _hints(function: Callable[..., Any], of: str) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        raise SymbiontError(
            f"{of}: the types of its parameters cannot be read ({error}); mend them"
        ) from None
