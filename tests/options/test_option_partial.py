"""--evolve-partial: write although part of a suite was deselected."""

# ruff: noqa: E501 - a message stands in its row, whole

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import FILES, GREEN, RIGHT, precedence, refusals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample

REASON = (
    "not written: 1 of 2 tests of the suite were not selected (first: test_add.py::{}); run them all, or allow it "
    "with --evolve-partial"
)
MARKED = {
    **FILES,
    "test_add.py": FILES["test_add.py"].replace("def test_zero", "@pytest.mark.slow\ndef test_zero"),
    "pytest.ini": "[pytest]\nmarkers =\n    slow: takes long\n",
}


def test_command_line_over_environment_over_ini_over_off(example: NewExample) -> None:
    add = example(FILES)

    outcome = [True, False, True, False]
    expected = list(outcome)

    def written(args: tuple[str, ...], env: Mapping[str, str]) -> bool:
        is_one = expected.pop(0)
        add.run("--evolve", "-k", "zero", *args, env=env, answers=[RIGHT], code=0 if is_one else 1,
                changed={"add.rs": GREEN} if is_one else {})  # fmt: skip
        add.write(FILES)
        return is_one

    assert precedence(add, "partial", ("on", "off", "on"), written) == outcome


@pytest.mark.parametrize(
    ("selection", "missing"),
    [
        (("-k", "zero"), "test_adds"),
        (("-m", "slow"), "test_adds"),
        (("-m", "not slow"), "test_zero"),
        (("--deselect=test_add.py::test_zero",), "test_zero"),
        (("test_add.py::test_adds",), "test_zero"),
    ],
)
def test_whatever_leaves_tests_out_leaves_the_file_alone(
    example: NewExample, selection: tuple[str, ...], missing: str
) -> None:
    add = example(MARKED)
    ran = add.run("--evolve", *selection, answers=[RIGHT], code=1)
    assert REASON.format(missing) in ran.summary
    add.run("--evolve", "--evolve-partial", *selection, answers=[RIGHT], changed={"add.rs": GREEN})


def test_last_failed_counts_as_a_selection(example: NewExample) -> None:
    add = example({**FILES, "add.rs": FILES["add.rs"].replace("todo!()", "a * b")})
    add.run(code=1, outcomes={"failed": 1, "passed": 1})
    ran = add.run("--evolve", "--lf", answers=[RIGHT], code=1)
    assert REASON.format("test_zero") in ran.summary
    add.run("--evolve", "--lf", "--evolve-partial", answers=[RIGHT], changed={"add.rs": ...}, requests=None)


def test_a_selection_that_leaves_the_suite_whole_writes(example: NewExample) -> None:
    add = example({**FILES, "test_other.py": "def test_other(): pass\n"})
    add.run(
        "--evolve",
        "-k",
        "add",
        answers=[RIGHT],
        changed={"add.rs": GREEN},
        outcomes={"passed": 2, "deselected": 1},
    )


@pytest.mark.parametrize("word", ["maybe", "2"])
def test_another_word_is_a_usage_error(example: NewExample, word: str) -> None:
    _, environment, ini = refusals("partial", f"{word!r} is not valid; use on or off")
    add = example(FILES)
    add.write({"pytest.ini": f"[pytest]\nevolve_partial = {word}\n"})
    assert add.run("--evolve", answers=[], code=4).err.strip() == ini
    assert (
        add.run("--evolve", answers=[], env={"PYTEST_EVOLVE_PARTIAL": word}, code=4).err.strip()
        == environment
    )
