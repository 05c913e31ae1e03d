"""subtests: pytest 9's own, and pytest-subtests before that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import RED, WRONG
from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from example import NewExample

PLUGINS = ["pytest_subtests.plugin" if pytest.version_tuple < (9,) else "pytest_symbiont.plugin"]
TESTS = """
import unittest

def test_each(subtests):
    for n in range(3):
        with subtests.test("one more", n=n):
            assert add(n, 1) == n + 1

class TestCase(unittest.TestCase):
    def test_each_of_a_case(self):
        for n in range(2):
            with self.subTest(n=n):
                self.assertEqual(add(n, n), 2 * n)
"""


def test_subtests_are_counted_once(example: NewExample) -> None:
    pair = evolved_and_plain(example, of_add(TESTS), "-v", plugins=PLUGINS)
    assert len(pair.same(lambda side: side.lines(r"SUBPASS"))) >= 3
    assert pair.same(lambda side: side.outcomes)["passed"] >= 2
    assert not pair.same(lambda side: side.lines("SUBFAIL|FAILED"))
    assert "add(0, 1) must return" in pair.evolved.ran.last_message(1)


def test_what_is_red_on_disk_fails_as_often_as_ever(example: NewExample) -> None:
    pair = evolved_and_plain(
        example, of_add(TESTS), "-v", "--evolve-rounds=1", plugins=PLUGINS, answers=[WRONG], body=RED, code=1
    )
    assert len(pair.same(lambda side: side.lines(r"SUBFAIL\S*"))) >= 5
    assert pair.same(lambda side: side.outcomes)["failed"] >= 5
