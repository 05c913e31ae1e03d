"""What each strategy asks next, from what was tried."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from searching import attempt, ns, proposed, room

from pytest_symbiont.evolution.lineage import Lineage
from pytest_symbiont.evolution.strategies import NAMES, make
from pytest_symbiont.evolution.strategies.adaptive import ARMS, DEFAULTS, Adaptive
from pytest_symbiont.evolution.strategies.best_of_n import BestOfN
from pytest_symbiont.evolution.strategies.hints import HINTS
from pytest_symbiont.evolution.strategies.islands import Islands
from pytest_symbiont.evolution.strategies.pareto import Pareto
from pytest_symbiont.evolution.strategies.payoff import Payoffs, Tally, from_rows, to_rows
from pytest_symbiont.evolution.strategies.repair import Repair
from pytest_symbiont.evolution.values import Attempt, Decision

if TYPE_CHECKING:
    from pytest_symbiont.evolution.strategies.protocol import Query


def parents_of(query: Query) -> tuple[int, ...]:
    return tuple(one.number for one in query.quoted)


def decided(arm: str, model: str = "m") -> Decision:
    return Decision("adaptive", arm, "", model)


@pytest.mark.parametrize("name", NAMES)
def test_every_strategy_begins_with_the_bare_task_in_every_lane(name: str) -> None:
    strategy = make(name, {}, lambda _: None)
    assert strategy.name == name
    queries = proposed(strategy, lanes=3, hints=("a", "b"))
    assert [query.lane for query in queries] == [0, 1, 2]
    assert {(query.arm, query.quoted) for query in queries} == {("fresh", ())}
    assert [query.hint for query in queries] == ["a", "b", "a"]
    assert all(query.why for query in queries)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_lineage_and_seed_lead_to_the_same_questions(name: str) -> None:
    history = [
        attempt(1, "+--", lane=0), attempt(2, "-+-", lane=1), attempt(3, "no code", lane=2),
        attempt(4, "++-", lane=0, parents=(1,)), attempt(5, "does not compile", lane=1, parents=(2,)),
    ]  # fmt: skip

    def asked(seed: int) -> list[object]:
        strategy = make(name, {}, lambda _: None)
        strategy.propose(Lineage(), room(1, lanes=3))
        return [*proposed(strategy, *_by_round(history, 3), lanes=3, seed=seed)]

    assert asked(1) == asked(1)


def _by_round(history: list[Attempt], lanes: int) -> list[Attempt]:
    return [replace(each, round=1, lane=number % lanes) for number, each in enumerate(history[:lanes])]


def test_best_of_n_learns_nothing() -> None:
    [query] = proposed(BestOfN(), attempt(1, "+-"), attempt(2, "no code"))
    assert (query.quoted, query.temperature, query.arm) == ((), 0.7, "fresh")


def test_repair_mends_while_it_gets_better_and_then_starts_afresh_and_hotter() -> None:
    one, two, three = attempt(1, "+--"), attempt(2, "++-"), attempt(3, "++-")
    [query] = proposed(Repair(), one, two)
    assert (query.quoted, query.arm) == ((one, two), "repair")
    [query] = proposed(Repair(), one, two, three, attempt(4, "---"))
    assert (query.quoted, query.arm) == ((), "fresh")
    assert query.temperature == pytest.approx(0.8)


def test_repair_sees_a_better_metric_as_progress() -> None:
    line = [attempt(number, "-", ns(100 / number)) for number in range(1, 7)]
    [query] = proposed(Repair(), *line)
    assert query.quoted == tuple(line)


def test_adaptive_mends_a_near_miss_and_leaves_it_when_that_fails() -> None:
    strategy, history, arms = Adaptive(), [attempt(1, "+++-")], []
    while len(history) < 8:
        strategy.observe(history[-1])
        [query] = strategy.propose(Lineage(tuple(history)), room(len(history) + 1))
        arms.append(query.arm)
        parents = tuple(one.number for one in query.quoted)
        history.append(attempt(len(history) + 1, "+++-", parents=parents, decision=decided(query.arm)))
    assert arms[0] == "repair near"
    assert {"fresh", "hint"} <= set(arms)
    assert arms.count("repair near") < len(arms) / 2


@pytest.mark.parametrize(
    ("passed", "arm"),
    [("+-", "repair near"), ("---", "repair far"), ("does not compile", "repair uncompiled"),
     ("no code", "repair unusable")],
)  # fmt: skip
def test_adaptive_tells_what_was_wrong_with_a_first_answer(passed: str, arm: str) -> None:
    first = attempt(1, passed)
    [query] = proposed(Adaptive(), first)
    assert (query.arm, query.quoted) == (arm, (first,))


def test_adaptive_puts_together_what_each_is_right_about() -> None:
    one, other = attempt(1, "++-"), attempt(2, "--+")
    queries = proposed(Adaptive(arms=["combine"]), one, other, lanes=2)
    assert (queries[0].quoted, queries[0].combine) == ((one, other), True)
    again = attempt(3, "---", parents=(1, 2), decision=decided("combine"))
    [query] = proposed(Adaptive(arms=["combine"]), one, other, again)
    assert (query.arm, query.quoted) == ("fresh", ())


def test_adaptive_gives_each_hint_once_and_the_projects_first() -> None:
    given = attempt(2, "-", decision=decided("hint"))
    for hints, expected in (((), HINTS[1]), (("try a sieve", "try a wheel"), "try a wheel")):
        [query] = proposed(Adaptive(arms=["hint"]), attempt(1, "-"), given, hints=hints)
        assert (query.arm, query.hint) == ("hint", expected)


def test_lanes_of_a_round_share_out() -> None:
    queries = proposed(Adaptive(), attempt(1, "+-"), attempt(2, "-+"), lanes=4)
    assert len({(query.arm, parents_of(query), query.hint) for query in queries}) >= 3


def test_adaptive_goes_to_the_model_that_pays_off() -> None:
    strategy = Adaptive()
    for number in range(1, 9):
        good = number % 2 == 0
        strategy.observe(attempt(number, "-" * 9, decision=decided("fresh", "good" if good else "bad")))
        strategy.payoffs.observe("good", "fresh", 0.9, 50)
    [query] = strategy.propose(Lineage((attempt(1, "no code"),)), room(2, models=("bad", "good")))
    assert query.model == 1


def test_adaptive_betters_a_green_body_only_where_that_is_asked_for() -> None:
    green = attempt(1, "++", ns(100))
    [query] = proposed(Adaptive(), green, improving=True)
    assert (query.arm, query.quoted) == ("improve", (green,))
    [query] = proposed(Adaptive(), green)
    assert query.arm == "fresh"


def test_an_arm_that_is_left_out_is_never_taken() -> None:
    history = [attempt(1, "++-"), attempt(2, "--+"), attempt(3, "does not compile"), attempt(4, "no code")]
    for arm in set(ARMS) - {"fresh"}:
        queries = proposed(Adaptive(arms=set(ARMS) - {arm}), *history, lanes=8)
        assert arm not in {query.arm for query in queries}


def test_payoffs_of_the_past_draw_the_defaults_and_the_present_outweighs_them() -> None:
    payoffs = Payoffs(DEFAULTS, {("m", "hint"): Tally(50, 40, 5_000)})
    gain, tokens = payoffs.expected("m", "hint")
    assert gain > 5 * DEFAULTS["hint"].gain
    assert tokens < DEFAULTS["hint"].tokens
    for _ in range(30):
        payoffs.observe("m", "hint", 0.0, 200)
    worse, dearer = payoffs.expected("m", "hint")
    assert worse < gain / 4
    assert dearer > tokens
    assert payoffs.expected("other", "hint")[0] == pytest.approx(DEFAULTS["hint"].gain)


def test_payoffs_are_kept_bounded_and_a_damaged_cache_is_no_obstacle() -> None:
    payoffs = Payoffs(DEFAULTS, {("m", "fresh"): Tally(150, 10, 9_000)})
    for _ in range(100):
        payoffs.observe("m", "fresh", 1.0, 60)
    [row] = to_rows(payoffs.merged())
    assert row[:2] == ("m", "fresh")
    assert row[2] == 200
    assert from_rows([list(row), ["m"], 3, None, ["m", "x", -1, 0, 0], ["m", "x", "1", 0, 0]]) == {
        ("m", "fresh"): Tally(*row[2:])
    }


def test_pareto_pairs_strengths_and_drops_whom_nobody_could_mend() -> None:
    one, other = attempt(1, "++-"), attempt(2, "--+")
    [query] = proposed(Pareto(), one, other)
    assert query.combine
    assert set(parents_of(query)) == {1, 2}
    merged = attempt(3, "---", parents=(1, 2), decision=decided("combine"))
    [query] = proposed(Pareto(), one, other, merged)
    assert not query.combine
    assert parents_of(query)[0] in {1, 2}
    hopeless = [attempt(number, "---", parents=(1, 2)) for number in range(3, 7)]
    [query] = proposed(Pareto(), one, other, *hopeless)
    assert (query.arm, query.quoted) == ("fresh", ())


def test_islands_keep_apart_exchange_their_best_and_start_anew() -> None:
    islands = Islands()
    history: list[Attempt] = []
    quoted = []
    for number in range(1, 16):
        [query] = islands.propose(Lineage(tuple(history)), room(number, seed=3))
        quoted.append(tuple(one.number for one in query.quoted[:1]))
        # Only the first island's first answer is any good.
        history.append(attempt(number, "++-" if number == 1 else "+--", parents=quoted[-1]))
        islands.observe(history[-1])
    assert quoted[:3] == [(), (), ()]  # each island begins by itself
    assert quoted[3:6] != [(1,), (1,), (1,)]
    second_island = quoted[1::3]
    assert (1,) in second_island[2:]  # after the migration
    assert (1,) not in second_island[:2]


def test_an_island_that_stands_still_starts_anew_unless_it_leads() -> None:
    islands = Islands()
    history: list[Attempt] = []
    arms = []
    for number in range(1, 25):
        [query] = islands.propose(Lineage(tuple(history)), room(number))
        arms.append(query.arm)
        history.append(attempt(number, "++-" if number == 1 else "+--"))
        islands.observe(history[-1])
    assert "fresh" in arms[3:]
    assert "fresh" not in arms[3::3]  # the first island leads


def test_an_unknown_name_is_told_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"'foo' is not valid; choose from adaptive, repair, best-of-n"):
        make("foo", {}, lambda _: None)
    mine = BestOfN()
    assert make("mine", {}, lambda name: mine if name == "mine" else None) is mine
