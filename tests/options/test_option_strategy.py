"""--evolve-strategy: how the next question is chosen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from adding import FILES, RIGHT, WORSE, WRONG, precedence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample

PAGE = Path(__file__).parents[2] / "docs" / "strategies.md"


def test_command_line_over_environment_over_ini_over_adaptive(example: NewExample) -> None:
    add = example(FILES)

    def strategy(args: tuple[str, ...], env: Mapping[str, str]) -> object:
        add.run("--evolve", "--evolve-rounds=1", "--evolve-trace=t.jsonl", *args,
                env=env, answers=[WRONG], code=1, changed={"t.jsonl": ...})  # fmt: skip
        return re.findall(r'"strategy":"([\w-]+)"', add.read("t.jsonl"))

    assert precedence(add, "strategy", ("repair", "best-of-n", "islands"), strategy) == [
        ["repair"] * 2, ["best-of-n"] * 2, ["islands"] * 2, ["adaptive"] * 2,
    ]  # fmt: skip


def test_an_unknown_one_is_a_usage_error_before_anything_is_asked(example: NewExample) -> None:
    ran = example(FILES).run("--evolve", "--evolve-strategy=foo", answers=[], code=4)
    assert (
        "ERROR: --evolve-strategy: 'foo' is not valid; choose from adaptive, repair, best-of-n, pareto, "
        "islands, or one that a plugin adds"
    ) in ran.err


def test_best_of_n_asks_the_same_and_stops_a_trial_at_the_first_red_test(example: NewExample) -> None:
    ran = example(FILES).run(
        "--evolve", "--evolve-strategy=best-of-n", answers=[WORSE, WRONG, RIGHT], changed={"add.rs": ...}
    )
    assert ran.prompt(0) == ran.prompt(1) == ran.prompt(2)
    assert "round 1: 0 of 2 tests pass" in ran.out
    # `a - b` is right about zero: what failed last came first, and that was the other test.
    assert "round 2: 0 of 2 tests pass" in ran.out


def test_the_strategy_of_the_documentation_alternates(example: NewExample) -> None:
    blocks = re.findall(r"```python\n# in conftest.py\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    hints, strategy = blocks
    hints = hints.replace('"primes"', '"add"')
    ran = example({**FILES, "conftest.py": strategy + hints}).run(
        "--evolve", "--evolve-strategy=alternate", answers=[WRONG, WORSE, RIGHT],
        changed={"add.rs": ...},
    )  # fmt: skip
    assert "a - b" in ran.prompt(1)
    assert ran.prompt(2) == ran.prompt(0)


def test_lanes_take_the_hints_of_the_project_in_turn(example: NewExample) -> None:
    conftest = 'def pytest_symbiont_hints(targets):\n    return ["Use a sieve.", "Use a wheel."]\n'
    ran = example({**FILES, "conftest.py": conftest}).run(
        "--evolve", "--evolve-lanes=3", "--evolve-rounds=1", answers=[WRONG], repeat=True, code=1
    )
    by_lane = {request.body["seed"] // 1_000: str(request.body["messages"]) for request in ran.requests}
    assert [("sieve" in text, "wheel" in text) for _, text in sorted(by_lane.items())] == [
        (True, False), (False, True), (True, False),
    ]  # fmt: skip
