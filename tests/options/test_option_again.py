"""--evolve-again: evolve green suites too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import FILES, GREEN, RIGHT
from example import rust

if TYPE_CHECKING:
    from example import NewExample

OTHER = rust("pub fn add(a: i64, b: i64) -> i64 { b + a }")


def test_without_it_a_green_suite_costs_nothing(example: NewExample) -> None:
    ran = example({**FILES, "add.rs": GREEN}).run("--evolve", answers=[], outcomes={"passed": 2})
    assert "green, nothing to do" in ran.summary


def test_it_is_a_verb_of_its_own_and_starts_from_the_body_on_disk(example: NewExample) -> None:
    for args in (("--evolve-again",), ("--evolve", "--evolve-again")):
        add = example({**FILES, "add.rs": GREEN})
        ran = add.run(
            *args,
            answers=[OTHER],
            outcomes={"passed": 2},
            changed={"add.rs": GREEN.replace("a + b", "b + a")},
        )
        assert "a + b\n" in ran.prompt(0)
        assert "green after 1 round" in ran.summary


def test_from_scratch_it_hides_the_body(example: NewExample) -> None:
    add = example({**FILES, "add.rs": GREEN})
    ran = add.run("--evolve-again", "--evolve-from=scratch", answers=[OTHER], changed={"add.rs": ...})
    assert "a + b" not in ran.prompt(0)
    assert "todo!()" in ran.prompt(0)


def test_the_same_body_again_leaves_the_file_as_it_is(example: NewExample) -> None:
    add = example({**FILES, "add.rs": GREEN})
    add.run("--evolve-again", answers=[RIGHT], outcomes={"passed": 2}, changed={"symbiont.lock": ...})


def test_an_ini_file_cannot_ask_for_it(example: NewExample) -> None:
    for key in ("evolve", "evolve_again"):
        add = example({**FILES, "add.rs": GREEN, "pytest.ini": f"[pytest]\n{key} = true\n"})
        ran = add.run("--strict-config", code=4)
        assert f"Unknown config option: {key}" in ran.out + ran.err
