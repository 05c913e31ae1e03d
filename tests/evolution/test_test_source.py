from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.evolution.test_source import test_source

if TYPE_CHECKING:
    from collections.abc import Callable

    Source = Callable[..., str]

HEAD = """
import math
import os
import pytest
from pytest_symbiont import evolvable

sort = evolvable("sort.rs::sort")
"""


@pytest.fixture
def source(pytester: pytest.Pytester) -> Source:
    """Collects test files (declarations stubbed) and gives what the model reads of the chosen tests."""
    pytester.makepyfile(pytest_symbiont_stub="")
    pytester.makeini("[pytest]\nmarkers = evolve: as the plugin has it\n")
    count = 0

    def read(text: str, *names: str, most_chars: int = 12_000) -> str:
        nonlocal count
        count += 1
        body = (HEAD + dedent(text)).replace("from pytest_symbiont import evolvable", "evolvable = len")
        path = pytester.makepyfile(**{f"test_{count}": body})
        items = pytester.inline_genitems("-p", "no:symbiont", str(path))[0]
        chosen = [item for item in items if not names or item.name.split("[")[0] in names]
        return test_source(chosen, most_chars)

    return read


def test_only_what_is_reached(source: Source) -> None:
    text = source(
        """
        CASES = [1, 2]
        UNUSED = 3

        def helper(n):
            # a comment inside stays
            return other(n)

        def other(n):
            return math.floor(n)

        def unused():
            return os.name

        @pytest.fixture
        def numbers():
            return CASES

        @pytest.mark.evolve(sort)
        @pytest.mark.parametrize("n", [1, 2, 3])
        def test_bound(numbers, n):
            assert helper(n)

        def test_unbound():
            assert UNUSED
        """,
        "test_bound",
    )
    assert text.startswith("# test_1.py\nimport math\nimport pytest\nevolvable = len\nsort = evolvable(")
    for part in ("CASES = [1, 2]", "# a comment inside stays", "def other(", "def numbers("):
        assert part in text
    for part in ("UNUSED", "unused", "import os", "test_unbound"):
        assert part not in text
    assert text.count("def test_bound") == 1


def test_classes_are_reduced_to_their_bound_methods(source: Source) -> None:
    text = source(
        """
        class Base:
            def test_inherited(self):
                assert sort

        class TestSort(Base):
            limit = 3
            unused = 4

            def setup_things(self):
                return self.limit

            def test_bound(self):
                assert self.setup_things()

            def test_unbound(self):
                assert self.unused
        """,
        "test_bound",
        "test_inherited",
    )
    for part in (
        "class TestSort(Base):",
        "limit = 3",
        "def test_bound",
        "def test_inherited",
        "def setup_things",
    ):
        assert part in text
    assert "unbound" not in text
    assert "unused" not in text


def test_holdouts_leave_no_trace(source: Source) -> None:
    text = source("""
        SECRET = [7]

        def secret_helper():
            return SECRET

        @pytest.mark.evolve(sort, holdout=True)
        def test_secret():
            assert secret_helper()

        @pytest.mark.evolve(sort)
        def test_seen():
            # like test_secret, but smaller
            assert sort

        @pytest.mark.evolve(sort)
        class TestBoth:
            def test_seen(self):
                assert sort

            @pytest.mark.evolve(sort, holdout=True)
            def test_secret_too(self):
                assert SECRET
    """)
    assert text.count("def test_seen") == 2
    assert "secret" not in text.lower()
    assert "holdout" not in text


def test_held_out_parameters_of_a_test_on_view(source: Source) -> None:
    text = source("""
        CASES = [1, pytest.param(4711, marks=pytest.mark.evolve(sort, holdout=True))]

        @pytest.mark.parametrize("n", CASES)
        @pytest.mark.evolve(sort)
        def test_seen(n):
            assert n
    """)
    assert "# case: n = 1" in text
    assert "@pytest.mark.evolve(sort)" in text
    assert "4711" not in text
    assert "holdout" not in text


def test_a_module_of_holdouts_is_not_there(source: Source) -> None:
    text = """
        pytestmark = pytest.mark.evolve(sort, holdout=True)

        def test_secret():
            assert sort
    """
    assert source(text) == ""


def test_autouse_and_renamed_fixtures(source: Source) -> None:
    text = source("""
        @pytest.fixture(autouse=True)
        def around():
            os.getcwd()

        @pytest.fixture(name="thing")
        def make_thing():
            return 1

        @pytest.mark.usefixtures("thing")
        def test_it():
            assert sort
    """)
    for part in ("def around", "def make_thing", "import os"):
        assert part in text


def test_what_is_too_long_is_named(source: Source) -> None:
    tests = "\n\n".join(f"def test_{n}():\n    assert sort  # {'x' * 400}" for n in range(9))
    text = source(tests, most_chars=2_000)
    assert len(text) < 2_500
    assert "def test_0" in text
    assert "# left out, too long: " in text
    assert "test_8" in text.rsplit("# left out", 1)[1]


def test_part_of_a_single_long_test_is_shown(source: Source) -> None:
    body = "\n".join(f"    assert sort, {n}" for n in range(300))
    text = source(f"def test_long():\n{body}", most_chars=1_500)
    assert "def test_long" in text
    assert "left out" in text
    assert len(text) < 2_000
