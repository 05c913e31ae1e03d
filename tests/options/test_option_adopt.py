"""--evolve-adopt: what a person wrote becomes what is proven."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from adding import FILES, GREEN, RIGHT

if TYPE_CHECKING:
    from example import NewExample


def test_a_hand_written_body_is_adopted_where_it_is_green(example: NewExample) -> None:
    add = example({**FILES, "add.rs": GREEN})
    ran = add.run("--evolve-adopt", changed={"symbiont.lock": ...}, outcomes={"passed": 2})
    assert "add.rs::add: green, and taken as it is\n  written: symbiont.lock" in ran.summary
    entry = tomllib.loads(add.read("symbiont.lock"))["target"]["add.rs::add"]
    assert (entry["model"], entry["rounds"], entry["tokens"]) == ("", 0, 0)
    add.run("--evolve-check")
    ran = add.run("--evolve-adopt")
    assert "green, and as symbiont.lock says" in ran.summary

    add.write({"add.rs": GREEN.replace("a + b", "a - b")})
    ran = add.run("--evolve-adopt", code=1, outcomes={"passed": 1, "failed": 1})
    assert "not as proven: 1 of 2 tests pass" in ran.summary


def test_who_wrote_a_body_stays_known_while_it_is_the_same(example: NewExample) -> None:
    add = example(FILES)
    add.run("--evolve", answers=[RIGHT], changed={"add.rs": GREEN, "symbiont.lock": ...})
    add.write({"test_add.py": FILES["test_add.py"].replace("add(20, 22) == 42", "add(20, 23) == 43")})
    add.run("--evolve-adopt", changed={"symbiont.lock": ...})
    assert tomllib.loads(add.read("symbiont.lock"))["target"]["add.rs::add"]["model"] == "scripted"
    add.write({"add.rs": GREEN.replace("a + b", "b + a")})
    add.run("--evolve-adopt", changed={"symbiont.lock": ...})
    assert tomllib.loads(add.read("symbiont.lock"))["target"]["add.rs::add"]["model"] == ""


def test_lost_entries_go_and_others_stay(example: NewExample) -> None:
    more = (
        FILES["test_add.py"].replace("add", "sub").replace("42", "-2").replace("(0, 0) == 0", "(0, 0) == 0")
    )
    add = example(
        {
            **FILES,
            "add.rs": GREEN,
            "sub.rs": GREEN.replace("add", "sub").replace("+", "-"),
            "test_sub.py": more,
        }
    )
    add.run("--evolve-adopt", changed={"symbiont.lock": ...})
    assert set(tomllib.loads(add.read("symbiont.lock"))["target"]) == {"add.rs::add", "sub.rs::sub"}
    for name in ("sub.rs", "test_sub.py"):
        (add.path / name).unlink()
    ran = add.run("--evolve-check", code=1)
    assert (
        "sub.rs::sub: there is no sub.rs any more; drop its entry with pytest --evolve-adopt" in ran.summary
    )
    add.run("--evolve-adopt", changed={"symbiont.lock": ...})
    assert set(tomllib.loads(add.read("symbiont.lock"))["target"]) == {"add.rs::add"}
    add.run("--evolve-check")


def test_it_leaves_a_patch_where_that_is_asked_for(example: NewExample) -> None:
    add = example({**FILES, "add.rs": GREEN})
    ran = add.run("--evolve-adopt", "--evolve-write=report")
    assert '+[target."add.rs::add"]' in ran.out
    assert "as a patch: git apply .pytest_cache/d/symbiont/evolve.patch" in ran.summary
