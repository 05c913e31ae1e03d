"""--evolve-only-stale: what is as symbiont.lock says is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import FILES, GREEN, RIGHT, WRONG
from example import rust

if TYPE_CHECKING:
    from example import NewExample

TWICE = {
    "twice.rs": "pub fn twice(a: i64) -> i64 {\n    todo!()\n}\n",
    "test_twice.py": """
        import pytest
        from pytest_symbiont import evolvable

        twice = evolvable("twice.rs::twice")

        @pytest.mark.evolve(twice)
        def test_twice():
            assert twice(2) == 4
        """,
}


def test_only_what_changed_is_asked_for_green_or_red(example: NewExample) -> None:
    both = example({**FILES, **TWICE})
    answers = [RIGHT, rust("pub fn twice(a: i64) -> i64 { a + a }")]
    both.run("--evolve", answers=answers, changed={"add.rs": GREEN, "twice.rs": ..., "symbiont.lock": ...})
    ran = both.run("--evolve-only-stale", answers=[], outcomes={"passed": 3})
    assert ran.summary.count("as symbiont.lock says, left alone") == 2

    both.write({"test_twice.py": TWICE["test_twice.py"].replace("twice(2) == 4", "twice(3) == 6")})
    ran = both.run(
        "--evolve", "--evolve-only-stale", "--evolve-from=scratch",
        answers=[rust("pub fn twice(a: i64) -> i64 { 2 * a }")],
        changed={"twice.rs": ..., "symbiont.lock": ...},
    )  # fmt: skip
    assert "2 * a" in both.read("twice.rs")
    assert "add.rs::add: as symbiont.lock says, left alone" in ran.summary
    both.run("--evolve-check")


def test_from_scratch_everything_is_regenerated_and_the_same_body_renews_its_entry(
    example: NewExample,
) -> None:
    add = example({**FILES, "add.rs": GREEN})
    ran = add.run("--evolve", "--evolve-from=scratch", answers=[WRONG, RIGHT], changed={"symbiont.lock": ...})
    assert "todo!()" in ran.prompt(0)
    assert "green after 2 rounds" in ran.summary
    assert "written: symbiont.lock" in ran.summary
    add.run("--evolve-check")


def test_a_patch_has_body_and_lock(example: NewExample) -> None:
    add = example(FILES)
    ran = add.run("--evolve-only-stale", "--evolve-write=report", answers=[RIGHT])
    patch = (add.path / ".pytest_cache/d/symbiont/evolve.patch").read_text()
    assert "+    a + b" in patch
    assert "+++ b/symbiont.lock" in patch
    assert "as a patch: " in ran.summary


def test_a_lock_that_cannot_be_used_keeps_the_body_back(example: NewExample) -> None:
    add = example({**FILES, "symbiont.lock": "version = 2\n"})
    ran = add.run("--evolve", answers=[RIGHT], code=1, outcomes={"passed": 2})
    assert "not written: symbiont.lock: its version is 2, and this pytest-symbiont knows 1" in ran.summary
