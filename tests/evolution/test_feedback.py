from __future__ import annotations

import pytest

from pytest_symbiont.evolution.feedback import compile_errors, counts, describe, feedback, telling
from pytest_symbiont.evolution.values import Attempt, Failure, Outcome, Verdict
from pytest_symbiont.source.values import Candidate

CANDIDATE = Candidate({"f": "{ 0 }"})
ERRORS = """\
warning: unused variable: `n`
 --> f.rs:1:10

error[E0308]: mismatched types
 --> f.rs:2:5
  |
2 |     "x"
  |     ^^^ expected `usize`, found `&str`

error[E0433]: cannot find module or crate `rand` in this scope
 --> f.rs:3:5
  |
  = help: if you wanted to use a crate named `rand`, use `cargo add rand` to add it to your `Cargo.toml`

error: aborting due to 2 previous errors; 1 warning emitted

Some errors have detailed explanations: E0308, E0433.
For more information about an error, try `rustc --explain E0308`.
"""


def red(
    nodeid: str,
    message: str = "assert 1 == 2",
    kind: str = "AssertionError",
    *,
    holdout: bool = False,
    **more: object,
) -> Outcome:
    failure = Failure("call", kind, message, **more)  # type: ignore[arg-type]
    return Outcome(nodeid, "failed", failure, holdout=holdout)


def judged(*outcomes: Outcome) -> str:
    return feedback(Attempt(1, "", CANDIDATE, verdict=Verdict(outcomes)), {})


def test_telling_prefers_other_kinds_and_tests_to_more_of_the_same() -> None:
    same = [red(f"t.py::test_a[{n}]", f"assert {n} == 0") for n in range(20)]
    other = [
        red("t.py::test_b", "assert a much longer message than the others"),
        red("t.py::test_c", "index out of bounds", "RustPanic"),
        red("t.py::test_d", "no answer within 10 s", "RustTimeout"),
    ]
    told = telling([*same, *other], limit=4)
    assert {outcome.nodeid for outcome in told} == {
        "t.py::test_a[0]",
        "t.py::test_b",
        "t.py::test_c",
        "t.py::test_d",
    }
    assert told[0].nodeid == "t.py::test_a[0]"


def test_telling_never_says_one_thing_twice() -> None:
    told = telling([red(f"t.py::test_a[{n}]", "not yet implemented", "RustPanic") for n in range(5)])
    assert len(told) == 1


def test_telling_fills_up_with_other_parameters() -> None:
    assert len(telling([red(f"t.py::test_a[{n}]", f"assert {n} == 9") for n in range(5)])) == 3


def test_holdouts_are_never_told() -> None:
    hidden = red("t.py::test_secret", "assert secret", holdout=True)
    assert telling([hidden]) == ()
    text = judged(Outcome("t.py::test_a", "passed"), red("t.py::test_b", "assert b"), hidden)
    assert "secret" not in text
    assert text.startswith("1 of 2 tests pass")


def test_only_holdouts_red_is_said_without_naming_them() -> None:
    text = judged(Outcome("t.py::test_a", "passed"), red("t.py::test_secret", "assert secret", holdout=True))
    assert text.startswith("1 of 1 test passes, but other inputs")
    assert "secret" not in text


@pytest.mark.parametrize(
    ("message", "fact"),
    [
        ("assert 1 == 0\n +  where 1 = fizzbuzz(1)", "fizzbuzz(1) must return 0, not 1"),
        ("assert 0 == 1\n +  where 1 = fizzbuzz(1)", "fizzbuzz(1) must return 0, not 1"),
        ("assert 1 >= 5\n +  where 1 = advance(0)", "advance(0) must be >= 5, not 1"),
        (
            "assert 7 == 1\n +  where 7 = advance(9)\n +  and   1 = advance(0)",
            "advance(9) must return 1, like advance(0), not 7",
        ),
    ],
)
def test_plain_calls_become_facts(message: str, fact: str) -> None:
    assert describe(red("t.py::test_a", message), {}) == fact


