"""What is left to chance in a trial: not the order of hash maps."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

from example import rust

from pytest_symbiont import RustCrash
from pytest_symbiont.bridge.registry import Registry
from pytest_symbiont.bridge.remote import RemoteRoute
from pytest_symbiont.build.builder import Profile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from example import NewExample

ORDER = "let all: std::collections::HashSet<u32> = (0..64).collect(); all.into_iter().collect()"
# A worker that overflows its stack is replaced.
CRASH = "fn deep(n: u32) -> u32 { deep(n + 1) + n } if n == 0 { return vec![deep(1)] }"
FILES = {
    "mix.rs": "pub fn mix(n: u32) -> Vec<u32> {\n    todo!()\n}\n",
    "test_mix.py": """
        import pytest
        from pytest_symbiont import evolvable

        mix = evolvable("mix.rs::mix")

        @pytest.mark.evolve(mix)
        @pytest.mark.parametrize("n", [1, 0, 2])
        def test_mix(n):
            assert [mix(n), mix(n)] == []
        """,
}


def test_two_sessions_see_the_same_order_and_write_the_same_lineage(example: NewExample) -> None:
    mix = example(FILES)

    def lineage() -> list[dict[str, Any]]:
        mix.run(
            "--evolve", "--evolve-model=scripted", "--evolve-rounds=2", "--evolve-trace=t.jsonl",
            "-p", "no:cacheprovider", code=1, changed={"t.jsonl": ...},
            answers=[rust(f"pub fn mix(n: u32) -> Vec<u32> {{ {CRASH} {ORDER} }}"),
                     rust(f"pub fn mix(_: u32) -> Vec<u32> {{ {ORDER} }}")],
        )  # fmt: skip
        # But for the first line, which has the port of the scripted server.
        return [{**json.loads(line), "seconds": 0} for line in mix.read("t.jsonl").splitlines()[1:]]

    once, again = lineage(), lineage()

    [crashed, ordered] = [line["verdict"]["tests"] for line in once if line["event"] == "attempt"]
    assert "stack overflow" in crashed[1]["message"]
    # Of each two calls the second has an order of its own, and so has a new worker the first one's.
    assert crashed[0]["message"] == crashed[2]["message"] == ordered[0]["message"]
    assert once == again


def test_a_body_that_is_right_in_one_order_alone_does_not_win(example: NewExample) -> None:
    lucky = example({
        "mix.rs": FILES["mix.rs"],
        "test_mix.py": """
            import pytest
            from pytest_symbiont import evolvable

            mix = evolvable("mix.rs::mix")
            first = []

            @pytest.mark.evolve(mix)
            def test_mix():
                got = mix(1)
                first[:] = first or got
                assert got == first
            """,
    })  # fmt: skip

    ran = lucky.run(
        "--evolve",
        "--evolve-rounds=1",
        code=1,
        answers=[rust(f"pub fn mix(_: u32) -> Vec<u32> {{ {ORDER} }}")],
    )

    assert "round 1: 0 of 1 test passes; test_mix fails: assert got == first" in ran.out


def test_a_worker_without_a_seed_leaves_order_to_the_kernel(tmp_path: Path) -> None:
    (tmp_path / "mix.rs").write_text(
        f"pub fn mix() -> Vec<u32> {{ {ORDER} }}\npub fn gone() {{ std::process::abort() }}\n"
    )
    registry = Registry()
    mix: Any = registry.function(tmp_path / "mix.rs", "mix")
    gone: Any = registry.function(tmp_path / "mix.rs", "gone")
    handles = [handle for each in (mix, gone) if (handle := registry.handle(each))]

    def orders(seed: int | None) -> list[list[int]]:
        route = RemoteRoute(
            registry.workbench.builder.native.worker,
            lambda handle, profile: handle.file.build(handle.revision, profile),
            Profile.DISK, timeout=30, output=lambda _: None, together=handles, seed=seed,
        )  # fmt: skip
        for handle in handles:
            handle.route = route
        with closing(route):
            before = mix()
            assert crashes(gone)
            return [before, mix()]

    one, two = orders(1), orders(2)
    assert one == orders(1)
    assert one[0] == one[1]
    assert one[0] != two[0]
    by_chance = orders(None)
    assert by_chance[0] != by_chance[1]
    assert sorted(by_chance[0]) == list(range(64))


def crashes(call: Callable[[], object]) -> bool:
    try:
        call()
    except RustCrash:
        return True
    return False
