"""What evolution shows on the terminal."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from pytest_symbiont.evolution.feedback import counts, describe, feedback, telling
from pytest_symbiont.report import github
from pytest_symbiont.report.text import counted, one_line, plain
from pytest_symbiont.report.trend import trends

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest
    from rich.console import Console
    from rich.status import Status
    from rich.text import Text

    from pytest_symbiont.evolution.result import Result, Step
    from pytest_symbiont.evolution.suite import Suite
    from pytest_symbiont.evolution.values import Attempt, Verdict
    from pytest_symbiont.models.gate import ModelChoice
    from pytest_symbiont.models.values import Message
    from pytest_symbiont.settings import Settings

_SPINNER = "dots"
_ENDS = {
    "green": "green, nothing to do",
    "shown": "prompt shown, nothing asked",
    "current": "as symbiont.lock says, left alone",
    "proven": "green, and as symbiont.lock says",
    "adopted": "green, and taken as it is",
    "refused": "not evolved",
    "unproven": "not as proven",
}


class Told(Protocol):
    """A session, as header and summary tell it. ``isolation`` is in words, ``ended`` in order."""

    @property
    def settings(self) -> Settings: ...

    @property
    def suites(self) -> Sequence[object]: ...

    @property
    def ended(self) -> Sequence[Result]: ...

    @property
    def choices(self) -> Sequence[ModelChoice]: ...

    @property
    def replays(self) -> bool: ...

    @property
    def isolation(self) -> str: ...


class Terminal:
    """Tells what the loop does: a live line on a terminal, plain lines elsewhere, and the summary.

    ``-q`` shows one line in all, no option the course of each suite, ``-v`` what was wrong with each attempt,
    ``-vv`` prompts and answers too. ``beside`` says that suites evolve beside each other, so that every line
    has to name its own.
    """

    def __init__(self, config: pytest.Config, *, beside: bool = False) -> None:
        self._config = config
        self._beside = beside
        self._console: Console | None = None
        self._status: Status | None = None
        self._greens: dict[Suite, str] = {}
        self._warnings: list[str] = []
        self._problems: list[str] = []
        self._annotations: list[str] = []
        self._on_github = github.is_running(os.environ)

    # What the loop reports.

    def waiting(self, result: Result, what: str) -> None:
        """Show on the live line what is being waited for."""
        if self._status is not None:
            green = self._greens.get(result.suite, "")
            where = f"round {len(result.attempts) + 1}, {green}" if green else "before the first round"
            # Naming the spinner anew draws the line at once, not at its next tick.
            self._status.update(
                f"{self._plain(result.suite.name)}: {where}, waiting for {what}", spinner=_SPINNER
            )

    def baseline(self, result: Result, verdict: Verdict) -> None:
        suite = result.suite
        if verdict.compile_error:
            self._line(f"{suite.name}: what is on disk does not compile")
        elif not verdict.green:
            self._line(f"{suite.name}: {_counts(verdict)} as it is on disk")
        self._greens[suite] = _counts(verdict)

    def prompted(self, result: Result, messages: Sequence[Message]) -> None:
        asked_for = bool(self._config.getoption("--evolve-show-prompt"))
        if self._verbosity < 2 and not asked_for:  # noqa: PLR2004 - -vv
            return
        self._line(f"{result.suite.name}: prompt", always=asked_for)
        for message in messages:
            self._block(f"[{message.role}]\n{message.content}", always=asked_for)

    def told(self, result: Result, text: str) -> None:
        self._line(f"  {result.suite.name}: {text}")

    def attempted(self, result: Result, attempt: Attempt) -> None:
        if attempt.verdict is not None:
            self._greens[result.suite] = _counts(attempt.verdict)
        where = f"round {attempt.round}" + (f", lane {attempt.lane + 1}" if result.lanes > 1 else "")
        where = f"{result.suite.name}, {where}" if self._beside else where
        if self._verbosity >= 2:  # noqa: PLR2004 - -vv
            self._line(f"  {where}: answer")
            self._block(attempt.answer)
        green = attempt.verdict is not None and attempt.verdict.green
        self._line(f"  {where}: {_outcome(attempt)}", green=green)
        if self._verbosity >= 1:
            for note in attempt.candidate.notes if attempt.candidate else ():
                self._line(f"    {note}")
            if not green and attempt.verdict is not None:
                self._block(feedback(attempt, {}))

    def stepping(self, result: Result, step: Step, verdict: Verdict) -> None:
        self._line(f"{result.suite.name}: {step.label}")
        self._greens[result.suite] = _counts(verdict)

    def stepped(self, result: Result, step: Step) -> None:
        """The body's difference; the rounds that it took were told before."""
        if not step.rounds:
            self._line(f"{result.suite.name}: {step.label}: green already")
        for line in step.diff:
            self._line(f"    {line}", green=line.startswith("+"), red=line.startswith("-"))

    def ended(self, result: Result) -> None:
        if result.end == "green":
            self._line(f"{result.suite.name}: {_end(result)}")
        elif result.end == "refused":
            self._line(f"{result.suite.name}: not evolved, as the summary will tell", red=True)

    def warn(self, text: str) -> None:
        """A sentence for the user, now and in the summary."""
        self._warnings.append(text)
        self._line(f"warning: {text}")

    def fail(self, text: str) -> None:
        """A sentence for the summary, for which the session must not end well."""
        self._problems.append(text)

    @property
    def problems(self) -> Sequence[str]:
        """What was said to `fail`."""
        return self._problems

    def annotate(self, lines: Sequence[str]) -> None:
        """Lines for a program that reads the output, at its end."""
        self._annotations += lines

    @property
    def failed(self) -> bool:
        return bool(self._problems)

    # What pytest's hooks ask for.

    def header(self, session: Told) -> list[str]:
        """Which model, and that answers are replayed where they are."""
        if not session.suites:
            if self._reporter is not None and self._reporter.stats.get("error"):
                return []  # what could not be collected may have been marked
            return ["symbiont: no selected test is marked with @pytest.mark.evolve: nothing to evolve"]
        if self._verbosity < 0:
            return []
        if session.settings.check or session.settings.adopt:
            what = "what is on disk is held against symbiont.lock, no model is asked"
        elif session.settings.show_prompt:
            what = "prompts are shown, no model is asked"
        elif session.replays:
            what = "recorded answers are replayed, no model is asked"
        else:
            labels = [choice.label for choice in session.choices]
            what = f"model{'s' if len(labels) > 1 else ''}: {', '.join(labels)}"
        return [f"symbiont: {counted(len(session.suites), 'suite')}; {what}; {session.isolation}"]

    def summary(self, session: Told) -> None:
        """The section at the end."""
        self._section(session)
        for line in self._annotations:
            self._reporter.write_line(line)

    def _section(self, session: Told) -> None:
        results = session.ended
        reporter = self._reporter
        if reporter is None or not (results or self._problems):
            return
        if self._verbosity < 0:
            replayed = "; recorded answers were replayed" if session.replays else ""
            warned = f"; {self._problems[0]}" if self._problems else ""
            warned += (
                f"; {counted(len(self._warnings), 'warning')}: {self._warnings[0]}" if self._warnings else ""
            )
            reporter.write_line(self._plain(f"{_in_one_line(results)}{replayed}{warned}"))
            return
        reporter.write_sep("=", "symbiont")
        for result in results:
            ended = self._plain(f"{result.suite.name}: {_end(result)}")
            reporter.write_line(ended, red=result.failed, green=result.end == "won" and not result.failed)
            if result.attempts:
                reporter.write_line(f"  {_price(result)}")
            width = reporter._tw.fullwidth - 2  # noqa: SLF001 - as above
            for line in (*map(_step, result.steps), *trends(result.attempts, width, _encoding())):
                reporter.write_line(self._plain(f"  {line}"))
            if result.untested:
                reporter.write_line(self._plain(f"  no test reaches {result.untested}"), yellow=True)
            if result.written:
                reporter.write_line(f"  {self._plain(result.written)}", red=result.kept_back)
        for problem in self._problems:
            reporter.write_line(self._plain(problem), red=True)
        for warning in self._warnings:
            reporter.write_line(self._plain(f"warning: {warning}"), yellow=True)

    def can_ask(self) -> bool:
        """Whether somebody sits at a keyboard; gives it back if pytest has taken it."""
        capture = self._config.pluginmanager.get_plugin("capturemanager")
        if capture is not None:
            capture.suspend_global_capture(in_=True)
        return bool(sys.stdin and sys.stdin.isatty() and sys.stdout.isatty())

    def ask(self, question: str) -> str:
        """One answer from the keyboard, in lower case; the end of input is `no`."""
        try:
            return input(question).strip().lower()
        except EOFError:
            return "no"

    def key(self, question: str, wanted: str) -> str:
        """One of the ``wanted`` keys, or the last of them where nobody will press any."""
        from pytest_symbiont.watch.keyboard import keys, pressed  # noqa: PLC0415 - not on every system

        self._out(question)
        answer = ""
        try:
            with keys():
                while answer not in [*wanted, "\x04"]:
                    answer = pressed()
        except KeyboardInterrupt:
            answer = ""
        answer = answer if answer in [*wanted] else wanted[-1]
        self._out(f"{answer}\n")
        return answer

    def _out(self, text: str) -> None:
        """Without pytest's own writer, which counts columns to break the line of its dots."""
        sys.stdout.write(plain(text))
        sys.stdout.flush()

    def line(self, text: str) -> None:
        """A line of the header's, where pytest itself does not ask for it."""
        self._line(text, always=True)

    def show(self, text: Text) -> None:
        """Print something coloured, as far as this terminal has colours."""
        reporter = self._reporter
        if reporter is None:
            return
        self._end_line(reporter)
        if reporter._tw.hasmarkup:  # noqa: SLF001 - pytest's own answer to --color and NO_COLOR
            from rich.console import Console  # noqa: PLC0415 - only on a terminal

            Console(file=sys.stdout, highlight=False, soft_wrap=True).print(text)
        else:
            said = self._plain(text.plain)
            reporter.write(said if said.endswith("\n") else f"{said}\n")

    @contextmanager
    def live(self) -> Iterator[None]:
        """Keep a live line below the course, where there is a terminal."""
        reporter = self._reporter
        if reporter is None or self._verbosity < 0 or not reporter.isatty:
            yield
            return
        from rich.console import Console  # noqa: PLC0415 - only on a terminal

        reporter.ensure_newline()
        # A copy of the terminal's descriptor: during a trial pytest captures the original.
        with os.fdopen(os.dup(1), "w", encoding="utf-8") as output:
            # And its size as it is now: rich would ask the descriptors that are captured then.
            size = os.get_terminal_size(output.fileno())
            self._console = Console(
                file=output,
                force_terminal=True,
                no_color=not reporter.hasmarkup,
                highlight=False,
                markup=False,
                emoji=False,
                width=size.columns or None,
                height=size.lines or None,
            )
            try:
                with self._console.status("", spinner=_SPINNER) as self._status:
                    yield
            finally:
                self._console = self._status = None

    def _plain(self, text: str) -> str:
        """Text of models and tests that gives neither the terminal nor GitHub's runner a command."""
        return github.defused(plain(text)) if self._on_github else plain(text)

    @property
    def _reporter(self) -> Any:
        return self._config.pluginmanager.get_plugin("terminalreporter")

    @property
    def _verbosity(self) -> int:
        level: int = self._config.get_verbosity()
        return level

    def _line(self, text: str, *, green: bool = False, red: bool = False, always: bool = False) -> None:
        reporter = self._reporter
        if reporter is None or (self._verbosity < 0 and not always):
            return
        if self._console is not None:
            style = "green" if green else "red" if red else None
            self._console.print(self._plain(text), style=style, soft_wrap=True)
            return
        self._end_line(reporter)
        reporter.write_line(self._plain(text), green=green, red=red)

    def _end_line(self, reporter: Any) -> None:
        reporter.ensure_newline()
        # Under -q, and with pytest-xdist, the dots are not pytest's to end.
        if reporter._tw.width_of_current_line:  # noqa: SLF001 - it says so nowhere else
            reporter.write_line("")

    def _block(self, text: str, *, always: bool = False) -> None:
        for line in text.splitlines():
            self._line(f"    {line}".rstrip(), always=always)


