"""The main job: red tests in, a written Rust body out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from example import rust

if TYPE_CHECKING:
    from example import NewExample

# Everything that a writer of files could spoil: comments, private items, a const, CRLF, no last line break.
AROUND = (
    b"//! What may not change.\r\n"
    b"use std::collections::BTreeSet;\r\n"
    b"\r\n"
    b"/* a block \xc3\xa4 { comment */\r\n"
    b"const LIMIT: usize = 3; // '}'\r\n"
    b"\r\n"
    b"/// How many different numbers there are,\r\n"
    b"/// but never more than LIMIT.\r\n"
    b"pub fn kinds(xs: &[i64]) -> usize %s\r\n"
    b"\r\n"
    b"fn capped( n:usize )->usize{ if n>LIMIT {LIMIT} else {n} }\r\n"
    b"\r\n"
    b"#[allow(dead_code)]\r\n"
    b"fn set(xs: &[i64]) -> BTreeSet<i64> { xs.iter().copied().collect() }"
)
KINDS = """
import pytest
from pytest_symbiont import evolvable

kinds = evolvable("kinds.rs::kinds")


@pytest.mark.evolve(kinds)
@pytest.mark.parametrize(("xs", "expected"), [([], 0), ([7, 7], 1), ([1, 2, 3, 4], 3)])
def test_kinds(xs, expected):
    assert kinds(xs) == expected
"""

ADD = """
/// The sum.
pub fn add(a: i64, b: i64) -> i64 {
    todo!()
}
"""
ADDED = ADD.replace("todo!()", "a + b")
ADDS = """
import pytest
from pytest_symbiont import evolvable

add = evolvable("add.rs::add")


@pytest.mark.evolve(add)
def test_adds():
    assert add(20, 22) == 42
"""
RIGHT = rust("pub fn add(a: i64, b: i64) -> i64 { a + b }")
WRONG = rust("pub fn add(a: i64, b: i64) -> i64 { a - b }")


def test_a_red_suite_goes_green_and_nothing_but_the_body_changes(example: NewExample) -> None:
    kinds = example({"kinds.rs": AROUND % b"{ todo!() }", "test_kinds.py": KINDS})
    ran = kinds.run(
        "--evolve",
        answers=[rust("pub fn kinds(xs: &[i64]) -> usize { capped(set(xs).len()) }")],
        outcomes={"passed": 3},
        changed={"kinds.rs": AROUND % b"{ capped(set(xs).len()) }"},
    )
    assert "never more than LIMIT" in ran.prompt(0)
    assert "[1, 2, 3, 4], 3" in ran.prompt(0)
    assert "green after 1 round" in ran.summary
    assert "written: kinds.rs" in ran.summary


def test_a_green_suite_asks_nothing_until_it_shall_evolve_again(example: NewExample) -> None:
    add = example({"add.rs": ADDED, "test_add.py": ADDS})
    ran = add.run("--evolve", answers=[], outcomes={"passed": 1})
    assert "add.rs::add: green, nothing to do" in ran.summary
    plain = add.run(outcomes={"passed": 1})
    plain.result.stdout.no_fnmatch_line("*symbiont:*")
    plain.result.stdout.no_fnmatch_line("*= symbiont =*")

    again = add.run(
        "--evolve-again",
        answers=[rust("pub fn add(a: i64, b: i64) -> i64 { b + a }")],
        outcomes={"passed": 1},
        changed={"add.rs": ADD.replace("todo!()", "b + a")},
    )
    assert "b + a" not in again.prompt(0)
    assert "    a + b" in again.prompt(0)
    scratch = add.run(
        "--evolve-again",
        "--evolve-from=scratch",
        answers=[RIGHT],
        outcomes={"passed": 1},
        changed={"add.rs": ADDED},
    )
    assert "todo!()" in scratch.prompt(0)
    assert "b + a" not in scratch.prompt(0)


def test_what_went_wrong_is_fed_back(example: NewExample) -> None:
    add = example({"add.rs": ADD, "test_add.py": ADDS})
    ran = add.run(
        "--evolve",
        answers=[
            rust("pub fn add(a: i64, b: i64) -> i64 {\n    let sum: i64 = a.plus(b);\n    sum\n}"),
            rust("""
            pub fn add(a: i64, b: i64) -> i64 {
                let none: Option<i64> = None;
                none.expect("no sum")
            }
            """),
            RIGHT,
        ],
        outcomes={"passed": 1},
        changed={"add.rs": ADDED},
    )
    compile_error, panic = ran.last_message(1), ran.last_message(2)
    assert "error[E0599]: no method named `plus` found" in compile_error
    assert "--> add.rs:3:" in compile_error
    assert "3 |     let sum: i64 = a.plus(b);" in compile_error
    assert "panicked: no sum" in panic
    assert "at add.rs:4:" in panic
    assert '4 |     none.expect("no sum")' in panic
    assert "3 rounds, 3 answers of scripted, 1 compile error" in ran.summary

    add.write({"add.rs": ADD})
    failure = add.run("--evolve", answers=[WRONG, RIGHT], changed={"add.rs": ADDED}).last_message(1)
    assert all(word in failure for word in ("add(20, 22)", "42", "-2"))


def test_an_assertion_is_shown_with_operands_difference_and_parameters(example: NewExample) -> None:
    twice = example(
        {
            "twice.rs": "pub fn twice(xs: &[i64]) -> Vec<i64> { todo!() }\n",
            "test_twice.py": """
            import pytest
            from pytest_symbiont import evolvable

            twice = evolvable("twice.rs::twice")

            @pytest.mark.evolve(twice)
            @pytest.mark.parametrize("offset", [5])
            def test_doubles(offset):
                given = [1, 2, offset]
                doubled = twice(given)
                assert doubled == [2, 4, 2 * offset], "each of them"
            """,
        }
    )
    ran = twice.run(
        "--evolve",
        answers=[
            rust("pub fn twice(xs: &[i64]) -> Vec<i64> { xs.to_vec() }"),
            rust("pub fn twice(xs: &[i64]) -> Vec<i64> { xs.iter().map(|x| x * 2).collect() }"),
        ],
        outcomes={"passed": 1},
        changed={"twice.rs": "pub fn twice(xs: &[i64]) -> Vec<i64> { xs.iter().map(|x| x * 2).collect() }\n"},
    )
    told = ran.last_message(1)
    assert "offset = 5" in told
    assert "each of them" in told
    assert "assert [1, 2, 5] == [2, 4, 10]" in told
    assert "At index 0 diff: 1 != 2" in told


def test_hold_outs_are_in_no_request_and_must_pass(example: NewExample) -> None:
    files = {
        "add.rs": ADD,
        "test_add.py": ADDS
        + """
