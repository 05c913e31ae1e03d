"""What a session costs beside the model, rustc and the tests, and how many candidates it gets through.

    python benchmarks/overhead.py [CANDIDATES]

One session against a server that answers by script (`tests/model_server.py`), each answer another trivial
body, wrong but for the last one. Prints candidates a second, from the first question to the end of the
session, and what of that time is neither rustc's nor the tests'. The exit code is 1 where there are fewer
than 15 a second, or where that rest is above 5% of a run whose model takes 2 seconds an answer.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
import time
from pathlib import Path

import pytest
from _suite import RED, TESTS

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from model_server import ModelServer

from pytest_symbiont.report import events
from pytest_symbiont.report.trace import read

_LANES = 8
_LEAST = 15.0
_MOST_SHARE = 0.05
_SECONDS_OF_A_MODEL = 2.0


def main() -> int:
    candidates = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    numbers = itertools.count(2)
    began: list[float] = []

    def answer(_request: object) -> str:
        began.append(time.perf_counter())
        number = next(numbers)
        body = f"n + {number}" if number < candidates + 1 else "n + 1"
        return f"```rust\npub fn f(n: u64) -> u64 {{ {body} }}\n```"

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "f.rs").write_text(RED)
        (root / "test_f.py").write_text(TESTS)
        with ModelServer([answer], repeat=True) as server:
            # A cache of its own: what an earlier run built is not built again, and would count as quick.
            os.environ.update(
                OPENAI_BASE_URL=server.url, OPENAI_API_KEY="none", PYTEST_SYMBIONT_CACHE=str(root / "cache")
            )
            code = pytest.main([
                folder, "-q", "--evolve", f"--evolve-rounds={candidates}", f"--evolve-lanes={_LANES}",
                f"--evolve-concurrency={_LANES}", "--evolve-strategy=best-of-n", "--evolve-write=never",
                f"--evolve-trace={root / 'trace.jsonl'}", "-p", "no:cacheprovider",
            ])  # fmt: skip
            seconds = time.perf_counter() - began[0]
        told = read(root / "trace.jsonl")
    [end] = [event for event in told if isinstance(event, events.End)]
    judged = sum(isinstance(event, events.Attempt) for event in told)
    return report(judged, seconds, end.seconds) or int(code)


def report(judged: int, seconds: float, spent: events.Spent) -> int:
    """Print it; 1 where a goal is missed."""
    rate = judged / seconds
    # Builds of a round run beside each other and beside trials, so rustc's seconds are more than went by:
    # all that is not the tests' own counts, but for the least that rustc can have taken.
    cores = len(os.sched_getaffinity(0))
    rest = max(0.0, seconds - spent.test - spent.build / cores) / judged
    share = rest / (_SECONDS_OF_A_MODEL + seconds / judged)
    print(f"{judged} candidates in {seconds:.1f} s on {cores} cores: {rate:.1f} a second (goal: {_LEAST:g})")
    built, tested = (each / judged * 1000 for each in (spent.build, spent.test))
    print(f"a candidate: rustc {built:.0f} ms, tests {tested:.0f} ms, the rest {rest * 1000:.0f} ms")
    whole = f"a run whose model takes {_SECONDS_OF_A_MODEL:g} s an answer"
    print(f"that is {share:.1%} of {whole} (goal: {_MOST_SHARE:.0%})")
    return int(rate < _LEAST or share > _MOST_SHARE)


if __name__ == "__main__":
    sys.exit(main())