def _counts(verdict: Verdict) -> str:
    return "nothing ran" if verdict.compile_error else counts(verdict.outcomes)


def _outcome(attempt: Attempt) -> str:
    """One attempt on one line."""
    known = "known from an earlier session: " if attempt.verdict and attempt.problem else ""
    return f"{known}{_found(attempt)}"


def _found(attempt: Attempt) -> str:
    verdict = attempt.verdict
    if verdict is None:
        named = f"{attempt.step.name}: " if attempt.step is not None else ""
        return one_line(f"{named}{attempt.problem}")
    if verdict.compile_error:
        return f"does not compile: {one_line(verdict.compile_error.splitlines()[0])}"
    worst = telling(verdict.outcomes, limit=1)
    if not worst and not verdict.green:
        return f"{counts(verdict.outcomes)}; a hold-out test is red"
    said = describe(worst[0], {}).splitlines() if worst else ()
    told = "; ".join([counts(verdict.outcomes), *(line.strip() for line in said if line.strip())])
    return one_line(told.replace(":; ", ": "), 200)


def _end(result: Result) -> str:
    match result.end:
        case "green":
            return f"green, {result.message or 'nothing to do'}"
        case "won":
            won = result.winning
            models = {attempt.model for attempt in result.attempts}
            by = f", by {plain(won.model)}" if won is not None and len(models) > 1 else ""
            return f"green after {counted(result.rounds, 'round')}{by}"
        case "lost":
            return f"not solved: {result.message}; its file is untouched"
        case "interrupted":
            return f"interrupted after {counted(result.rounds, 'round')}; its file is untouched"
        case "refused" | "unproven":
            return f"{_ENDS[result.end]}: {result.message}"
        case _:
            return _ENDS[result.end]


