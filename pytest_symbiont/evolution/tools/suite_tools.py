"""Tools about the suite: run a test, read what is fixed, look at a fixture. They know of no hold-out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_symbiont.evolution.failure import bounded_repr
from pytest_symbiont.evolution.feedback import compile_errors, describe
from pytest_symbiont.models.tools import Signature, ToolError
from pytest_symbiont.models.values import Tool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest

    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.evolution.judge import Judge
    from pytest_symbiont.evolution.marker import Bound
    from pytest_symbiont.evolution.prompt import Task

_MOST_NAMES = 40
_TESTS = "tests"


class RunTest:
    """Runs one test that the model knows against the current revision."""

    lasting = False

    def __init__(
        self, judge: Judge, tests: Sequence[Bound], revisions: Mapping[EvolvingFile, Revision]
    ) -> None:
        self._judge = judge
        self._tests = {_short(bound.item): bound for bound in tests if not bound.holdout}
        self._revisions = revisions
        self._signature = Signature(self.run_test, of="run_test")
        self.tool = Tool(
            "run_test",
            "What one test finds of the function as it stands now; by the test's name.",
            self._signature.schema,
        )

    def use(self, arguments: str) -> str:
        return self.run_test(**self._signature.arguments(arguments))

    def run_test(self, name: str) -> str:
        wanted = name.strip()
        bound = self._tests.get(wanted) or next(
            (bound for short, bound in self._tests.items() if wanted in _spellings(bound.item, short)), None
        )
        if bound is None:
            raise ToolError(f"there is no test {name!r}; there are: {_listed(self._tests)}")
        verdict = self._judge.one(self._revisions, bound)
        if verdict.compile_error:
            return f"it does not compile:\n{compile_errors(verdict.compile_error)}"
        (outcome,) = verdict.outcomes
        if outcome.failure is None:
            return f"{_short(bound.item)}: {outcome.status}"
        texts = {file.name: revision.text for file, revision in self._revisions.items()}
        return describe(outcome, texts)


class ReadContext:
    """Shows what does not change: the files that the functions stand in, and the tests' source."""

    lasting = False

    def __init__(self, task: Task) -> None:
        self._texts = {**task.files, **({_TESTS: task.tests} if task.tests else {})}
        self._signature = Signature(self.read_context, of="read_context")
        self.tool = Tool(
            "read_context",
            f"The text of one of these: {', '.join(self._texts)}. Lines count from 1; 60 of them are shown.",
            self._signature.schema,
        )

    def use(self, arguments: str) -> str:
        return self.read_context(**self._signature.arguments(arguments))

    def read_context(self, name: str, first_line: int = 1) -> str:
        if name not in self._texts:
            raise ToolError(f"there is no {name!r}; there are: {', '.join(self._texts)}")
        lines = self._texts[name].splitlines()
        start = max(0, first_line - 1)
        if start >= len(lines):
            raise ToolError(f"{name} has {len(lines)} lines")
        return "\n".join(lines[start : start + 60])


class ProbeFixture:
    """Sets up a test's fixtures and shows the value of one, as Python shows it."""

    lasting = True

    def __init__(
        self, judge: Judge, tests: Sequence[Bound], revisions: Mapping[EvolvingFile, Revision]
    ) -> None:
        self._judge = judge
        self._revisions = revisions
        self._users: dict[str, Bound] = {}
        for bound in tests:
            for name in () if bound.holdout else getattr(bound.item, "fixturenames", ()):
                self._users.setdefault(name, bound)
        self._users.pop("request", None)
        self._signature = Signature(self.probe_fixture, of="probe_fixture")
        self.tool = Tool(
            "probe_fixture", "The value of a fixture that the tests use.", self._signature.schema
        )

    def use(self, arguments: str) -> str:
        return self.probe_fixture(**self._signature.arguments(arguments))

    def probe_fixture(self, name: str) -> str:
        if name not in self._users:
            raise ToolError(f"there is no fixture {name!r}; there are: {_listed(self._users) or 'none'}")
        seen: list[str] = []

        def peek(item: pytest.Item) -> None:
            values = getattr(item, "funcargs", {})
            seen.extend([bounded_repr(values[name])] if name in values else [])

        verdict = self._judge.one(self._revisions, self._users[name], peek)
        if verdict.compile_error:
            raise ToolError("it cannot be set up, because the function does not compile")
        if not seen:
            raise ToolError("it has no value: its set-up failed, or it is used for what it does")
        return seen[0]


def _short(item: pytest.Item) -> str:
    return item.nodeid.split("::", 1)[-1]


def _spellings(item: pytest.Item, short: str) -> set[str]:
    """What else a test may be called by: the whole node id, and without class and parameters."""
    return {
        item.nodeid,
        short.split("[", 1)[0],
        short.rpartition("::")[2],
        getattr(item, "originalname", short),
    }


def _listed(names: Mapping[str, object]) -> str:
    shown = list(names)[:_MOST_NAMES]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
