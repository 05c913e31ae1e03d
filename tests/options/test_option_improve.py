"""--evolve-improve: rounds in which a green body's metrics are made better."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from adding import FILES, GREEN, RIGHT, precedence, refusals, refused
from example import rust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import Example, NewExample

# How many of the numbers below 100 it takes for even: a cost that the body decides, and no clock.
SOURCE = "/// Even numbers are 0.\npub fn odd(n: u32) -> u32 {\n    todo!()\n}\n"
TESTS = """
    import pytest
    from pytest_symbiont import evolvable

    odd = evolvable("odd.rs::odd")

    @pytest.mark.evolve(odd)
    def test_even():
        assert odd(2) == 0
        assert odd(3) != 0

    @pytest.mark.evolve(odd)
    def test_size(evolve_metric):
        evolve_metric.minimize("largest", max(odd(n) for n in range(9)))
    """
METERED = {"odd.rs": SOURCE, "test_odd.py": TESTS}


def odd(body: str) -> str:
    return rust(f"pub fn odd(n: u32) -> u32 {{ {body} }}")


LARGE, MIDDLE, SMALL, WRONG = odd("n % 2 * 9"), odd("n % 2 * 5"), odd("n % 2 * 2"), odd("n % 3")


def attempts(example: Example, name: str = "t.jsonl") -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in example.read(name).splitlines()]
    return [line for line in lines if line["event"] == "attempt"]


def test_command_line_over_environment_over_ini_over_0(example: NewExample) -> None:
    one = example(METERED)

    def rounds(args: tuple[str, ...], env: Mapping[str, str]) -> int:
        ran = one.run("--evolve", "--evolve-write=never", *args, env=env, answers=[LARGE], repeat=True)
        return len(ran.requests)

    assert precedence(one, "improve", ("1", "2", "3"), rounds) == [2, 3, 4, 1]


@pytest.mark.parametrize(
    ("value", "problem"), [("-1", "'-1' is not valid; use 0 or more"), ("x", "'x' is not a whole number")]
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "improve", value) == refusals("improve", problem)


def test_the_best_of_all_rounds_is_written_and_the_model_sees_what_was_measured(example: NewExample) -> None:
    one = example(METERED)
    ran = one.run(
        "--evolve", "--evolve-improve=4", "--evolve-trace=t.jsonl",
        answers=[WRONG, LARGE, SMALL, WRONG.replace("n % 3", "n % 3 * 1"), MIDDLE, odd("n % 2 + n % 2")],
        changed={"odd.rs": SOURCE.replace("todo!()", "n % 2 * 2"), "t.jsonl": ...},
    )  # fmt: skip
    assert "best so far: largest 9 -> 2" in ran.out
    assert ran.out.count("best so far") == 1
    assert "green after 6 rounds" in ran.summary
    assert "| test_size | largest, lower is better | 9 |" in ran.last_message(2)
    assert "make it better" in ran.last_message(2)
    assert [one["number"] for one in attempts(one) if one["step"] == ""] == [2, 3, 5, 6]


def test_a_green_suite_is_improved_or_left_as_it_is(example: NewExample) -> None:
    green = {**METERED, "odd.rs": SOURCE.replace("todo!()", "n % 2 * 3")}
    same = example(green).run("--evolve", "--evolve-improve=2", answers=[LARGE, MIDDLE])
    assert "green, nothing better was found in 2 rounds" in same.summary
    better = example(green)
    ran = better.run(
        "--evolve", "--evolve-improve=1", answers=[SMALL],
        changed={"odd.rs": SOURCE.replace("todo!()", "n % 2 * 2")},
    )  # fmt: skip
    assert "| test_size | largest, lower is better | 3 |" in ran.prompt(0)
    assert "so that every test still passes and the measured values get better" in ran.prompt(0)


def test_among_equals_the_shorter_body_stays(example: NewExample) -> None:
    long = odd("let rest = n % 2; let result = rest * 2; result")
    one = example(METERED)
    ran = one.run("--evolve", "--evolve-improve=1", answers=[long, SMALL], changed={"odd.rs": ...})
    assert "best so far: as good, and shorter" in ran.out
    assert "n % 2 * 2" in one.read("odd.rs")


def test_without_a_metric_there_is_nothing_to_improve(example: NewExample) -> None:
    ran = example({**FILES, "add.rs": GREEN}).run("--evolve", "--evolve-improve=1", answers=[], code=1)
    assert "no test reports a metric, so there is nothing to improve" in ran.summary
    ran = example(FILES).run("--evolve", "--evolve-improve=3", answers=[RIGHT], changed={"add.rs": ...})
    assert "no test reports a metric" in ran.out
    assert "green after 1 round" in ran.summary


def test_a_budget_that_ends_keeps_the_best_so_far(example: NewExample) -> None:
    one = example(METERED)
    ran = one.run(
        "--evolve",
        "--evolve-improve=9",
        "--evolve-answers=2",
        answers=[LARGE, SMALL],
        changed={"odd.rs": ...},
    )
    assert "n % 2 * 2" in one.read("odd.rs")
    assert "green after 2 rounds" in ran.summary


TIMED = {
    "odd.rs": SOURCE,
    "test_odd.py": """
        import itertools
        import pytest
        from pytest_symbiont import evolvable

        odd = evolvable("odd.rs::odd")
        # A clock that says something else at every look, as clocks do.
        with open("clock") as file:
            ticks = itertools.count(int(file.read()))

        @pytest.mark.evolve(odd)
        def test_odd(evolve_metric):
            assert odd(3) and not odd(2)
            evolve_metric.minimize("ns", odd(3) * 1000 + next(ticks), threshold=9_500)
        """,
}


def test_a_replay_reports_what_was_measured_when_the_answers_were_new(example: NewExample) -> None:
    one = example({**TIMED, "clock": "0"})
    options = ("--evolve", "--evolve-improve=3", "--evolve-write=never", "--evolve-trace=t.jsonl")
    answers = [odd("n % 2 * 9"), odd("n % 2 * 5"), odd("n % 2 * 2"), odd("n % 2 * 20")]
    one.run(
        *options,
        "--evolve-record=new",
        answers=answers,
        changed={"t.jsonl": ..., "__answers__/odd.rs-odd.jsonl": ...},
    )

    def lineage() -> list[dict[str, Any]]:
        found = [json.loads(line) for line in one.read("t.jsonl").splitlines()]
        for line in found:
            for clock in ("seconds", "started", "models", "replayed"):
                line.pop(clock, None)
        return found

    first = lineage()
    for clock in ("700", "0"):
        one.write({"clock": clock})
        ran = one.run(*options, "--evolve-model=replay", changed={"t.jsonl": ...})
        assert lineage() == first
        assert "replaying by position" not in ran.out
    values = [
        test["metrics"][0]["value"]
        for line in first
        if line["event"] == "attempt"
        for test in line["verdict"]["tests"]
    ]
    assert len(values) == 4