def _step(step: Step) -> str:
    took = f"{counted(step.rounds, 'round')}, {step.size}" if step.rounds else "green already"
    return f"{step.label}: {took}"


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "ascii"


def _price(result: Result) -> str:
    models = ", ".join(dict.fromkeys(plain(attempt.model) for attempt in result.attempts))
    return (
        f"{counted(result.rounds, 'round')}, {counted(len(result.attempts), 'answer')} of {models}, "
        f"{counted(result.compile_errors, 'compile error')}, {counted(result.generated_tokens, 'token')}"
        f"{f', cost {result.cost:.4f}' if result.cost else ''}; "
        f"model {result.model_seconds:.1f} s, rustc {result.build_seconds:.1f} s, "
        f"tests {result.test_seconds:.1f} s"
    )


def _in_one_line(results: Sequence[Result]) -> str:
    kinds = {"won": "won", "green": "already green", "lost": "not solved", "refused": "not evolved",
             "interrupted": "interrupted", "shown": "shown", "current": "left alone",
             "proven": "as proven", "adopted": "adopted", "unproven": "not as proven"}  # fmt: skip
    parts = [
        f"{number} {words}"
        for end, words in kinds.items()
        if (number := sum(result.end == end for result in results))
    ]
    files = len({result.written for result in results if result.written.startswith("written: ")})
    if files:
        parts.append(f"{counted(files, 'file')} written")
    line = f"symbiont: {', '.join(parts)}"
    patches = sorted({result.written for result in results if result.written.startswith("as a patch: ")})
    line = "; ".join([line, *patches])
    for result in results:
        problem = result.written if result.kept_back else result.message if result.failed else ""
        if problem:
            return f"{line}; {result.suite.name}: {one_line(problem, 300)}"
    return line
