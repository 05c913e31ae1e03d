"""--evolve-check: what is on disk is what was proven, or it is said what is not."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from adding import RED as ADD
from adding import RIGHT

if TYPE_CHECKING:
    from example import Example, NewExample

RED = """\
use std::cmp::max;

/// The sum.
pub fn add(a: i64, b: i64) -> i64 {
    todo!()
}

/// Reached by `add` through the type's trait alone.
fn at_least(x: i64) -> i64 {
    max(x, 0)
}

pub struct Natural(pub i64);

impl From<i64> for Natural {
    fn from(x: i64) -> Self {
        Self(at_least(x))
    }
}

fn unrelated() -> i64 {
    1
}
"""
FILES = {
    "add.rs": RED,
    "numbers.py": "ONE = 1\n\n\ndef total(a, b):\n    return a + b\n\n\ndef unused():\n    return 0\n",
    "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef two():\n    return 2\n",
    "test_add.py": """\
import numbers_

import pytest
from pytest_symbiont import evolvable

add = evolvable("add.rs::add")
CASES = [(20, 22), (0, 0)]


class TestAdd:
    def expected(self, a, b):
        return numbers_.total(a, b)

    @pytest.mark.evolve(add)
    @pytest.mark.parametrize(("a", "b"), CASES)
    def test_adds(self, a, b):
        assert add(a, b) == self.expected(a, b)


@pytest.mark.evolve(add, holdout=True)
def test_hidden(two):
    assert add(two, two) == 4


def test_of_nothing():
    assert CASES
