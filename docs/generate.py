"""Writes docs/reference.md from the code: `python docs/generate.py`. A test fails where the page is stale.

What is said stands in docstrings; here is only what is shown, in which order.
"""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

import pytest_symbiont
from pytest_symbiont import hookspecs
from pytest_symbiont.evolution import lock, marker
from pytest_symbiont.evolution import values as tried
from pytest_symbiont.evolution.lineage import Lineage
from pytest_symbiont.evolution.metering import EvolveMetric
from pytest_symbiont.evolution.strategies import protocol
from pytest_symbiont.models import recording, values
from pytest_symbiont.report import events, json_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PAGE = Path(__file__).parent / "reference.md"

_HEAD = """\
# Reference

Generated from the code by [generate.py](generate.py). [Options](options.md) have a page of their own, and so
do the [types](types.md) that cross between Python and Rust.
"""
_PLUGINS = """
Other plugins, and `conftest.py` files, implement these.
[A model](models-and-recordings.md#a-model-of-your-own) and
[a strategy](strategies.md#a-strategy-of-your-own) of one's own are shown where they belong.
"""
_TRACE = """
What `--evolve-trace` writes, one object a line, each with its `event`: the name below in lower case. [The
trace](trace.md) says how to read it.
"""
_REPORT = "\nWhat `--evolve-report` writes. [The report](report.md) says what is in it.\n"
_LOCK = """
`symbiont.lock` beside a Rust file is TOML, with a table for each target: `[target."sort.rs::sort"]`.
[In CI](ci.md) says what it is for.
"""
_RECORDING = """
A line of `__answers__/*.jsonl`. [Recordings](models-and-recordings.md#recordings) says how one is found.
"""


def page() -> str:
    """The whole page, as it has to be on disk."""
    public = [getattr(pytest_symbiont, name) for name in sorted(pytest_symbiont.__all__, key=str.lower)]
    hooks = [value for name, value in vars(hookspecs).items() if name.startswith("pytest_symbiont_")]
    trace = [kind for kind in events.Events.__args__ if kind is not events.Text]
    parts = [
        "## What tests import\n",
        *map(_shown, public),
        "## The marker\n",
        _marker(),
        "## The fixture\n",
        _class(EvolveMetric, name="evolve_metric"),
        "## Hooks\n",
        _PLUGINS,
        *map(_function, hooks),
        "## The seam to a model\n",
        *map(_class, (values.Model, values.Listener)),
        *map(_value, (values.Request, values.Message, values.Position, values.Generation, values.Tool)),
        *map(_value, (values.Answer, values.ToolCall)),
        *map(_class, (values.ModelError, values.PromptTooLongError)),
        "## The seam to a strategy\n",
        *map(_class, (protocol.Strategy, protocol.Room, protocol.Query, Lineage)),
        *map(_class, (tried.Attempt, tried.Verdict, tried.Outcome, tried.Failure)),
        "## The trace\n",
        _TRACE,
        *map(_value, (events.Text, *trace)),
        "## Parts of the trace's lines\n",
        *map(_value, _others(events, (events.Event, *events.Events.__args__))),
        "## The report\n",
        _REPORT,
        *map(_value, reversed(_others(json_report, (events.Spent,)))),
        "## The lock\n",
        _LOCK,
        *map(_value, (lock.Lock, lock.Entry)),
        "## Recordings\n",
        _RECORDING,
        *map(_value, (recording.Entry, recording.Parameters)),
    ]
    return "\n".join(part.strip() + "\n" for part in (_HEAD, *parts))


def _others(module: Any, known: tuple[type, ...]) -> list[type]:
    """The classes of values that a module defines, in its order, without these."""
    return [
        one
        for one in vars(module).values()
        if inspect.isclass(one) and one.__module__ == module.__name__ and one not in known
    ]


def _shown(one: Any) -> str:
    return _class(one) if inspect.isclass(one) else _function(one)


