"""--evolve-extra-body: a JSON object that every request gets on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT, precedence, refusals, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample


def test_command_line_over_environment_over_ini_over_nothing(example: NewExample) -> None:
    add = example(FILES)

    def sent(args: tuple[str, ...], env: Mapping[str, str]) -> object:
        ran = add.run("--evolve", "--evolve-write=never", *args, env=env, answers=[RIGHT])
        return ran.requests[0].body.get("top_k")

    values = ('{"top_k": 1}', '{"top_k": 2}', '{"top_k": 3}')
    assert precedence(add, "extra-body", values, sent) == [1, 2, 3, None]


@pytest.mark.parametrize("value", ["[1]", "top_k=1"])
def test_what_is_no_object_is_a_usage_error(example: NewExample, value: str) -> None:
    problem = f'{value!r} is not a JSON object; write it like {{"top_k": 20}}'
    assert refused(example(FILES), "extra-body", value) == refusals("extra-body", problem)
