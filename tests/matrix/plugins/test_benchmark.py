"""pytest-benchmark: one row a test, measured on the winner as it runs ever after."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from beside import evolved_and_plain, of_add

if TYPE_CHECKING:
    from beside import Side
    from example import NewExample

TESTS = """
@pytest.mark.benchmark(group="sums")
@pytest.mark.parametrize("n", [1, 22])
def test_adds(benchmark, n):
    benchmark.extra_info["n"] = n
    assert benchmark(add, 20, n) == 20 + n
    assert benchmark.stats.stats.mean < 1

def test_once(benchmark):
    assert benchmark.pedantic(add, args=(0, 0), rounds=3, iterations=2) == 0
"""


def told(side: Side) -> list[dict[str, Any]]:
    """Every benchmark of the JSON file, without what was measured."""
    found = json.loads(side.files["bench.json"])["benchmarks"]
    kept = ("name", "fullname", "group", "params", "extra_info")
    return [{name: bench[name] for name in kept} for bench in found]


def test_table_and_file_have_each_test_once(example: NewExample) -> None:
    args = ("--benchmark-max-time=0.005", "--benchmark-min-rounds=2", "--benchmark-json=bench.json")
    columns = "--benchmark-columns=rounds,iterations"
    pair = evolved_and_plain(example, of_add(TESTS), *args, columns, plugins=["pytest_benchmark.plugin"])
    assert [(bench["name"], bench["group"], bench["extra_info"]) for bench in pair.same(told)] == [
        ("test_adds[1]", "sums", {"n": 1}),
        ("test_adds[22]", "sums", {"n": 22}),
        ("test_once", None, {}),
    ]
    headings = pair.same(lambda side: side.lines(r"^-+ (benchmark[^-:]*: \d+ tests) -+$"))
    assert headings == ["benchmark: 1 tests", "benchmark 'sums': 2 tests"]
    assert pair.same(lambda side: side.lines(r"^(test_once) +(3) +(2)$")) == ["test_once 3 2"]
