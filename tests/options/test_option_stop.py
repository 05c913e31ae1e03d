"""--evolve-stop: texts that end an answer where the model writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import FILES, RIGHT

if TYPE_CHECKING:
    from example import NewExample


def test_command_line_over_environment_over_ini_over_none(example: NewExample) -> None:
    add = example(FILES)
    ini = "[pytest]\nevolve_stop =\n    FIN\n    THE END\n"
    env = {"PYTEST_EVOLVE_STOP": "ONE\nTWO WORDS"}
    for text, variables, args, expected in (
        (ini, env, ("--evolve-stop=A", "--evolve-stop=B C"), ["A", "B C"]),
        (ini, env, (), ["ONE", "TWO WORDS"]),
        (ini, {}, (), ["FIN", "THE END"]),
        ("[pytest]\n", {}, (), None),
    ):
        add.write({"pytest.ini": text})
        ran = add.run("--evolve", "--evolve-write=never", *args, env=variables, answers=[RIGHT])
        assert ran.requests[0].body.get("stop") == expected
