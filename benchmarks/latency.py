"""What it costs: from text to callable, per call, per swap, at start-up. Run it, it prints ratios and goals.

    python benchmarks/latency.py [--quick] [builds] [calls] [swaps] [startup] [worker]

Every comparison is made in one run: repetitions alternate, medians are compared. The exit code is 1 where a
goal is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from importlib import import_module

from _measure import Judge

SECTIONS = {
    "builds": "Candidate text to callable",
    "calls": "A call from Python",
    "swaps": "A swap",
    "startup": "An unused plugin",
    "worker": "The worker of a trial",
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Latencies of pytest-symbiont, side by side.")
    parser.add_argument("sections", nargs="*", help=f"of {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    chosen = parser.parse_args()
    if unknown := set(chosen.sections) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))} (there are: {', '.join(SECTIONS)})")
    judge = Judge()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    for name in chosen.sections or SECTIONS:
        print(f"\n{SECTIONS[name]}\n")
        import_module(f"_{name}").run(judge, quick=chosen.quick)
    print(f"\n{len(judge.missed)} goals missed" if judge.missed else "\nall goals met")
    return bool(judge.missed)


if __name__ == "__main__":
    sys.exit(main())
