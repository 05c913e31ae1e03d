"""What went wrong with an attempt, in the words of a good colleague."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from pytest_symbiont.evolution import reach
from pytest_symbiont.evolution.failure import clip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_symbiont.evolution.values import Attempt, Failure, Outcome

MOST_ERROR_CHARS = 3_000
MOST_ERROR_LINES = 60
MOST_PASSING_NAMES = 6
MOST_PRINTED_CHARS = 1_000
MOST_PRINTED_LINES = 20

_ERROR_START = re.compile(r"^(?=(?:error|warning)(?:\[\w+\])?: )", re.MULTILINE)
_NO_CRATE = re.compile(
    r"^ *= help: (?:if you wanted to use|you might be missing) a crate named `(\w+)`.*$", re.MULTILINE
)
# E0282, E0283, E0284: types that it cannot tell, mostly because of what is wrong before.
_CONSEQUENCE = re.compile(r"error\[E028[234]\]")
# rustc's closing words are no errors of their own.
_CLOSING = re.compile(r"^(error: aborting due to|For more information about|Some errors have detailed)")

# pytest's words for `assert call(...) == value`, `>=` and so on, where a side is a call, or both are.
_COMPARISON = re.compile(
    r"assert (?P<left>.+) (?P<operator>==|!=|<=|>=|<|>) (?P<right>.+)"
    r"\n \+  where (?P<value>.+) = (?P<call>[\w.]+\(.*\))"
    r"(?:\n \+  and   (?P=right) = (?P<other>[\w.]+\(.*\)))?"
)


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
        told = f"That does not compile:\n\n{compile_errors(attempt.verdict.compile_error)}"
    else:
        told = _of_trial(attempt.verdict.outcomes, files)
        told = "\n\n".join(filter(None, [told, reach.told(attempt.verdict.reach, files)]))
    if attempt.problem:
        told = f"{attempt.problem} {told}"
    if attempt.candidate.gaps and not attempt.verdict.green:
        gaps = " and ".join(f"`{gap}`" for gap in dict.fromkeys(attempt.candidate.gaps))
        told = f"That has {gaps} where code belongs: send every line of it.\n\n{told}"
    return told


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
    if fact := _fact(failure):
        return fact
    statement = failure.statement if failure.statement != failure.message else ""
    parts = [
        f"{_title(outcome, failure)}:",
        *([_indented(statement)] if statement else []),
        _said_by(failure),
    ]
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
    """rustc's errors as they are, the most telling ones first and whole, without its warnings."""
    blocks = [block.strip("\n") for block in _ERROR_START.split(text)]
    errors = [_without_closing(b) for b in blocks if b.startswith("error") and not _CLOSING.match(b)]
    if not errors:
        return clip(text.strip(), most_chars=most_chars)  # not the compiler's usual form: a linker's, say
    errors.sort(key=_follows)  # otherwise in rustc's order
    kept: list[str] = []
    for error in errors:
        if kept and sum(map(len, kept)) + len(error) > most_chars:
            break
        kept.append(clip(error, most_lines=MOST_ERROR_LINES, most_chars=most_chars))
    if left_out := len(errors) - len(kept):
        kept.append(f"({left_out} more error{'s' if left_out > 1 else ''} after these)")
    # rustc would have it that a crate can be added to a Cargo.toml.
    return _NO_CRATE.sub(
        r"  = help: there is no crate `\1` here and none can be added: do without it", "\n\n".join(kept)
    )


def _follows(error: str) -> bool:
    """Whether an error is mostly another one's consequence: a type that cannot be told, say."""
    return bool(_CONSEQUENCE.match(error))


def _of_trial(outcomes: Sequence[Outcome], files: Mapping[str, str]) -> str:
    failed = _failed(outcomes)
    if not failed and any(outcome.holdout and not outcome.green for outcome in outcomes):
        return (
            f"{counts(outcomes)}, but other inputs, which are not shown, give wrong results. "
            "Follow the doc comment for every input instead of fitting the tests."
        )
    facts = [outcome for outcome in failed if outcome.failure and _fact(outcome.failure)]
    others = [outcome for outcome in failed if outcome not in facts]
    if facts:
        # Beside plain facts, pytest's words on other assertions only distract.
        others = [o for o in others if o.failure and o.failure.kind != "AssertionError"]
    shown = [*telling(others, limit=2 if facts else 3), *telling(facts)]
    parts = [part for outcome in shown for part in (describe(outcome, files), _printed(outcome)) if part]
    kept = _passing_tests(outcomes)
    if 0 < len(kept) <= MOST_PASSING_NAMES and not facts:
        parts.append(f"These pass already: {', '.join(kept)}")
    return "\n\n".join([f"{counts(outcomes)}. That is wrong:", *parts])


def _passing_tests(outcomes: Sequence[Outcome]) -> list[str]:
    """The tests that pass with all their parameters, where some test does not."""
    red = {_test(outcome) for outcome in outcomes if not outcome.green and not outcome.holdout}
    tests = dict.fromkeys(_test(outcome) for outcome in outcomes if not outcome.holdout)
    return [test.split("::", 1)[-1] for test in tests if test not in red] if red else []


def _failed(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [o for o in outcomes if not o.holdout and o.status in {"failed", "error"}]


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


def _printed(outcome: Outcome) -> str:
    """What the candidate printed in this test, as a part of its own."""
    printed = outcome.failure.printed if outcome.failure else ""
    if not printed:
        return ""
    shown = _indented(clip(printed, MOST_PRINTED_LINES, MOST_PRINTED_CHARS))
    return f"In {_short(outcome)} it printed:\n{shown}"


def _fact(failure: Failure) -> str:
    """``fizzbuzz(1) must return 0, not 1``, where an assertion is nothing but such a call.

    It says all there is to say, and small models heed it alone: a 1.5B model that was stuck on its own
    answer corrected it in 11 of 16 tries, against 0 of 8 with test, statement and pytest's words.
    """
    if failure.kind != "AssertionError" or failure.notes:
        return ""
    match = _COMPARISON.fullmatch(failure.message)
    if match is None or "..." in failure.message or "<" in match["call"] + (match["other"] or ""):
        return ""  # arguments that are cut or have no literal need the test's own words
    left, operator, right, call = match.group("left", "operator", "right", "call")
    if match["value"] == left:
        like = f", like {match['other']}" if match["other"] else ""
        must = f"return {right}" if operator == "==" else f"be {operator} {right}"
        return f"{call} must {must}{like}, not {left}"
    if match["value"] == right and operator == "==":
        return f"{call} must return {left}, not {right}"
    return ""


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
