"""The command ``pytest-symbiont``, also ``python -m pytest_symbiont``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pytest_symbiont.errors import SymbiontError


def main(arguments: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 could not be done (one line on stderr says why), 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="pytest-symbiont", description="What evolved Rust is good for elsewhere."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("export", help="write a package (maturin, PyO3) around evolved functions")
    command.add_argument("targets", nargs="+", metavar="TARGET", help="FILE.rs::FUNCTION, or FILE.rs for all")
    command.add_argument("--to", required=True, type=Path, metavar="FOLDER", help="named like the package")
    given = parser.parse_args(arguments)
    from pytest_symbiont.shipping.export import export  # noqa: PLC0415 - --help needs no parser of Rust

    try:
        names = export(given.targets, given.to)
    except (SymbiontError, OSError) as error:
        sys.stderr.write(f"pytest-symbiont: {error}\n")
        return 1
    sys.stdout.write(f"{given.to}: {', '.join(names)}; install with: pip install {given.to}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
