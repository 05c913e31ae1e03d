"""Which attempt is the better one, and what a lineage knows of its attempts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from searching import attempt, ns

from pytest_symbiont.evolution.lineage import Lineage, passes
from pytest_symbiont.evolution.metric import Metric
from pytest_symbiont.evolution.order import best, compare, replaces


def test_green_comes_before_tests_before_metrics() -> None:
    ladder = [
        attempt(1, "no code"),
        attempt(2, "does not compile"),
        attempt(3, "--", ns(1)),
        attempt(4, "+-", ns(900)),
        attempt(5, "+-", ns(800)),
        attempt(6, "++", ns(900)),
        attempt(7, "++", ns(100)),
    ]
    for worse, better in pairwise(ladder):
        assert (compare(better, worse), compare(worse, better)) == (1, -1)
    assert best(reversed(ladder)) is ladder[-1]


def test_of_equals_the_latest_is_gone_on_with() -> None:
    one, other = attempt(1, "+-"), attempt(2, "-+")
    assert best([one, other]) is other
    assert best([]) is None


def test_noise_is_no_improvement() -> None:
    assert compare(attempt(2, "++", ns(95, 6)), attempt(1, "++", ns(100, 2))) == 0


def test_who_is_better_at_one_and_worse_at_another_is_not_comparable() -> None:
    small = attempt(1, "+", ns(100), Metric("bytes", "minimize", 10))
    fast = attempt(2, "+", ns(50), Metric("bytes", "minimize", 90))
    assert compare(small, fast) == compare(fast, small) == 0
    assert not replaces(fast, small)
    assert not replaces(small, fast)


def test_a_shorter_body_wins_among_equals_and_never_against_a_better_one() -> None:
    long = attempt(1, "+", ns(100, 5), body="{ let a = 1; a }")
    short = attempt(2, "+", ns(102, 5), body="{ 1 }")
    slower = attempt(3, "+", ns(120, 5), body="{}")
    assert replaces(short, long)
    assert not replaces(long, short)
    assert not replaces(slower, long)


@pytest.mark.parametrize("lower", [0.0, -5.0])
def test_what_only_one_of_them_reports_does_not_count(lower: float) -> None:
    boasting = attempt(2, "+", Metric("made up", "minimize", lower), body="{ 12345 }")
    honest = attempt(1, "+", ns(100), body="{ 1 }")
    assert not replaces(boasting, honest)


def test_clusters_are_of_the_same_behaviour() -> None:
    one, same, other, broken = (
        attempt(1, "+-"), attempt(2, "+-"), attempt(3, "-+"), attempt(4, "does not compile"),
    )  # fmt: skip
    lineage = Lineage((one, same, other, broken))
    assert list(lineage.clusters.values()) == [(one, same), (other,)]
    assert lineage.tried == (one, same, other)


def test_the_front_is_best_at_some_test_or_metric() -> None:
    nothing, first, second, slow, fast = (
        attempt(1, "---"), attempt(2, "+--"), attempt(3, "-+-"), attempt(4, "++-", ns(9)),
        attempt(5, "--+", ns(2)),
    )  # fmt: skip
    assert Lineage((nothing, first, second, slow, fast)).front == (first, second, slow, fast)
    assert passes(slow) == {"t.py::test_0", "t.py::test_1"}


def test_children_are_those_whose_prompt_quoted_it() -> None:
    parent, child = attempt(1, "+-"), attempt(2, "--", parents=(1,))
    assert Lineage((parent, child)).children(parent) == (child,)
