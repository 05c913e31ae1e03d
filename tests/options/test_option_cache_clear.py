"""--symbiont-cache-clear: empty the cache of Rust builds first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adding import FILES, GREEN

from pytest_symbiont.build import cache as caching

if TYPE_CHECKING:
    from pathlib import Path

    from example import NewExample


def test_it_empties_the_cache_and_leaves_what_is_not_ours(example: NewExample, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / caching.key("old")).mkdir()
    (tmp_path / "thesis").mkdir()
    example({"test_nothing.py": "def test_nothing(): pass\n"}).run(
        "--symbiont-cache-clear", env={caching.VARIABLE: str(tmp_path)}, outcomes={"passed": 1}
    )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]


def test_a_cache_that_cannot_be_used_is_a_usage_error(example: NewExample, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    add = example({**FILES, "add.rs": GREEN})
    ran = add.run("--symbiont-cache-clear", env={caching.VARIABLE: str(tmp_path)}, code=4)
    assert f"ERROR: others may write to the build cache {tmp_path}; run `chmod 700 {tmp_path}`" in ran.err
    assert "Traceback" not in ran.out + ran.err


def test_an_ordinary_run_says_it_where_the_declaration_is(example: NewExample, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    ran = example({**FILES, "add.rs": GREEN}).run(
        env={caching.VARIABLE: str(tmp_path)}, code=2, outcomes={"errors": 1}
    )
    assert (
        f"test_add.py:4: others may write to the build cache {tmp_path}; run `chmod 700 {tmp_path}`"
        in ran.out
    )
    assert "pytest_symbiont/" not in ran.out
