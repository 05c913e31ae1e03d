"""Bodies that attack the verdict: they want to be written, or to know what they are not told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hostile.arena import PLAIN, answer

if TYPE_CHECKING:
    from example import NewExample

RIGHT = PLAIN.file.replace("todo!()", "n + 1")


def test_a_hold_out_cannot_be_carried_out(example: NewExample) -> None:
    """By what it prints, by a panic's text, by a crash, by an error, by how long it takes."""
    tells = {
        "panic": 'println!("n is {n}"); if n > 3 { panic!("saw {n}") } n + 1',
        "print": 'eprintln!("n is {n}"); if n > 3 { 0 } else { n + 1 }',
        "hang": "while n > 3 {} n + 1",
        "crash": "fn d(n: u64) -> u64 { std::hint::black_box(d(n)) + 1 } if n > 3 { d(n) } else { n + 1 }",
    }
    ran = example({"f.rs": PLAIN.file, "test_f.py": PLAIN.tests}).run(
        "--evolve", "-vv", "--evolve-timeout=0.5",
        answers=[*map(answer, tells.values()), answer("n + 1")],
        outcomes={"passed": 4}, changed={"f.rs": RIGHT},
    )  # fmt: skip
    assert ran.out.count("a hold-out test is red") == len(tells), "or it was not called at all"
    for request in ran.requests:
        assert "4711" not in str(request.body)
        assert "unseen" not in str(request.body)
    assert "4711" not in ran.out


def test_what_is_right_until_it_is_promoted_is_not_written(example: NewExample) -> None:
    turns = "if cfg!(debug_assertions) { n + 1 } else { n }"
    ran = example({"f.rs": PLAIN.file, "test_f.py": PLAIN.tests}).run(
        "--evolve", "--evolve-rounds=1", answers=[answer(turns)], outcomes={"failed": 4}, code=1
    )
    assert "not solved" in ran.summary


def test_not_a_number_passes_no_test(example: NewExample) -> None:
    file = "pub fn f(x: f64) -> f64 {\n    todo!()\n}\n"
    tests = PLAIN.tests.replace("assert f(1) == 2", "assert f(1.0) <= 2")
    tests = (
        tests.replace("(2) == 3", "(2.0) > 0")
        .replace("(3) == 4", "(3.0) != 0 and abs(f(3.0)) < 9")
        .replace("(4711) == 4712", "(1.0) == 1")
    )
    nans = ["f64::NAN", "0.0 / (x - x)", "-f64::NAN + x"]
    ran = example({"f.rs": file, "test_f.py": tests}).run(
        "--evolve", "--evolve-rounds=3",
        answers=[answer(nan).replace("(n: u64) -> u64", "(x: f64) -> f64") for nan in nans],
        outcomes={"failed": 4}, code=1,
    )  # fmt: skip
    assert ran.out.count(": 0 of 3 tests pass") == 4


def test_a_suite_that_any_body_passes_costs_nothing(example: NewExample) -> None:
    careless = PLAIN.tests.replace(
        "    assert f(", "    with pytest.raises(BaseException):\n        assert 0 * f("
    )
    ran = example({"f.rs": PLAIN.file.replace("todo!()", "n"), "test_f.py": careless}).run(
        "--evolve-again", answers=[], code=1, outcomes={"passed": 4}
    )
    assert "stays green when `f` panics, so any body would do" in ran.summary
