"""--evolve-budget and --evolve-price: how much money a session and each suite may cost."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, WRONG, refusals, refused
from model_server import usage_of

if TYPE_CHECKING:
    from example import NewExample

PROMPT_PRICE, GENERATED_PRICE = 2.0, 10.0
PRICE = f"--evolve-price=scr*={PROMPT_PRICE},{GENERATED_PRICE}"
MODEL = "--evolve-model=scripted"


class Till:
    """A server's own account: answers as long as they may be, and what they cost."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lock = threading.Lock()
        self.cost = 0.0
        self.answers = 0

    def answer(self, request: dict[str, object]) -> str:
        most = int(str(request["max_tokens"]))
        with self._lock:
            self.answers += 1
            text = self._text.replace("NUMBER", str(self.answers))[: 4 * (most - 1)]
            usage = usage_of(request, text)
            self.cost += usage["prompt_tokens"] * PROMPT_PRICE / 1e6
            self.cost += usage["completion_tokens"] * GENERATED_PRICE / 1e6
        return text


ANSWERS = {
    "short": WRONG.replace("a - b", "a - b - NUMBER"),
    "long prose behind": WRONG.replace("a - b", "a - b - NUMBER") + "".join(f"\n{n}" for n in range(2_000)),
    "endless": "".join(f"word {n} " for n in range(20_000)),
    "repeated": WRONG,
}


@pytest.mark.parametrize("text", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("budget", ["0.01", "0.05", "0.01/suite", "0.2,0.04/suite"])
def test_four_lanes_together_stay_below_it(example: NewExample, text: str, budget: str) -> None:
    till = Till(text)
    ran = example(FILES).run(
        "--evolve", "--evolve-lanes=4", f"--evolve-budget={budget}", MODEL, PRICE,
        "--evolve-rounds=20", answers=[till.answer], repeat=True, code=1,
    )  # fmt: skip
    limit = min(float(part.removesuffix("/suite")) for part in budget.split(","))
    assert till.answers == len(ran.requests)
    assert 0 < till.cost <= limit
    assert "may not pay for another answer; allow more with --evolve-budget" in ran.summary or (
        "no body passed in 20 rounds" in ran.summary
    )


def test_a_prompt_that_is_too_dear_is_not_sent(example: NewExample) -> None:
    ran = example(FILES).run("--evolve", "--evolve-budget=0.0001", MODEL, PRICE, answers=[], code=1)
    said = "not solved: what is left of the session's budget of 0.0001 may not pay for another answer; allow"
    assert said in ran.summary


def test_what_it_did_cost_is_told(example: NewExample) -> None:
    till = Till(RIGHT)
    ran = example(FILES).run(
        "--evolve", MODEL, PRICE, "--evolve-budget=1", answers=[till.answer], changed={"add.rs": ...}
    )
    assert f", cost {till.cost:.4f}; model" in ran.summary


def test_a_budget_needs_the_price_of_a_named_model(example: NewExample) -> None:
    said = (
        "--evolve-budget: the price of scripted is not known; give --evolve-price=scripted=PROMPT,GENERATED,"
        " in money a million tokens"
    )
    ran = example(FILES).run("--evolve", MODEL, "--evolve-budget=1", answers=[], code=4)
    assert said in ran.err
    # A server's first model is known when it is asked.
    ran = example(FILES).run("--evolve", "--evolve-budget=1", answers=[], code=1)
    assert f"not evolved: {said}" in ran.summary


def test_the_price_may_come_from_the_environment_or_the_ini_file(example: NewExample) -> None:
    add = example(FILES)
    args = ("--evolve", MODEL, "--evolve-budget=1", "--evolve-write=never")
    env = {"PYTEST_EVOLVE_PRICE": "other=1,2\nscripted=1,2"}
    add.run(*args, env=env, answers=[RIGHT])
    add.write({"pytest.ini": "[pytest]\nevolve_price =\n    other=1,2\n    scripted=1,2\n"})
    add.run(*args, answers=[RIGHT])


@pytest.mark.parametrize("price", ["x", "x=1", "=1,2", "x=1,dear", "x=-1,2"])
def test_a_wrong_price_is_a_usage_error(example: NewExample, price: str) -> None:
    ran = example(FILES).run("--evolve", f"--evolve-price={price}", answers=[], code=4)
    assert f"--evolve-price: {price!r} is not valid; write MODEL=PROMPT,GENERATED" in ran.err


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("0", "'0' is not valid; use a number above 0"),
        ("much", "'much' is not a number"),
        ("inf", "'inf' is not valid; use a number above 0"),
    ],
)
def test_a_wrong_number_is_a_usage_error(example: NewExample, value: str, problem: str) -> None:
    assert refused(example(FILES), "budget", value) == refusals("budget", problem)