def test_arguments_that_cannot_be_read_keep_the_tests_words() -> None:
    message = "assert 1 == 0\n +  where 1 = f(<object object at 0x…>)"
    assert describe(red("t.py::test_a", message, statement="assert f(x) == 0"), {}) == (
        f"test_a fails:\n    assert f(x) == 0\n{message}"
    )


def test_facts_stand_alone_but_for_other_kinds() -> None:
    text = judged(
        red("t.py::test_a", "assert 1 == 0\n +  where 1 = f(1)"),
        red("t.py::test_b", "assert [1, 2] == [2, 1]"),
        red("t.py::test_c", "no answer within 10 s", "RustTimeout"),
    )
    assert text == (
        "0 of 3 tests pass. That is wrong:\n\n"
        "test_c fails:\nno answer within 10 s\n\nf(1) must return 0, not 1"
    )


def test_panics_show_their_line() -> None:
    outcome = red(
        "t.py::test_a[0-1]",
        "attempt to subtract with overflow",
        "RustPanic",
        statement="sort(xs)",
        parameters=(("n", "0"), ("m", "1")),
        rust_file="src/f.rs",
        rust_line=2,
        rust_column=5,
        notes=("Failing test case: n=0",),
    )
    assert describe(outcome, {"f.rs": "fn f() {\n    n - 1\n}\n"}).splitlines() == [
        "test_a fails with n = 0, m = 1:",
        "    sort(xs)",
        "The Rust code panicked: attempt to subtract with overflow",
        "at f.rs:2:5",
        "2 |     n - 1",
        "  |     ^",
        "Failing test case: n=0",
    ]


def test_a_panic_in_a_text_that_is_not_known_says_where() -> None:
    outcome = red("t.py::test_a", "boom", "RustPanic", rust_file="f.rs", rust_line=9, rust_column=1)
    assert describe(outcome, {}).endswith("at f.rs:9:1")


def test_crashes_carry_their_own_words() -> None:
    assert "stack overflow" in describe(red("t.py::test_a", "f: stack overflow", "RustCrash"), {})


def test_compile_errors_without_warnings_or_advice_that_cannot_be_followed() -> None:
    text = compile_errors(ERRORS)
    assert text.startswith("error[E0308]: mismatched types\n --> f.rs:2:5")
    assert "there is no crate `rand` here" in text
    for noise in ("warning", "cargo add", "aborting", "explain"):
        assert noise not in text


def test_the_first_error_stays_whole() -> None:
    many = "\n\n".join(f"error[E0425]: number {n}\n{'x' * 80}" for n in range(9))
    text = compile_errors(many, most_chars=250)
    assert "number 0" in text
    assert text.endswith("(7 more errors after these)")


def test_what_follows_from_other_errors_comes_last() -> None:
    vague = "error[E0282]: type annotations needed"
    assert compile_errors(f"{vague}\n\nerror[E0425]: cannot find `x`\n\nerror[E0308]: mismatched") == (
        f"error[E0425]: cannot find `x`\n\nerror[E0308]: mismatched\n\n{vague}"
    )


def test_an_error_of_another_form_is_not_lost() -> None:
    assert compile_errors("ld: cannot find -lfoo\n") == "ld: cannot find -lfoo"


def test_an_attempt_without_candidate_says_why() -> None:
    assert "no ```rust block" in feedback(Attempt(1, "hello", problem="there is no ```rust block"), {})


def test_a_compile_error_is_told_before_anything_else() -> None:
    attempt = Attempt(1, "", CANDIDATE, verdict=Verdict(compile_error=ERRORS))
    assert feedback(attempt, {}).startswith("That does not compile:\n\nerror[E0308]")


def test_what_passes_already_is_named_where_few() -> None:
    text = judged(Outcome("t.py::test_a", "passed"), red("t.py::test_b", "assert b"))
    assert text.endswith("These pass already: test_a")


def test_counts_leave_holdouts_out() -> None:
    outcomes = [Outcome("a", "passed"), Outcome("b", "skipped"), red("c"), red("d", holdout=True)]
    assert counts(outcomes) == "2 of 3 tests pass"
