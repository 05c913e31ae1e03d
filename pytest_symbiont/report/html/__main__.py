"""Make the page of a trace: ``python -m pytest_symbiont.report.html TRACE PAGE``."""

from __future__ import annotations

import sys
from pathlib import Path

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.report.html.page import Page
from pytest_symbiont.report.trace import read


def main(arguments: list[str]) -> str | None:
    """What went wrong, or None."""
    if len(arguments) != 2 or arguments[0].startswith("-"):  # noqa: PLR2004 - two paths
        return "usage: python -m pytest_symbiont.report.html TRACE PAGE"
    trace, page = map(Path, arguments)
    try:
        made = Page(page)
        made.events += read(trace)
        made.write()
    except OSError as error:
        return f"{trace}: cannot be read ({error.strerror})"
    except SymbiontError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
