"""--evolve-show-prompt: print the first prompt of every red suite and stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import FILES, GREEN

if TYPE_CHECKING:
    from example import NewExample


def test_it_prints_what_a_model_would_be_asked_and_stops(example: NewExample) -> None:
    ran = example(FILES).run("--evolve-show-prompt", outcomes={})
    for part in ("[system]", "[user]", "/// The sum.", "assert add(20, 22) == 42"):
        assert part in ran.out
    assert "prompts are shown, no model is asked" in ran.out
    assert "prompt shown, nothing asked" in ran.summary


def test_quietly_too(example: NewExample) -> None:
    ran = example(FILES).run("--evolve", "--evolve-show-prompt", "-q", answers=[], outcomes={})
    assert "assert add(20, 22) == 42" in ran.out
    assert "symbiont: 1 shown" in ran.out


def test_it_is_the_prompt_that_is_sent(example: NewExample) -> None:
    add = example(FILES)
    shown = add.run("--evolve-show-prompt", answers=[], outcomes={}).out
    sent = add.run("--evolve", "--evolve-rounds=1", answers=["no code"], code=1).prompt(0)
    lines = [line.strip() for line in shown[shown.index("[system]") : shown.index("= symbiont")].splitlines()]
    assert [line.strip() for line in sent.splitlines() if line.strip()] == [
        line for line in lines if line.strip("= ") and line not in {"[system]", "[user]"}
    ]


def test_a_green_suite_has_none(example: NewExample) -> None:
    ran = example({**FILES, "add.rs": GREEN}).run("--evolve-show-prompt", answers=[], outcomes={})
    assert "[user]" not in ran.out
    assert "green, nothing to do" in ran.summary


def test_a_key_without_a_model_is_no_obstacle(example: NewExample) -> None:
    example(FILES).run("--evolve-show-prompt", env={"OPENAI_API_KEY": "not-a-real-key"}, outcomes={})
