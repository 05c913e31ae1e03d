"""--evolve-step: one red test after the other, each with the simplest body."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT
from example import rust

from pytest_symbiont.report import trace
from pytest_symbiont.report.events import Attempt, Baseline, Step, Suite

if TYPE_CHECKING:
    from example import Example, NewExample

PAIR = """\
pub fn inc(n: i64) -> i64 {
    todo!()
}

pub fn dec(n: i64) -> i64 {
    todo!()
}
"""
RED = "pub fn twice(n: i64) -> i64 {\n    todo!()\n}\n"
TESTS = """
    import pytest
    from pytest_symbiont import evolvable

    twice = evolvable("twice.rs::twice")
    pytestmark = pytest.mark.evolve(twice)

    def test_nothing():
        assert twice(0) == 0

    @pytest.mark.parametrize("n", [1, 2])
    def test_small(n):
        assert twice(n) == 2 * n

    def test_again():
        assert twice(2) == 4

    def test_large():
        assert twice(1000) == 2000
    """
KATA = {"twice.rs": RED, "test_twice.py": TESTS}
HELD_OUT = (
    TESTS
    + """
    @pytest.mark.evolve(twice, holdout=True)
    def test_secret():
        assert twice(7777) == 15554
    """
)


def body(expression: str) -> str:
    return rust(f"pub fn twice(n: i64) -> i64 {{ {expression} }}")


NOTHING, SMALL, LARGE, ALL = map(
    body, ("0", "if n < 3 { n + n } else { 0 }", "if n < 3 { n + n } else { 2000 }", "2 * n")
)


def kata_of(example: NewExample, tests: str = TESTS) -> Example:
    return example({**KATA, "test_twice.py": tests})


def test_one_test_after_the_other(example: NewExample) -> None:
    kata = kata_of(example)
    ran = kata.run(
        "--evolve-step", "--evolve-trace=trace.jsonl", "--evolve-report=report.json",
        # What was won for one test is red for the next, where it is tried again as any other body.
        answers=[NOTHING, NOTHING, SMALL, SMALL, ALL],
        changed={"twice.rs": RED.replace("todo!()", "2 * n"), "trace.jsonl": ..., "report.json": ...},
        outcomes={"passed": 5},
    )  # fmt: skip

    # Only the tests up to the first red one are shown, and no word of what is to come.
    assert "test_nothing" in ran.prompt(0)
    assert "todo!()" in ran.prompt(0)
    assert not any(word in ran.prompt(0) for word in ("test_small", "test_again", "test_large", "1000"))
    assert "Write the simplest body" in ran.prompt(0)
    # A step begins with what the one before has won, and the cases of a test come together.
    assert "    0\n" in ran.prompt(1)
    assert "[1, 2]" in ran.prompt(1)
    assert "test_again" not in ran.prompt(2)
    assert "round 2: 1 of 3 tests pass" in ran.out
    # What is green when its turn comes is passed over, and stays in the prompt.
    assert "test_again" in ran.prompt(3)
    assert "test_large" in ran.prompt(3)

    told = [line.strip() for line in ran.summary.splitlines()]
    assert told[1] == "twice.rs::twice: green after 5 rounds"
    assert told[3:7] == [
        "step 1 of 4, test_nothing: 1 round, +1 -1 lines",
        "step 2 of 4, test_small: 2 rounds, +1 -1 lines",
        "step 3 of 4, test_again: green already",
        "step 4 of 4, test_large: 2 rounds, +1 -1 lines",
    ]
    # The course shows each step's difference.
    assert "    -    0\n    +    if n < 3 { n + n } else { 0 }\n" in ran.out
    # A body that knows one test only is what was asked for, so nobody is warned of it.
    assert "warning" not in ran.out

    events = list(trace.read(kata.path / "trace.jsonl"))
    assert [(event.number, event.of, event.name) for event in events if isinstance(event, Step)] == [
        (1, 4, "test_nothing"), (2, 4, "test_small"), (4, 4, "test_large"),
    ]  # fmt: skip
    assert [(event.number, event.round) for event in events if isinstance(event, Attempt)] == [
        (n, n) for n in range(1, 6)
    ]
    assert [len(event.verdict.tests) for event in events if isinstance(event, Attempt) and event.verdict] == [
        1, 3, 3, 5, 5,
    ]  # fmt: skip
    assert sum(isinstance(event, Suite | Baseline) for event in events) == 2

    report = json.loads(kata.read("report.json"))["suites"][0]
    assert [step["name"] for step in report["steps"]] == [
        "test_nothing",
        "test_small",
        "test_again",
        "test_large",
    ]
    assert [step["rounds"] for step in report["steps"]] == [1, 2, 0, 2]
    assert [step["attempt"] for step in report["steps"]] == [1, 3, 0, 5]
    assert {test["trial"] for test in report["tests"]} == {"passed"}


def test_a_step_that_is_not_won_writes_nothing(example: NewExample) -> None:
    ran = kata_of(example).run(
        "--evolve", "--evolve-step", "--evolve-rounds=1", answers=[NOTHING, body("n")], code=1
    )
    assert (
        "not solved: step 2 of 4, test_small: no body passed in 1 round; allow more with --evolve-rounds; "
        "its file is untouched"
    ) in ran.summary
    assert "step 1 of 4, test_nothing: 1 round" in ran.summary


def test_each_step_has_its_rounds_and_all_have_one_budget(example: NewExample) -> None:
    kata = kata_of(example)
    kata.run("--evolve-step", "--evolve-rounds=1", answers=[NOTHING, SMALL, ALL], changed={"twice.rs": ...})
    kata.write(KATA)
    ran = kata.run("--evolve-step", "--evolve-answers=2", answers=[NOTHING, SMALL], code=1)
    assert "step 4 of 4, test_large: the session's 2 answers are used up" in ran.summary


def test_what_is_held_out_comes_last_and_unseen(example: NewExample) -> None:
    kata = kata_of(example, HELD_OUT)
    ran = kata.run(
        "--evolve-step",
        answers=[NOTHING, SMALL, LARGE, ALL],
        changed={"twice.rs": ...},
        outcomes={"passed": 6},
    )
    assert "step 5 of 5, the tests that are held out: 1 round" in ran.summary
    assert not any(word in ran.prompt(n) for n in range(4) for word in ("secret", "7777"))
    assert "Write the simplest body" not in ran.prompt(3)

    # What passes them by itself needs no answer more, but is proven by them.
    kata.write(KATA | {"test_twice.py": HELD_OUT})
    ran = kata.run("--evolve-step", answers=[ALL], changed={"twice.rs": ...}, outcomes={"passed": 6})
    assert "step 5 of 5, the tests that are held out: green already" in ran.summary


def test_recorded_steps_are_replayed_and_gone_on_with(example: NewExample) -> None:
    kata = kata_of(example)
    kata.run(
        "--evolve-step", "--evolve-record=all", "--evolve-write=never",
        answers=[NOTHING, SMALL, NOTHING, ALL],
        changed={"__answers__/twice.rs-twice.jsonl": ...},
    )  # fmt: skip
    ran = kata.run("--evolve-step", "--evolve-model=replay", "--evolve-write=never")
    assert "green after 4 rounds" in ran.summary
    assert "warning" not in ran.out
    # The session that was there last is gone on with: nobody is asked again.
    ran = kata.run("--evolve-step", "--evolve-resume", answers=[], changed={"twice.rs": ...})
    assert "step 4 of 4, test_large: 2 rounds" in ran.summary


def test_of_the_answers_of_a_round_the_shortest_that_passes_wins(example: NewExample) -> None:
    ran = kata_of(example).run(
        "--evolve-step", "--evolve-lanes=2", "--evolve-concurrency=1", "--evolve-strategy=best-of-n",
        answers=[body("let none = n - n; none"), body("n * 2")],
        changed={"twice.rs": RED.replace("todo!()", "n * 2")},
    )  # fmt: skip
    assert "the best so far: as good, and shorter" in ran.out
    assert "step 2 of 4, test_small: green already" in ran.summary


def test_from_scratch_the_kata_begins_anew(example: NewExample) -> None:
    kata = example({**KATA, "twice.rs": RED.replace("todo!()", "n << 1")})
    assert "green, nothing to do" in kata.run("--evolve-step", answers=[]).summary
    ran = kata.run(
        "--evolve-step", "--evolve-from=scratch", answers=[NOTHING, ALL],
        changed={"twice.rs": RED.replace("todo!()", "2 * n")},
    )  # fmt: skip
    assert "todo!()" in ran.prompt(0)
    assert "n << 1" not in ran.prompt(0)
    assert "step 2 of 4, test_small: 1 round" in ran.summary


def test_a_function_of_its_own_a_step(example: NewExample) -> None:
    two = example({
        "pair.rs": PAIR,
        "test_pair.py": """
            import pytest
            from pytest_symbiont import evolvable

            inc, dec = evolvable("pair.rs::inc"), evolvable("pair.rs::dec")

            @pytest.mark.evolve(inc)
            def test_inc():
                assert inc(1) == 2

            @pytest.mark.evolve(dec)
            def test_dec():
                assert dec(2) == 1

            @pytest.mark.evolve(inc, dec)
            def test_both():
                assert dec(inc(5)) == 5
            """,
    })  # fmt: skip
    ran = two.run(
        "--evolve-step",
        answers=[rust("pub fn inc(n: i64) -> i64 { n + 1 }"), rust("pub fn dec(n: i64) -> i64 { n - 1 }")],
        changed={"pair.rs": PAIR.replace("todo!()", "n + 1", 1).replace("todo!()", "n - 1")},
        outcomes={"passed": 3},
    )  # fmt: skip
    assert "dec" not in ran.prompt(0).rpartition("Rewrite")[2]
    assert "step 3 of 3, test_both: green already" in ran.summary


def test_whether_any_body_would_do_is_for_the_whole_suite_to_say(example: NewExample) -> None:
    panics = """
        import pytest
        from pytest_symbiont import RustPanic, evolvable

        twice = evolvable("twice.rs::twice")
        pytestmark = pytest.mark.evolve(twice)

        def test_panics():
            with pytest.raises(RustPanic):
                twice(3)
        """
    kata = example({"twice.rs": RED.replace("todo!()", "n"), "test_twice.py": panics})
    ran = kata.run("--evolve-step", answers=[], code=1)
    assert "stays green when `twice` panics" in ran.summary

    kata.write({"test_twice.py": panics + "\n        def test_one():\n            assert twice(1) == 2\n"})
    answers = [body("panic!()"), body("if n == 3 { panic!() } else { 2 * n }")]
    ran = kata.run("--evolve-step", answers=answers, changed={"twice.rs": ...}, outcomes={"passed": 2})
    assert "step 1 of 2, test_panics: 1 round" in ran.summary


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--evolve-again", "does not go with --evolve-again; to begin anew give --evolve-from=scratch"),
        ("--evolve-only-stale", "does not go with --evolve-only-stale; leave one of them out"),
        ("--evolve-improve=1", "does not go with --evolve-improve; improve when every test is green"),
        ("--evolve-check", "--evolve-check asks no model and does not go with --evolve-step"),
        ("--evolve-adopt", "--evolve-adopt asks no model and does not go with --evolve-step"),
        ("-n1", "does not go with pytest-xdist's -n; leave one of them out, or give -n 0"),
    ],
)
def test_what_it_does_not_go_with(example: NewExample, option: str, said: str) -> None:
    ran = example(FILES).run("--evolve-step", option, answers=[RIGHT], code=4, requests=0)
    assert said in ran.err
    assert "Traceback" not in ran.out + ran.err