@pytest.mark.evolve(add, holdout=True)
def test_secretly_of_negatives():
    assert add(-70, -7) == -77
""",
        "test_more.py": """
import pytest
from pytest_symbiont import evolvable

@pytest.fixture(scope="module", autouse=True)
def something():
    yield

@pytest.mark.evolve(evolvable("add.rs::add"), holdout=True)
def test_secretly_elsewhere():
    assert evolvable("add.rs::add")(-80, -8) == -88
""",
    }
    add = example(files)
    cheat = rust("pub fn add(a: i64, b: i64) -> i64 { let _ = (a, b); 42 }")
    ran = add.run("--evolve", "-v", answers=[cheat, RIGHT], outcomes={"passed": 3}, changed={"add.rs": ADDED})
    for request in ran.requests:
        text = str(request.body)
        assert "secretly" not in text
        assert not any(number in text for number in ("-70", "-77", "-80", "-88", "holdout"))
    assert "other inputs" in ran.last_message(1)
    assert "a hold-out test is red" in ran.out

    # With no other answer the cheat does not get onto disk.
    add.write(files)
    lost = add.run(
        "--evolve", "--evolve-rounds=1", answers=[cheat], code=1, outcomes={"failed": 3}, changed={}
    )
    assert "not solved: no body passed in 1 round;" in lost.summary


PAIR = """
pub fn half(n: u64) -> u64 {
    todo!()
}

pub fn quarter(n: u64) -> u64 {
    todo!()
}
"""
PAIR_TESTS = """
import pytest
from pytest_symbiont import evolvable

pair = evolvable("pair.rs")


@pytest.mark.evolve(pair.half)
def test_half():
    assert pair.half(9) == 4


@pytest.mark.evolve(pair.half, pair.quarter)
def test_quarter_is_half_of_half():
    assert pair.quarter(16) == pair.half(pair.half(16)) == 4
"""


HALVES = """
fn shifted(n: u64, by: u32) -> u64 {
    n >> by
}

pub fn half(n: u64) -> u64 {
    shifted(n, 1)
}

