"""What went wrong with an attempt, in the words of a good colleague."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from pytest_symbiont.evolution.failure import clip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.evolution.values import Attempt, Failure, Outcome

MOST_ERROR_CHARS = 3_000
MOST_ERROR_LINES = 60
MOST_PASSING_NAMES = 6

_ERROR_START = re.compile(r"^(?=(?:error|warning)(?:\[\w+\])?: )", re.MULTILINE)
# rustc's closing words are no errors of their own.
_CLOSING = re.compile(r"^(error: aborting due to|For more information about|Some errors have detailed)")

# pytest's words for `assert call(...) == value` where neither side takes more than a line.
_CALL_EQUALS = re.compile(r"assert (?P<got>.+) == (?P<want>.+)\n \+  where (?P=got) = (?P<call>[\w.]+\(.*\))")


def feedback(attempt: Attempt, files: Mapping[str, str]) -> str:
    """What the model is told of ``attempt``; ``files`` is the candidate's text by file name.

    Tests that are held out are never named, counted or quoted. That some fail is said only where nothing
    else does, for otherwise the model would be told that all is well.
    """
    if attempt.candidate is None:
        return f"There was no usable function in that answer: {attempt.problem or 'no code block was found'}"
    if attempt.verdict is None:
        return attempt.problem or "That answer was not built."
    if not attempt.verdict.outcomes and not attempt.verdict.compile_error:
        return attempt.problem or "No test ran."
    if attempt.verdict.compile_error:
        return f"That does not compile:\n\n{compile_errors(attempt.verdict.compile_error)}"
    return _of_trial(attempt.verdict.outcomes, files)


def telling(outcomes: Sequence[Outcome], limit: int = 3) -> tuple[Outcome, ...]:
    """The few failures that say most: of different kinds, tests and messages first, then the short ones.

    Never one that is held out, and never twice the same message of the same test.
    """
    left = sorted(_failed(outcomes), key=_length)
    chosen: list[Outcome] = []
    while left and len(chosen) < limit:
        best = max(left, key=lambda outcome: _novelty(outcome, chosen))  # the first, and shortest, of equals
        chosen.append(best)
        left = [outcome for outcome in left if _said(outcome) != _said(best)]
    return tuple(chosen)


def describe(outcome: Outcome, candidate_text: Mapping[str, str]) -> str:
    """One failure: the test with its parameters, its statement, what it said, for a panic the Rust line."""
    failure = outcome.failure
    if failure is None:
        return f"{outcome.nodeid}: {outcome.status}"
    title = _title(outcome, failure)
    if expectation := _expectation(failure):
        parts = [expectation, _indented(f"{title}: {failure.statement}".rstrip(": "))]
    else:
        statement = failure.statement if failure.statement != failure.message else ""
        parts = [f"{title}:", *([_indented(statement)] if statement else []), _said_by(failure)]
    if rust_line := _rust_line(failure, candidate_text):
        parts.append(rust_line)
    parts += [note for note in failure.notes if note]
    return "\n".join(parts)


def counts(outcomes: Sequence[Outcome]) -> str:
    """``3 of 5 tests pass``, held-out ones not counted."""
    seen = [outcome for outcome in outcomes if not outcome.holdout]
    passing = sum(outcome.green for outcome in seen)
    return (
        f"{passing} of {len(seen)} test{'s' if len(seen) != 1 else ''} pass{'es' if len(seen) == 1 else ''}"
    )


def compile_errors(text: str, most_chars: int = MOST_ERROR_CHARS) -> str:
    """rustc's errors as they are, the first ones whole, without its warnings."""
    blocks = [block.strip("\n") for block in _ERROR_START.split(text)]
    errors = [_without_closing(b) for b in blocks if b.startswith("error") and not _CLOSING.match(b)]
    if not errors:
        return clip(text.strip(), most_chars=most_chars)  # not the compiler's usual form: a linker's, say
    kept: list[str] = []
    for error in errors:
        if kept and sum(map(len, kept)) + len(error) > most_chars:
            break
        kept.append(clip(error, most_lines=MOST_ERROR_LINES, most_chars=most_chars))
    if left_out := len(errors) - len(kept):
        kept.append(f"({left_out} more error{'s' if left_out > 1 else ''} after these)")
    return "\n\n".join(kept)