def _function(function: Callable[..., Any]) -> str:
    return f"### `{function.__name__}`\n\n`{_call(function)}`\n\n{_said(function)}"


def _class(one: type, *, name: str = "") -> str:
    """A class: what it is, its fields if it is a value, and its public methods and properties."""
    fields = [_fields(one)] if is_dataclass(one) or issubclass(one, msgspec.Struct) else []
    members = [
        _member(attribute, value)
        for attribute, value in vars(one).items()
        if not attribute.startswith("_") and (inspect.isfunction(value) or isinstance(value, property))
    ]
    return "\n\n".join([f"### `{name or one.__name__}`\n\n{_said(one)}", *fields, *members])


def _value(one: type) -> str:
    """A class, of which users see the fields alone."""
    return f"### `{one.__name__}`\n\n{_said(one)}\n\n{_fields(one)}"


def _member(name: str, value: Any) -> str:
    if isinstance(value, property):
        returned = inspect.get_annotations(value.fget)["return"] if value.fget else "Any"
        return f"- `{name}: {returned}`{_after(value)}"
    return f"- `{_call(value)}`{_after(value)}"


def _after(value: Any) -> str:
    """What a member's docstring says, as a paragraph of its list item."""
    if not value.__doc__:
        return ""
    return "\n\n" + "\n".join(f"  {line}".rstrip() for line in _said(value).splitlines())


def _fields(one: type) -> str:
    """A table of a value's fields: their types, and their defaults where there are any."""
    parameters = inspect.signature(one).parameters
    annotations = inspect.get_annotations(one)
    defaults = {name: _default(parameters[name]) for name in annotations}
    if not any(defaults.values()):
        return _table(("field", "type"), ((f"`{name}`", _type(text)) for name, text in annotations.items()))
    rows = ((f"`{name}`", _type(text), defaults[name]) for name, text in annotations.items())
    return _table(("field", "type", "default"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _type(annotation: str) -> str:
    """As it is written, without what says that a field may be absent, which its default says."""
    plain = annotation.replace(" | msgspec.UnsetType", "")
    return f"`{plain.replace('|', chr(92) + '|')}`"


def _default(parameter: inspect.Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        return ""
    shown = repr(parameter.default)
    return {"UNSET": "left out", "<factory>": "`{}`"}.get(shown, f"`{shown}`")


def _marker() -> str:
    [definition] = ast.parse(f"def {marker.SIGNATURE}: ...").body
    assert isinstance(definition, ast.FunctionDef)  # noqa: S101 - it is one
    taken = definition.args
    defaults = {"targets": "none", **{
        argument.arg: f"`{ast.unparse(default)}`"
        for argument, default in zip(taken.kwonlyargs, taken.kw_defaults, strict=True)
        if default is not None
    }}  # fmt: skip
    rows = ((f"`{name}`", default, marker.MEANINGS[name]) for name, default in defaults.items())
    return f"`@pytest.mark.{marker.SIGNATURE}`\n\n{_table(('argument', 'default', 'meaning'), rows)}"


def _call(function: Callable[..., Any]) -> str:
    """How it is called, with the types as they are written."""
    signature = inspect.signature(function)
    parameters = [
        parameter.replace(annotation=_as_written(parameter.annotation))
        for name, parameter in signature.parameters.items()
        if name != "self"
    ]
    shown = signature.replace(
        parameters=parameters, return_annotation=_as_written(signature.return_annotation)
    )
    return f"{'async ' if inspect.iscoroutinefunction(function) else ''}{function.__name__}{shown}"


class _Written:
    """An annotation that is shown without quotation marks."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _as_written(annotation: Any) -> Any:
    return _Written(annotation) if isinstance(annotation, str) else annotation


def _said(one: Any) -> str:
    """A docstring in Markdown, where code has one backtick."""
    text = inspect.cleandoc(one.__doc__ or "")
    return re.sub(r"``(.+?)``", r"`\1`", text)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