pub fn quarter(n: u64) -> u64 {
    half(half(n))
}
"""


def test_targets_that_share_a_test_evolve_in_one_answer(example: NewExample) -> None:
    pair = example({"pair.rs": PAIR, "test_pair.py": PAIR_TESTS})
    ran = pair.run("--evolve", answers=[rust(HALVES)], outcomes={"passed": 2}, changed={"pair.rs": ...})
    assert "`pub fn half(n: u64) -> u64` and `pub fn quarter(n: u64) -> u64`" in ran.prompt(0)
    assert "pair.rs::half + pair.rs::quarter: green after 1 round" in ran.summary
    written = pair.read("pair.rs")
    assert written.count("fn shifted") == 1
    assert written.index("pub fn half") < written.index("fn shifted") < written.index("pub fn quarter")
    pair.run(outcomes={"passed": 2})


def test_of_targets_that_share_a_test_only_the_red_ones_are_asked_for(example: NewExample) -> None:
    half_done = PAIR.replace("todo!()", "n / 2", 1)
    pair = example({"pair.rs": half_done, "test_pair.py": PAIR_TESTS + """

@pytest.mark.evolve(pair.quarter)
def test_quarter():
    assert pair.quarter(7) == 1
"""})  # fmt: skip
    pair.write({"test_pair.py": pair.read("test_pair.py").replace("pair.half, pair.quarter", "pair.quarter")})
    ran = pair.run(
        "--evolve",
        answers=[rust("pub fn quarter(n: u64) -> u64 { n / 4 }")],
        outcomes={"passed": 3},
        changed={"pair.rs": half_done.replace("{\n    todo!()\n}", "{\n    n / 4\n}")},
    )
    assert "Rewrite `pub fn quarter(n: u64) -> u64` so" in ran.prompt(0)
    assert "pair.rs::half: green, nothing to do" in ran.summary


def test_suites_in_one_file_and_in_two_evolve_one_by_one(example: NewExample) -> None:
    independent = PAIR_TESTS.replace("pair.half, pair.quarter", "pair.quarter").replace(
        " == pair.half(pair.half(16))", ""
    )
    both = example(
        {"pair.rs": PAIR, "test_pair.py": independent, "deeper/add.rs": ADD, "deeper/test_add.py": ADDS}
    )
    ran = both.run(
        "--evolve",
        answers=[
            RIGHT,
            rust("pub fn half(n: u64) -> u64 { n / 3 }"),
            rust("pub fn half(n: u64) -> u64 { n / 2 }"),
            rust("pub fn quarter(n: u64) -> u64 { half(half(n)) }"),
        ],
        outcomes={"passed": 3},
        changed={
            "deeper/add.rs": ADDED,
            "pair.rs": """
            pub fn half(n: u64) -> u64 {
                n / 2
            }

            pub fn quarter(n: u64) -> u64 {
                half(half(n))
            }
            """,
        },
    )
    assert "quarter" not in ran.prompt(0)
    assert "n / 2" in ran.prompt(3)
    assert ran.summary.count("green after") == 3


def test_targets_of_several_files_that_share_a_test(example: NewExample) -> None:
    test = """
    import pytest
    from pytest_symbiont import evolvable

    half = evolvable("pair.rs::half")
    add = evolvable("add.rs::add")
    other_add = evolvable("other.rs::add")

    @pytest.mark.evolve(add, half)
    def test_middle():
        assert half(add(4, 8)) == 6
    """
    both = example({"pair.rs": PAIR, "add.rs": ADD, "other.rs": ADD, "test_both.py": test})
    both.run(
        "--evolve",
        answers=[rust(f"{ADDED}\npub fn half(n: u64) -> u64 {{\n    n / 2\n}}")],
        outcomes={"passed": 1},
        changed={"add.rs": ADDED, "pair.rs": PAIR.replace("todo!()", "n / 2", 1)},
    )

    namesakes = test.replace("(add, half)", "(add, other_add)").replace(
        "half(add(4, 8))", "other_add(add(1, 2), 3)"
    )
    both.write({"add.rs": ADD, "test_both.py": namesakes})
    ran = both.run("--evolve", answers=[], code=1, outcomes={"failed": 1})
    assert "add.rs::add and other.rs::add share a test" in ran.summary


def test_a_function_that_is_not_on_disk_gets_its_file(example: NewExample) -> None:
    gcd = example({"test_gcd.py": """
    import pytest
    from pytest_symbiont import evolvable

    gcd = evolvable("fn gcd(a: u64, b: u64) -> u64", file="gcd.rs")
    lcm = evolvable("fn lcm(a: u64, b: u64) -> u64", file="gcd.rs")

    @pytest.mark.evolve(gcd)
    def test_gcd():
        assert gcd(12, 18) == 6

    @pytest.mark.evolve(lcm)
    def test_lcm():
        assert lcm(4, 6) == 12
    """})  # fmt: skip
    red = gcd.run(code=1, outcomes={"failed": 2})
    assert "RustPanic: not yet implemented" in red.out
    gcd.run(
        "--evolve",
        answers=[
            rust("fn gcd(a: u64, b: u64) -> u64 { if b == 0 { a } else { gcd(b, a % b) } }"),
            rust("fn lcm(a: u64, b: u64) -> u64 { a / gcd(a, b) * b }"),
        ],
        outcomes={"passed": 2},
        changed={"gcd.rs": ...},
    )
    assert gcd.read("gcd.rs").count("fn gcd(a: u64, b: u64) -> u64 {") == 1
    gcd.run("--evolve", answers=[], outcomes={"passed": 2})


def test_a_lost_suite_leaves_its_file_and_reports_what_is_on_disk(example: NewExample) -> None:
    on_disk = ADD.replace("todo!()", "a * b")
    add = example({"add.rs": on_disk, "test_add.py": ADDS})
    ran = add.run(
        "--evolve", "--evolve-rounds=2", answers=[WRONG, "I cannot."], code=1, outcomes={"failed": 1}
    )
    assert "assert 440 == 42" in ran.out
    assert "its file is untouched" in ran.summary
    assert "--evolve-rounds" in ran.summary


def test_the_same_body_twice_is_told_and_not_tried_again(example: NewExample) -> None:
    counting = "    with open('ran', 'a') as file:\n        print('once more', file=file)\n    assert"
    add = example({"add.rs": ADD, "test_add.py": ADDS.replace("    assert", counting)})
    respaced = rust("pub fn add(a: i64, b: i64) -> i64 {\n    a   -   b\n}")
    ran = add.run("--evolve", answers=[WRONG, respaced, RIGHT], changed={"add.rs": ADDED, "ran": ...})
    assert "round 2: repeated: this is the same body as in an earlier round" in ran.out
    assert "same body as in an earlier round" in ran.last_message(2)
    # The baseline, the check that it tests at all, one wrong body, the right one in two builds, the record.
    assert len(add.read("ran").splitlines()) == 6


def test_rounds_and_tokens_are_ceilings(example: NewExample) -> None:
    add = example({"add.rs": ADD, "test_add.py": ADDS})
    rounds = add.run(
        "--evolve",
        "--evolve-rounds=3",
        answers=["No."],
        repeat=True,
        requests=3,
        code=1,
        outcomes={"failed": 1},
    )
    assert "3 rounds, 3 answers" in rounds.summary
    tokens = add.run("--evolve", "--evolve-max-tokens=30", answers=[WRONG], repeat=True, requests=2, code=1)
    assert "30 generated tokens are used up; allow more with --evolve-max-tokens" in tokens.summary
    first, second = (request.body["max_tokens"] for request in tokens.requests)
    assert first == 30
    assert 0 < second < 30


def test_a_winner_must_be_green_in_the_build_that_is_promoted(example: NewExample) -> None:
    add = example({"add.rs": ADD, "test_add.py": ADDS})
    two_faced = "pub fn add(a: i64, b: i64) -> i64 { if cfg!(debug_assertions) { a + b } else { a - b } }"
    ran = add.run("--evolve", answers=[rust(two_faced), RIGHT], changed={"add.rs": ADDED})
    assert "-2" in ran.last_message(1)
    assert "green after 2 rounds" in ran.summary


def test_a_suite_that_fails_only_in_the_logged_run_is_flaky_and_not_written(example: NewExample) -> None:
    flaky = (
        ADDS
        + """
from pathlib import Path

RUNS = []


@pytest.mark.evolve(add)
def test_counts_its_runs():
    RUNS.append(add(1, 1))
    assert len(RUNS) < 4, "often enough"
"""
    )
    # Baseline and two builds (the check stops at the first red test): the logged run is the fourth.
    add = example({"add.rs": ADD.replace("todo!()", "a - b"), "test_add.py": flaky})
    ran = add.run("--evolve", answers=[RIGHT], code=1, outcomes={"passed": 1, "failed": 1})
    assert "not written: flaky: test_add.py::test_counts_its_runs passed in its trials" in ran.summary


def test_a_suite_that_skips_in_the_logged_run_is_not_written(example: NewExample) -> None:
    shy = ADDS.replace(
        "    assert", "    RUNS.append(1)\n    if len(RUNS) > 4:\n        pytest.skip()\n    assert"
    )
    add = example({"add.rs": ADD.replace("todo!()", "a - b"), "test_add.py": f"RUNS = []\n{shy}"})
    ran = add.run("--evolve", answers=[RIGHT], code=1, outcomes={"skipped": 1})
    assert "not written: flaky" in ran.summary