""",
}
FILES["numbers_.py"] = FILES.pop("numbers.py")


def proven(example: NewExample) -> Example:
    """The suite, evolved, with its lock."""
    one = example(FILES)
    ran = one.run("--evolve", answers=[RIGHT], changed={"add.rs": ..., "symbiont.lock": ...})
    assert "written: add.rs" in ran.summary
    return one


def test_what_was_written_is_as_proven_and_what_is_no_code_may_change(example: NewExample) -> None:
    one = proven(example)
    entry = tomllib.loads(one.read("symbiont.lock"))["target"]["add.rs::add"]
    assert (entry["rounds"], entry["model"]) == (1, "scripted")
    assert set(entry["helpers"]) == {"<Natural as From<i64>>::from", "at_least"}
    assert set(entry["tests"]) == {
        "conftest.py::two",
        "numbers_.py::total",
        "test_add.py::CASES",
        "test_add.py::TestAdd::expected",
        "test_add.py::TestAdd::test_adds",
        "test_add.py::add",
        "test_add.py::numbers_",
        "test_add.py::test_hidden",
    }
    ran = one.run("--evolve-check", outcomes={"passed": 4})
    assert "add.rs::add: green, and as symbiont.lock says" in ran.summary
    assert "no model is asked" in ran.out

    rust = one.read("add.rs").replace("a + b", "/* the sum */ a+b // of both").replace("{\n    1\n}", "{ 2 }")
    python = FILES["test_add.py"].replace(
        "def test_hidden(two):", 'def test_hidden(two):  # !\n    """Doc."""'
    )
    python = python.replace("def test_of_nothing():\n    assert", "def test_of_nothing():\n    assert 1 and")
    helpers = FILES["numbers_.py"].replace("return 0", "return 1").replace("return a + b", "return (a\n + b)")
    one.write({"add.rs": rust, "test_add.py": python, "numbers_.py": helpers})
    one.run("--evolve-check", outcomes={"passed": 4})


TAMPERED = {
    "body": ("add.rs", "a + b", "b + a", "body changed"),
    "signature": ("add.rs", "pub fn add(a: i64", "pub fn add(mut a: i64", "signature changed"),
    "type": ("add.rs", "Natural(pub i64)", "Natural(i64)", "fixed context (the items around it) changed"),
    "helper function": ("add.rs", "max(x, 0)", "max(0, x)", "fixed context (fn at_least) changed"),
    "test": (
        "test_add.py", "assert add(two, two) == 4", "assert add(two, 2) == 4",
        "bound tests (test_add.py::test_hidden) changed",
    ),
    "constant": ("test_add.py", "(0, 0)", "(0, 1)", "bound tests (test_add.py::CASES) changed"),
    "helper in the class": (
        "test_add.py", "return numbers_.total(a, b)", "return numbers_.total(b, a)",
        "bound tests (test_add.py::TestAdd::expected) changed",
    ),
    "helper in another module": (
        "numbers_.py", "return a + b", "return b + a", "bound tests (numbers_.py::total) changed",
    ),
    "fixture of a conftest": (
        "conftest.py", "return 2", "return 1 + 1", "bound tests (conftest.py::two) changed",
    ),
    "new fixture": (
        "conftest.py", "import pytest\n",
        "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef more():\n    yield\n",
        "bound tests (conftest.py::more is new) changed",
    ),
    "lock": ("symbiont.lock", "rounds = 1", "rounds = 2", "its entry in symbiont.lock was changed"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_changed_is_named_and_nothing_else(example: NewExample, what: str) -> None:
    name, before, after, told = TAMPERED[what]
    one = proven(example)
    text = one.read(name)
    assert before in text
    one.write({name: text.replace(before, after)})
    ran = one.run("--evolve-check", code=1, outcomes={"passed": 4})
    assert f"add.rs::add: not as proven: {told}; take it as it is with pytest --evolve-adopt" in ran.summary
    assert one.run("--evolve-check", "-q", code=1).out.count(told) == 1


def test_without_its_lock_or_a_lock_that_is_none(example: NewExample) -> None:
    one = proven(example)
    lock = one.read("symbiont.lock")
    (one.path / "symbiont.lock").unlink()
    ran = one.run("--evolve-check", code=1)
    assert "not as proven: it has no entry in symbiont.lock; take it as it is" in ran.summary
    one.write({"symbiont.lock": "<<<<<<< ours\n" + lock})
    ran = one.run("--evolve-check", code=1)
    assert "symbiont.lock: not as it was written (" in ran.summary
    assert "delete it and run pytest --evolve-adopt" in ran.summary


def test_a_wrong_body_is_told_with_its_tests(example: NewExample) -> None:
    one = proven(example)
    one.write({"add.rs": one.read("add.rs").replace("a + b", "if a == 2 { 5 } else { a + b }")})
    ran = one.run("--evolve-check", code=1, outcomes={"passed": 3, "failed": 1})
    assert (
        "not as proven: 2 of 3 tests pass; pytest --evolve writes another body; body changed" in ran.summary
    )
    one.write({"add.rs": one.read("add.rs").replace("if a == 2", "if a = 2")})
    ran = one.run("--evolve-check", code=1, outcomes={"passed": 1, "failed": 3})
    assert "not as proven: add.rs does not compile:\nerror[E0308]: mismatched types" in ran.summary
    one.write({"add.rs": one.read("add.rs").replace("if a = 2 { 5 } else { a + b }", "unsafe { a + b }")})
    ran = one.run("--evolve-check", code=1, outcomes={"passed": 4})
    assert "not as proven: it compiles by itself, but not as candidates must" in ran.summary


def test_an_entry_that_belongs_to_nothing_is_lost(example: NewExample) -> None:
    one = proven(example)
    text = one.read("test_add.py")
    one.write({"test_add.py": "def test_of_nothing():\n    pass\n"})
    ran = one.run("--evolve-check", code=1, outcomes={"passed": 1})
    assert (
        "add.rs::add: no test is bound to it any more; drop its entry with pytest --evolve-adopt" in ran.out
    )
    # Tests that are somewhere else are not lost.
    one.write({"test_add.py": text, "test_other.py": "def test_other():\n    pass\n"})
    one.run("--evolve-check", "test_other.py", outcomes={"passed": 1})
    one.write({"add.rs": "\n", "test_add.py": "def test_of_nothing():\n    pass\n"})
    ran = one.run("--evolve-check", code=1)
    assert "add.rs::add: its function is gone" in ran.out


def test_part_of_a_suite_proves_nothing(example: NewExample) -> None:
    one = proven(example)
    ran = one.run("--evolve-check", "-k", "hidden", code=1)
    assert "2 tests of the suite not selected (first: test_add.py::TestAdd::test_adds[20-22])" in ran.summary
    ran = one.run("--evolve-check", "-k", "hidden", "--evolve-partial")
    assert "green, and as symbiont.lock says" in ran.summary


@pytest.mark.parametrize("other", ["--evolve", "--evolve-again", "--evolve-only-stale", "--evolve-adopt"])
def test_it_does_not_go_with_what_asks_a_model(example: NewExample, other: str) -> None:
    ran = example({"add.rs": ADD}).run("--evolve-check", other, code=4)
    assert f"--evolve-check asks no model and does not go with {other}; leave one of them out" in ran.err


def test_beside_xdist_locks_are_the_controllers_and_checks_need_one_process(example: NewExample) -> None:
    one = example(FILES)
    ran = one.run("--evolve", "-n", "2", answers=[RIGHT], changed={"add.rs": ..., "symbiont.lock": ...})
    assert "written: add.rs" in ran.summary
    ran = one.run("--evolve-check", "-n", "2", outcomes={"passed": 4})
    assert "add.rs::add: green, and as symbiont.lock says" in ran.summary
