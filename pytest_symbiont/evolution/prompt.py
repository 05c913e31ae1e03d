"""What is sent to the model: documents in ``prompts/``, filled in from values."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files as package_files
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined

from pytest_symbiont.evolution.failure import clip
from pytest_symbiont.evolution.feedback import counts, describe, feedback, telling
from pytest_symbiont.evolution.metric_table import metric_table
from pytest_symbiont.evolution.order import best
from pytest_symbiont.models.values import Message
from pytest_symbiont.report.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.evolution.strategies.protocol import Query
    from pytest_symbiont.evolution.values import Attempt, Outcome
    from pytest_symbiont.source.values import Function, Target

MOST_ANSWER_CHARS = 1_500
MOST_TRIED = 6
MOST_COMPARED = 3
MOST_TRIED_CHARS = 160
MOST_FINDINGS = 40


@dataclass(frozen=True, slots=True)
class Task:
    """What a suite asks of the model.

    ``files`` is the text that the targets stand in, by the name to show, with the bodies that the model is to
    see. ``tests`` is the tests' source, ``baseline`` what they do with that text, ``hints`` the markers'
    ``prompt=`` texts. ``tools`` are the names of those that can be called, ``findings`` what
    they have told. ``improve`` says that it is green, and that metrics are to be made better, ``step`` that
    more tests will come, and that the simplest body for these is wanted. In a package
    ``dependencies`` are the crates that it has; otherwise there are none to name.
    """

    targets: tuple[Target, ...]
    files: Mapping[str, str]
    tests: str
    baseline: tuple[Outcome, ...]
    hints: tuple[str, ...]
    tools: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    improve: bool = False
    step: bool = False
    edition: str = "2024"
    dependencies: tuple[str, ...] | None = None


def render_first(task: Task) -> tuple[Message, ...]:
    """The first question about ``task``: the contract, then the task. Both stay the same in every round."""
    baseline = [] if _is_unwritten(task.baseline) else telling(task.baseline)
    text = _render(
        "task.j2",
        targets=task.targets,
        files=task.files,
        tests=task.tests,
        failures=[describe(outcome, task.files) for outcome in baseline],
        measured=metric_table([("value", task.baseline)]),
        improve=task.improve,
        step=task.step,
        tools=[f"`{name}`" for name in task.tools],
        findings=task.findings[-MOST_FINDINGS:],
        hints=task.hints,
    )
    contract = _render("system.j2", edition=task.edition, dependencies=task.dependencies)
    return (Message("system", contract), Message("user", text))


def render(task: Task, query: Query, files_of: Callable[[Attempt], Mapping[str, str]]) -> tuple[Message, ...]:
    """The question that a strategy wants to ask.

    ``files_of`` gives an attempt's files as they were built, by name; panics are shown with their line there.
    """
    if not query.quoted:
        return render_first(replace(task, hints=(*task.hints, *filter(None, [query.hint]))))
    if query.combine:
        return _render_combined(task, query.quoted)
    return render_next(task, query.quoted, files_of, hint=query.hint)


def render_next(
    task: Task,
    history: Sequence[Attempt],
    files_of: Callable[[Attempt], Mapping[str, str]],
    *,
    hint: str = "",
) -> tuple[Message, ...]:
    """The question after ``history``: the first one again, the best attempt so far, what is wrong with it."""
    if not history:
        return render_first(task)
    shown, last = best_of(history), history[-1]
    green = shown.verdict is not None and shown.verdict.green
    text = _render(
        "improve.j2" if green else "feedback.j2",
        feedback=feedback(shown, files_of(shown)),
        measured=metric_table(_measured(history, shown)),
        tried=_tried(history, shown),
        problem=last.problem if last is not shown else "",
        names=_names(task),
        hint=hint,
    )
    return (*render_first(task), Message("assistant", _code(task, shown)), Message("user", text))


def _render_combined(task: Task, attempts: Sequence[Attempt]) -> tuple[Message, ...]:
    """The first question again, and several bodies of which each passes what another does not."""
    bodies = [
        {"code": _code(task, attempt), "told": feedback(attempt, {})}
        for attempt in attempts
        if attempt.verdict
    ]
    system, first = render_first(task)
    text = _render("combine.j2", bodies=bodies, names=_names(task))
    return (system, Message("user", f"{first.content}\n\n{text}"))


def _names(task: Task) -> list[str]:
    return [f"`{t.function.path if t.function.impl else t.function.name}`" for t in task.targets]


def render_short(task: Task, history: Sequence[Attempt]) -> tuple[Message, ...]:
    """The first question with one line on each attempt behind it, for a context that no more fits into."""
    system, first = render_first(task)
    judged = [attempt.verdict.outcomes for attempt in history if attempt.verdict]
    lines = list(dict.fromkeys(_digest(outcomes) for outcomes in judged if outcomes))[-MOST_TRIED:]
    if not lines:
        return (system, first)
    return (system, Message("user", f"{first.content}\n\n{_render('digest.j2', tried=lines)}"))


def _tried(history: Sequence[Attempt], shown: Attempt) -> list[str]:
    """A line for each of the last attempts that tests judged otherwise than the one that is ``shown``.

    Why others did not compile says nothing without their code.
    """
    known = _digest(shown.verdict.outcomes) if shown.verdict else ""
    judged = [attempt.verdict.outcomes for attempt in history if attempt.verdict]
    lines = dict.fromkeys(_digest(outcomes) for outcomes in judged if outcomes)
    return [line for line in lines if line != known][-MOST_TRIED:]


def _measured(history: Sequence[Attempt], shown: Attempt) -> Sequence[tuple[str, Sequence[Outcome]]]:
    """Columns for the metric table: the attempt that is shown, and the last ones before it."""
    others = [attempt for attempt in history if attempt.verdict and attempt is not shown][-MOST_COMPARED:]
    columns = [("this", shown.verdict.outcomes)] if shown.verdict else []
    return columns + [
        (f"earlier {number}", attempt.verdict.outcomes)
        for number, attempt in enumerate(others, start=1)
        if attempt.verdict
    ]


def best_of(history: Sequence[Attempt]) -> Attempt:
    """The attempt to go on from: the best one, and of several the latest."""
    found = best(history)
    assert found is not None  # noqa: S101 - there is a history
    return found


def _code(task: Task, attempt: Attempt) -> str:
    """The candidate as the model should have answered, or what it did answer where there was none."""
    if attempt.candidate is None:
        return plain(clip(attempt.answer, most_chars=MOST_ANSWER_CHARS)) or "(nothing)"
    bodies = attempt.candidate.bodies
    written = [target.function for target in task.targets if target.function.path in bodies]
    return _fenced("\n\n".join(_written(f, bodies[f.path]) for f in written), "rust")


def _written(function: Function, body: str) -> str:
    """The function with this body; a method inside of its ``impl`` block."""
    text = f"{function.signature.rstrip()} {body}"
    if not function.impl:
        return text
    return f"{function.impl.header} {{\n{textwrap.indent(text, '    ')}\n}}"


def _digest(outcomes: Sequence[Outcome]) -> str:
    """One line on an attempt that is not shown in full."""
    told = [" ".join(describe(outcome, {}).split()) for outcome in telling(outcomes, limit=1)]
    return clip("; ".join([counts(outcomes), *told]), most_chars=MOST_TRIED_CHARS)


def _is_unwritten(baseline: Sequence[Outcome]) -> bool:
    """Whether all that fails is that nothing is written yet, which the model sees in the file itself."""
    messages = [o.failure.message for o in baseline if o.failure and not o.holdout]
    return all(message.startswith(("not yet implemented", "not implemented")) for message in messages)


def _fenced(text: str, language: str) -> str:
    """``text`` as a Markdown block whose fence is longer than any inside (doc comments have their own)."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.strip(chr(10))}\n{fence}"


def _source(name: str) -> str:
    return (package_files("pytest_symbiont.evolution") / "prompts" / name).read_text(encoding="utf-8")


def _render(name: str, **values: object) -> str:
    text = _environment().get_template(name).render(**values)
    return text.strip("\n")


@cache
def _environment() -> Environment:
    # Plain text for a model, not HTML; a value is data and never read as a template.
    environment = Environment(
        loader=FunctionLoader(_source),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fenced"] = _fenced
    return environment