def _of_trial(outcomes: Sequence[Outcome], files: Mapping[str, str]) -> str:
    seen = [outcome for outcome in outcomes if not outcome.holdout]
    hidden_fail = any(outcome.holdout and not outcome.green for outcome in outcomes)
    passing = [outcome for outcome in seen if outcome.green]
    parts = [f"That is wrong: {counts(outcomes)}."]
    failures = telling(outcomes)
    parts += [describe(outcome, files) for outcome in failures]
    if more := len(_failed(outcomes)) - len(failures):
        parts.append(f"({more} more failure{'s' if more > 1 else ''} not shown)")
    kept = _passing_tests(seen)
    if 0 < len(kept) <= MOST_PASSING_NAMES:
        parts.append(f"These pass already: {', '.join(kept)}")
    if hidden_fail and len(passing) == len(seen):
        parts.append(
            "But it is wrong for other inputs, which are not shown. "
            "Follow the description for every input instead of fitting the tests."
        )
    return "\n\n".join(parts)


def _passing_tests(outcomes: Sequence[Outcome]) -> list[str]:
    """The tests that pass with all their parameters, where some test does not."""
    red = {_test(outcome) for outcome in outcomes if not outcome.green}
    tests = dict.fromkeys(_test(outcome) for outcome in outcomes)
    return [test.split("::", 1)[-1] for test in tests if test not in red] if red else []


def _failed(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [o for o in outcomes if not o.holdout and not o.green and o.failure is not None]


def _test(outcome: Outcome) -> str:
    return outcome.nodeid.split("[", 1)[0]


def _said(outcome: Outcome) -> tuple[str, str, str, tuple[str, ...]]:
    failure = outcome.failure
    if failure is None:
        return (_test(outcome), "", "", ())
    return (_test(outcome), failure.kind, failure.message, failure.notes)


def _novelty(outcome: Outcome, chosen: Sequence[Outcome]) -> tuple[bool, bool, bool]:
    test, kind, message, _ = _said(outcome)
    others = [_said(other) for other in chosen]
    return (
        all(kind != other[1] for other in others),
        all(test != other[0] for other in others),
        all(message != other[2] for other in others),
    )


def _length(outcome: Outcome) -> int:
    failure = outcome.failure
    if failure is None:
        return 0
    parameters = sum(len(value) for _, value in failure.parameters)
    return len(failure.message) + len(failure.statement) + sum(map(len, failure.notes)) + parameters


def _short(outcome: Outcome) -> str:
    return outcome.nodeid.split("::", 1)[-1]


def _title(outcome: Outcome, failure: Failure) -> str:
    name = _test(outcome).split("::", 1)[-1] if failure.parameters else _short(outcome)
    where = "" if failure.phase == "call" else f" in its {failure.phase}"
    given = ", ".join(f"{key} = {value}" for key, value in failure.parameters)
    return f"{name} fails{where}" + (f" with {given}" if given else "")


def _said_by(failure: Failure) -> str:
    if failure.kind == "AssertionError":
        return failure.message
    if failure.kind == "RustPanic":
        return f"The Rust code panicked: {failure.message}"
    if failure.kind in {"RustTimeout", "RustCrash"}:
        return failure.message  # its own words say what happened to the call
    return f"{failure.kind}: {failure.message}" if failure.message else failure.kind


def _expectation(failure: Failure) -> str:
    """``fizzbuzz(1) returned 1, but the test expects 0`` for an assertion that is nothing but such a call.

    Small models do not read which side of ``assert 1 == 0`` is theirs.
    """
    match = _CALL_EQUALS.fullmatch(failure.message) if failure.kind == "AssertionError" else None
    return f"{match['call']} returned {match['got']}, but the test expects {match['want']}" if match else ""


def _rust_line(failure: Failure, candidate_text: Mapping[str, str]) -> str:
    """Where a panic happened, the way rustc shows it."""
    if not failure.rust_line:
        return ""
    name = PurePath(failure.rust_file).name
    place = f"at {name}:{failure.rust_line}:{failure.rust_column}"
    text = candidate_text.get(failure.rust_file) or candidate_text.get(name) or ""
    lines = text.splitlines()
    if failure.rust_line > len(lines):
        return place
    line = lines[failure.rust_line - 1].expandtabs(1)
    number = str(failure.rust_line)
    caret = " " * max(failure.rust_column - 1, 0) + "^"
    return f"{place}\n{number} | {line}\n{' ' * len(number)} | {caret}"


def _without_closing(error: str) -> str:
    kept = [line for line in error.splitlines() if not _CLOSING.match(line)]
    return "\n".join(kept).strip("\n")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else line for line in text.splitlines())
