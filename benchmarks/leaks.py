"""Whether a long session leaks: many candidates, of which every tenth hangs or crashes. Prints what is left.

    python benchmarks/leaks.py [CANDIDATES]

One session in this process, against a server that answers by script (`tests/model_server.py`). Memory, file
descriptors, processes and temporary files are counted before each answer; those of the first tenth and of
the last one are compared.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from _suite import RED, TESTS

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from model_server import ModelServer

_DEEP = "fn deep(n: u64) -> u64 {{ if n > 1 << 60 {{ 0 }} else {{ std::hint::black_box(deep(n + 1)) }} }}"
_BAD = (
    "let mut k = n + {0}; while k > 0 {{ k = k.rotate_left(1) }} k",
    f"{_DEEP} deep(n + {{0}})",
    'struct B; impl Drop for B {{ fn drop(&mut self) {{ panic!() }} }} let _b = B; panic!("{0}")',
    "let mut all = vec![]; loop {{ all.push(vec![n + {0}; 1 << 26]) }}",
)


@dataclass(frozen=True, slots=True)
class Count:
    """What this process holds."""

    memory: float  # MiB
    descriptors: int
    processes: int
    files: int

    @classmethod
    def now(cls, temporary: Path) -> Count:
        status = Path("/proc/self/status").read_text("ascii")
        resident = re.search(r"VmRSS:\s+(\d+)", status)
        tasks = Path("/proc/self/task").glob("*/children")
        return cls(
            int(resident[1]) / 1024 if resident else 0.0,
            len(list(Path("/proc/self/fd").iterdir())),
            sum(len(task.read_text("ascii").split()) for task in tasks),
            sum(len(files) for _, _, files in os.walk(temporary)),
        )


def main() -> int:
    candidates = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    counts: list[Count] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        suite, temporary, cache = (root / name for name in ("suite", "temporary", "cache"))
        for new in (suite, temporary, cache):
            new.mkdir(mode=0o700)
        (suite / "f.rs").write_text(RED)
        (suite / "test_f.py").write_text(TESTS)

        def answer(_request: object) -> str:
            number = len(counts)
            counts.append(Count.now(temporary))
            tenth, others = divmod(number, 10)
            bad = _BAD[tenth % len(_BAD)].format(number)
            body = f"n + {number + 2}" if others else bad
            body = "n + 1" if number == candidates else body
            return f"```rust\npub fn f(n: u64) -> u64 {{ {body} }}\n```"

        with ModelServer([answer], repeat=True) as server:
            os.environ.update(
                OPENAI_BASE_URL=server.url, TMPDIR=str(temporary), PYTEST_SYMBIONT_CACHE=str(cache)
            )
            tempfile.tempdir = None
            code = pytest.main([
                str(suite), "-q", "--evolve", f"--evolve-rounds={candidates + 1}", "--evolve-timeout=0.3",
                "--evolve-max-tokens=1000000000", "-p", "no:cacheprovider",
            ])  # fmt: skip
    early, late = counts[candidates // 10], counts[-1]
    print(f"{len(counts) - 1} candidates, exit code {int(code)}; after a tenth, and at the end:")
    for name in ("memory", "descriptors", "processes", "files"):
        print(f"  {name:12} {getattr(early, name):8.1f} {getattr(late, name):8.1f}")
    held = (late.descriptors, late.processes, late.files) == (early.descriptors, early.processes, early.files)
    return int(code) or int(not held)


if __name__ == "__main__":
    sys.exit(main())
