"""--evolve-stop-file: a file whose appearance ends evolution after the answers under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import FILES, RIGHT, WRONG, precedence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample


def test_command_line_over_environment_over_ini_over_none(example: NewExample) -> None:
    add = example({**FILES, "one": "", "two": "", "three": ""})

    def stopped(args: tuple[str, ...], env: Mapping[str, str]) -> str:
        ran = add.run("--evolve", "--evolve-rounds=1", *args, env=env, answers=[WRONG], requests=None,
                      repeat=True, code=1)  # fmt: skip
        return next((name for name in ("one", "two", "three") if f"stopped by {name};" in ran.summary), "")

    assert precedence(add, "stop-file", ("one", "two", "three"), stopped) == ["one", "two", "three", ""]


def test_the_answer_under_way_is_still_judged(example: NewExample) -> None:
    add = example(FILES)

    def stopping(text: str) -> object:
        (add.path / "stop").write_text("", "utf-8")
        return text

    ran = add.run(
        "--evolve", "--evolve-stop-file=stop", answers=[lambda _: str(stopping(WRONG))],
        changed={"stop": ...}, code=1, outcomes={"failed": 2},
    )  # fmt: skip
    assert "round 1: 1 of 2 tests pass" in ran.out
    assert "not solved: stopped by stop; remove it to go on; its file is untouched" in ran.summary
    assert "1 round, 1 answer of scripted" in ran.summary
    (add.path / "stop").unlink()
    add.run("--evolve", "--evolve-stop-file=stop", answers=[lambda _: str(stopping(RIGHT))],
            changed={"stop": ..., "add.rs": ...})  # fmt: skip
