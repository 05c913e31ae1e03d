"""How much of published Rust can be declared: ``python benchmarks/corpus.py FOLDER``, of any ``.rs`` files.

Each file is read by itself, as suites are: types of other files are unknown, and count as refused. A generic
function counts where it can be declared; whether rustc takes an instance is not tried. Generic types are left
out: what they are declared with is not known.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.bridge.evolving import EvolvingFile, read
from pytest_symbiont.bridge.workbench import Workbench
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.source.parse import functions, methods
from pytest_symbiont.source.types import declarations

if TYPE_CHECKING:
    from collections.abc import Callable

_QUOTED = re.compile(r"'[^']*'|`[^`]*`|\d+")
_SHOWN = 12


class Tally:
    """What was seen and planned, by kind, and why the rest was not."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.planned: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()

    def count(self, kind: str, declare: Callable[[str], object], path: str) -> None:
        self.seen[kind] += 1
        try:
            declare(path)
        except SymbiontError as error:
            self.reasons[f"{kind}: {_reason(str(error))}"] += 1
        else:
            self.planned[kind] += 1

    def file(self, file: EvolvingFile) -> None:
        text = file.source.text
        declared = declarations(text).by_path
        for function in functions(text):
            self.count("generic functions" if function.generics else "functions", file.handle, function.path)
        for name in sorted({each.impl.name for each in methods(text) if each.impl and not each.impl.module}):
            if name in declared and not declared[name].parameters and file.kind(name) == "type":
                self.count("types with methods", file.type, name)


def main(folder: Path) -> None:
    workbench, tally = Workbench(), Tally()
    for path in sorted(folder.rglob("*.rs")):
        try:
            file = EvolvingFile(read(path), workbench)
        except SymbiontError as error:
            tally.reasons[f"files: {_reason(str(error))}"] += 1
        else:
            tally.file(file)
    for kind, total in sorted(tally.seen.items()):
        print(f"{kind:20} {tally.planned[kind]:6} of {total:6}  {tally.planned[kind] / total:6.1%}")
    for reason, times in tally.reasons.most_common(_SHOWN):
        print(f"{times:6}  {reason}")


def _reason(message: str) -> str:
    """The message without what is particular to one function."""
    return _QUOTED.sub("...", message.rpartition(": ")[2])[:100]


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():  # noqa: PLR2004 - one folder
        sys.exit("usage: python benchmarks/corpus.py FOLDER")
    main(Path(sys.argv[1]))
