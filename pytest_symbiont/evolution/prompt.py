"""What is sent to the model: documents in ``prompts/``, filled in from values."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from importlib.resources import files as package_files
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined

from pytest_symbiont.evolution.failure import clip
from pytest_symbiont.evolution.feedback import counts, describe, feedback, telling
from pytest_symbiont.evolution.metric_table import metric_table
from pytest_symbiont.models.values import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
    ``prompt=`` texts. ``tools`` are the names of those that can be called, ``findings`` what they have told.
    """

    targets: tuple[Target, ...]
    files: Mapping[str, str]
    tests: str
    baseline: tuple[Outcome, ...]
    hints: tuple[str, ...]
    tools: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


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
        hints=task.hints,
        tools=[f"`{name}`" for name in task.tools],
        findings=task.findings[-MOST_FINDINGS:],
    )
    return (Message("system", _render("system.j2")), Message("user", text))


def render_next(
    task: Task,
    history: Sequence[Attempt],
    files_of: Callable[[Attempt], Mapping[str, str]],
) -> tuple[Message, ...]:
    """The question after ``history``: the first one again, the best attempt so far, what is wrong with it.

    ``history`` is what the strategy lets the model see; where it is empty, the task is asked afresh.
    ``files_of`` gives an attempt's files as they were built, by name; panics are shown with their line there.
    """
    if not history:
        return render_first(task)
    best = best_of(history)
    last = history[-1]
    text = _render(
        "feedback.j2",
        feedback=feedback(best, files_of(best)),
        measured=metric_table(_measured(history, best)),
        tried=_tried(history, best),
        problem=last.problem if last is not best else "",
        names=[f"`{t.function.path if t.function.impl else t.function.name}`" for t in task.targets],
    )
    return (*render_first(task), Message("assistant", _code(task, best)), Message("user", text))


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
    """The attempt to go on from: the highest score, and of several the latest."""
    return max(enumerate(history), key=lambda numbered: (_score(numbered[1]), numbered[0]))[1]


def _score(attempt: Attempt) -> float:
    """0..1 for what was tried; a refused, repeated or missing candidate is less than any of them."""
    return attempt.verdict.score if attempt.verdict else -1.0


def _code(task: Task, attempt: Attempt) -> str:
    """The candidate as the model should have answered, or what it did answer where there was none."""
    if attempt.candidate is None:
        return clip(attempt.answer, most_chars=MOST_ANSWER_CHARS) or "(nothing)"
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
    # Plain text for a model, not HTML; a value is data and never read as a template.
    environment = Environment(
        loader=FunctionLoader(_source),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fenced"] = _fenced
    text = environment.get_template(name).render(**values)
    return text.strip("\n")
