from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.evolution.failure import bounded_repr, clip, from_excinfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_symbiont.evolution.values import Failure

    Fails = Callable[..., list[Failure]]


@pytest.fixture
def failures(pytester: pytest.Pytester) -> Fails:
    """Runs a test file and gives what `from_excinfo` makes of each red test."""

    def run(source: str, *arguments: str) -> list[Failure]:
        found: list[Failure] = []

        class Collector:
            @pytest.hookimpl(wrapper=True)
            def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> object:
                report = yield
                if call.excinfo is not None and call.when != "collect":
                    found.append(from_excinfo(item, call.excinfo, call.when))
                return report

        pytester.makepyfile(source)
        pytester.inline_run("-p", "no:cacheprovider", "-p", "no:symbiont", *arguments, plugins=[Collector()])
        return found

    return run


def test_assertion_with_statement_and_parameters(failures: Fails) -> None:
    (failure,) = failures("""
        import pytest

        @pytest.mark.parametrize("n", [3])
        def test_it(n):
            assert abs(n) == 4
    """)
    assert failure.kind == "AssertionError"
    assert failure.phase == "call"
    assert failure.message == "assert 3 == 4\n +  where 3 = abs(3)"
    assert failure.statement == "assert abs(n) == 4"
    assert failure.parameters == (("n", "3"),)


@pytest.mark.parametrize("arguments", [(), ("-v",), ("-q",)], ids=["plain", "verbose", "quiet"])
def test_pytests_hints_are_no_news_to_a_model(failures: Fails, arguments: tuple[str, ...]) -> None:
    (failure,) = failures("def test_it():\n    assert list(range(60)) == list(range(1, 61))", *arguments)
    assert failure.message.startswith("assert [0, 1, 2")
    assert "At index 0 diff: 0 != 1" in failure.message
    assert "to get" not in failure.message
    assert "to show" not in failure.message


def test_long_messages_keep_head_and_tail(failures: Fails) -> None:
    (failure,) = failures("def test_it():\n    raise ValueError('\\n'.join(map(str, range(500))))")
    lines = failure.message.splitlines()
    assert len(lines) <= 40
    assert (lines[0], lines[-1]) == ("0", "499")
    assert "lines left out" in failure.message


def test_panic_with_its_place(failures: Fails) -> None:
    (failure,) = failures("""
        from pytest_symbiont.errors import RustPanic

        def rust():
            raise RustPanic("index out of bounds", "sort.rs", 12, 5)

        def test_it():
            rust()
    """)
    assert (failure.kind, failure.message) == ("RustPanic", "index out of bounds")
    assert (failure.rust_file, failure.rust_line, failure.rust_column) == ("sort.rs", 12, 5)


def test_hypothesis_tells_the_example(failures: Fails) -> None:
    (failure,) = failures("""
        from hypothesis import given, settings, strategies as st

        @settings(database=None, derandomize=True)
        @given(st.integers(0, 100))
        def test_it(n):
            assert n < 7
    """)
    assert failure.statement == "assert n < 7"
    assert any("n=7" in note for note in failure.notes)


def test_groups_are_summed_up_by_their_leaves(failures: Fails) -> None:
    (failure,) = failures("""
        from pytest_symbiont.errors import RustPanic

        def test_it():
            inner = ExceptionGroup("inner", [ValueError("second"), RustPanic("boom", "a.rs", 3, 1)])
            inner.exceptions[0].add_note("n=4")
            raise ExceptionGroup("two failures", [KeyError("first"), inner])
    """)
    assert failure.kind == "ExceptionGroup"
    assert failure.message == "two failures\nKeyError: 'first'\nValueError: second\nn=4\nRustPanic: boom"
    assert failure.rust_line == 3


def test_a_helper_elsewhere_gives_way_to_the_tests_own_line(
    pytester: pytest.Pytester, failures: Fails
) -> None:
    pytester.makepyfile(helper="def check(x):\n    assert x, 'nothing'\n")
    pytester.syspathinsert()
    (failure,) = failures("from helper import check\n\ndef test_it():\n    check([])")
    assert failure.statement == "check([])"


def test_paths_and_addresses_do_not_reach_the_model(pytester: pytest.Pytester, failures: Fails) -> None:
    (failure,) = failures("""
        def test_it(request):
            raise ValueError(f"{request.config.rootpath}/data/x.txt of {object()!r}")
    """)
    assert failure.message == "data/x.txt of <object object at 0x…>"
    assert str(pytester.path) not in failure.message


def test_nothing_that_raises_gets_through(failures: Fails) -> None:
    (failure,) = failures("""
        import pytest

        class Bad(Exception):
            def __str__(self):
                pytest.fail("in str")
            __repr__ = __str__

        @pytest.mark.parametrize("value", [Bad()], ids=["bad"])
        def test_it(value):
            raise value
    """)
    assert failure.message == "<the message of Bad cannot be read>"
    assert failure.parameters == (("value", "<Bad whose repr raises>"),)


def test_an_assertion_without_words_says_its_statement(failures: Fails) -> None:
    (failure,) = failures("def test_it():\n    raise AssertionError")
    assert failure.message == failure.statement == "raise AssertionError"


def test_setup_failures_have_a_phase(failures: Fails) -> None:
    (failure,) = failures("""
        import pytest

        @pytest.fixture
        def broken():
            raise OSError("no disk")

        def test_it(broken):
            pass
    """)
    assert (failure.phase, failure.kind, failure.message) == ("setup", "OSError", "no disk")
    assert failure.statement == 'raise OSError("no disk")'


def test_clip_bounds_both_ways() -> None:
    assert clip("short") == "short"
    assert len(clip("x" * 5_000, most_chars=100)) <= 100
    assert clip("\n".join("abcdef"), most_lines=3).splitlines() == ["a", "… 4 lines left out …", "f"]


def test_bounded_repr_is_bounded() -> None:
    assert bounded_repr([1, 2]) == "[1, 2]"
    assert len(bounded_repr(list(range(1_000)))) <= 200


def test_a_lone_surrogate_can_be_sent(failures: Fails) -> None:
    (failure,) = failures("def test_it():\n    raise ValueError('name: \\udc80')")
    assert failure.message == "name: \\udc80"
