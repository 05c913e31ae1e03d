"""--evolve-prefer: which lane's question a busy server gets next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import FILES, WRONG, precedence, refusals, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from example import NewExample


def test_command_line_over_environment_over_ini_over_throughput(example: NewExample) -> None:
    add = example(FILES)

    def order(args: tuple[str, ...], env: Mapping[str, str]) -> str:
        """One call at once, four lanes: does one that has been answered come before those that were not?"""
        ran = add.run(
            "--evolve", "--evolve-rounds=2", "--evolve-lanes=3", "--evolve-concurrency=1", *args, env=env,
            answers=[WRONG], repeat=True, code=1,
        )  # fmt: skip
        rounds = [request.body["seed"] % 1_000 for request in ran.requests]
        return "throughput" if rounds == sorted(rounds) else "latency"

    values = ("throughput", "latency", "latency")
    assert precedence(add, "prefer", values, order)[::3] == ["throughput", "throughput"]


def test_a_wrong_word_is_a_usage_error(example: NewExample) -> None:
    problem = "'speed' is not valid; choose from throughput, latency"
    assert refused(example(FILES), "prefer", "speed") == refusals("prefer", problem)
