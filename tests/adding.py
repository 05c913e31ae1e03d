"""One small suite, and every place where a setting can be given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from example import rust

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from example import Example

RED = """\
/// The sum.
pub fn add(a: i64, b: i64) -> i64 {
    todo!()
}
"""
GREEN = RED.replace("todo!()", "a + b")
TESTS = """
import pytest
from pytest_symbiont import evolvable

add = evolvable("add.rs::add")

@pytest.mark.evolve(add)
def test_adds():
    assert add(20, 22) == 42

@pytest.mark.evolve(add)
def test_zero():
    assert add(0, 0) == 0
"""
FILES = {"add.rs": RED, "test_add.py": TESTS}
RIGHT = rust("pub fn add(a: i64, b: i64) -> i64 { a + b }")
WRONG = rust("pub fn add(a: i64, b: i64) -> i64 { a - b }")
WORSE = rust("pub fn add(a: i64, b: i64) -> i64 { a * b + 1 }")


def precedence(
    example: Example,
    option: str,
    values: tuple[str, str, str],
    observe: Callable[[tuple[str, ...], Mapping[str, str]], object],
) -> list[object]:
    """Observed with the option given everywhere, not on the command line, in the ini file only, nowhere.

    ``values`` are those of the command line, the environment and the ini file. ``observe`` runs once with the
    arguments and variables that it gets.
    """
    command_line, variable, ini = values
    flag = f"--evolve-{option}"
    name = f"evolve_{option.replace('-', '_')}"
    # The one option that is a flag takes no value.
    args = ("--strict-config", flag if option == "partial" else f"{flag}={command_line}")
    env = {f"PYTEST_{name.upper()}": variable}
    example.write({"pytest.ini": f"[pytest]\n{name} = {ini}\n"})
    seen = [observe(args, env), observe(("--strict-config",), env), observe(("--strict-config",), {})]
    example.write({"pytest.ini": "[pytest]\n"})
    return [*seen, observe(("--strict-config",), {})]


def refused(example: Example, option: str, value: str) -> list[str]:
    """The errors with this value on the command line, in the environment, in the ini file."""
    flag, name = f"--evolve-{option}", f"evolve_{option.replace('-', '_')}"
    said = []
    for args, env, ini in (
        ((f"{flag}={value}",), {}, ""),
        ((), {f"PYTEST_{name.upper()}": value}, ""),
        ((), {}, f"{name} = {value}\n"),
    ):
        example.write({"pytest.ini": f"[pytest]\n{ini}"})
        ran = example.run("--evolve", *args, env=env, answers=[], code=4)
        assert ran.err.count("ERROR") == 1
        assert "Traceback" not in ran.out + ran.err
        said.append(ran.err.strip())
    return said


def refusals(option: str, rest: str) -> list[str]:
    """What `refused` shall give."""
    name = f"evolve_{option.replace('-', '_')}"
    sources = (f"--evolve-{option}", f"PYTEST_{name.upper()}", f"{name} in pytest.ini")
    return [f"ERROR: {source}: {rest}" for source in sources]
