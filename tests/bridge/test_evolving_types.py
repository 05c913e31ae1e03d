"""A type whose methods evolve, and what becomes of its objects when they do."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from example import rust

if TYPE_CHECKING:
    from example import NewExample

STACK = """
    use std::fmt;

    /// Numbers, the last one first.
    pub struct Stack {
        items: Vec<i64>,
    }

    impl Stack {
        pub fn new() -> Self {
            todo!()
        }

        pub fn push(&mut self, x: i64) {
            todo!()
        }
    }

    impl fmt::Display for Stack {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            todo!()
        }
    }
"""
TESTS = """
    import pytest
    from pytest_symbiont import evolvable

    Stack = evolvable("stack.rs::Stack")

    @pytest.fixture(scope="module")
    def shared():
        return Stack.new()

    @pytest.mark.evolve
    def test_shows(shared):
        s = Stack.new()
        s.push(1)
        s.push(2)
        assert str(s) == "[2, 1]"
        shared.push(7)
        assert str(shared).endswith("7]") or str(shared).startswith("[7")
"""
WRONG = """
    impl Stack {
        pub fn new() -> Self {
            Self { items: Vec::new() }
        }

        pub fn push(&mut self, x: i64) {
            self.items.push(x)
        }
    }

    impl std::fmt::Display for Stack {
        fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
            write!(f, "{:?}", self.items)
        }
    }
"""
RIGHT = WRONG.replace("self.items.push(x)", "self.at_front(x);").replace(
    "        pub fn push",
    "        fn at_front(&mut self, x: i64) { self.items.insert(0, x) }\n\n        pub fn push",
)


def test_a_type_evolves_with_all_its_bodies(example: NewExample) -> None:
    stack = example({"stack.rs": STACK, "test_stack.py": TESTS})
    ran = stack.run(
        "--evolve", answers=[rust(WRONG), rust(RIGHT)], outcomes={"passed": 1}, changed={"stack.rs": ...}
    )
    first = ran.last_message(0)
    assert "`pub fn push(&mut self, x: i64)` of `impl Stack`" in first
    assert (
        "`fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result` of `impl fmt::Display for Stack`" in first
    )
    assert "[1, 2]" in ran.last_message(1)
    written = stack.read("stack.rs")
    assert written.count("todo!()") == 0
    assert "    pub fn push(&mut self, x: i64) {\n        impl Stack {\n" in written
    assert stack.run(outcomes={"passed": 1}).out
    gc.collect()
