"""One suite run twice beside something of pytest's: evolved from red, and as an ordinary run of what was won.

What the other option or plugin says must be the same in both: that is what `Pair.same` holds.

    pair = evolved_and_plain(example, {"test_add.py": TESTS}, "--durations=0")
    assert pair.same(durations) == ["call test_adds", ...]

A reading of one side is a function of `Side`; what it returns is compared and handed back, so that a test
also says what it must be: two empty lists are the same as well.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from adding import GREEN, RED, RIGHT, WRONG

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from example import Content, Example, NewExample, Ran
    from model_server import Scripted

T = TypeVar("T")

_SECONDS = re.compile(r"\b\d+(?:\.\d+)?(?: ?s| seconds)\b")
# And what does from process to process: addresses, and the number of the folder for temporary files.
_NUMBERS = re.compile(r"\b0x[0-9a-f]+|(?<=/pytest-)\d+(?=/)")
_OURS = re.compile(r"=+ symbiont =+$|symbiont: |\S*\.rs::\S+: |warning: ")
HEAD = """
import pytest
from pytest_symbiont import evolvable

add = evolvable("add.rs::add")
pytestmark = pytest.mark.evolve(add)
"""


def of_add(tests: str) -> dict[str, Content]:
    """A folder with `add` in Rust, red, and tests that are all for it."""
    return {"add.rs": RED, "test_add.py": HEAD + tests}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs, and the files that it made or changed, in caches too."""

    ran: Ran
    files: Mapping[str, bytes]

    @property
    def out(self) -> str:
        """What pytest and the other plugin said: without what is ours, seconds, addresses and empty lines."""
        kept: list[str] = []
        ours = False
        for line in self.ran.out.splitlines():
            # The course, and what -v shows below it, is indented; so is our section below its heading.
            if _OURS.match(line):
                ours = True
            elif not (ours and line.startswith("  ")):
                ours = ours and not line
                kept.append(_NUMBERS.sub("…", _SECONDS.sub("…", line)))
        return "\n".join(filter(None, kept))

    def lines(self, pattern: str) -> list[str]:
        """The lines of `out` in which ``pattern`` is found, with what it found where it has groups."""
        found = (re.search(pattern, line) for line in self.out.splitlines())
        return [" ".join(match.groups()) if match.re.groups else match.string for match in found if match]

    @property
    def outcomes(self) -> dict[str, int]:
        return self.ran.result.parseoutcomes()


@dataclass(frozen=True, slots=True)
class Pair:
    """An evolved run, and the ordinary one on the body that it wrote."""

    evolved: Side
    plain: Side

    def same(self, read: Callable[[Side], T]) -> T:
        """What is read of both sides, which must be equal and is returned."""
        evolved, plain = read(self.evolved), read(self.plain)
        assert evolved == plain
        return evolved


def evolved_and_plain(
    example: NewExample,
    files: Mapping[str, Content],
    *args: str,
    plugins: Sequence[str] = (),
    answers: Sequence[Scripted] = (WRONG, RIGHT),
    body: str = GREEN,
    code: int = 0,
    env: Mapping[str, str | None] | None = None,
) -> Pair:
    """Evolve a folder, then forget all that this left but the body, and run it as an ordinary suite.

    Both runs have the same arguments, both must end with ``code``, and ``body`` is what must be in `add.rs`
    after the first one. With ``plugins`` they are processes of their own: see `alone`.
    """
    folder = example(files)

    def run(*more: str, answers: Sequence[Scripted] | None = None) -> Side:
        before = _files(folder)
        if plugins:
            ran = alone(folder, plugins, *more, *args, answers=answers, code=code, env=env)
        else:
            ran = folder.run(*more, *args, answers=answers, code=code, env=env, changed=...)
        left = {name: content for name, content in _files(folder).items() if before.get(name) != content}
        return Side(ran, left)

    evolved = run("--evolve", answers=answers)
    assert folder.read("add.rs") == body
    _forget(folder, {**files, "add.rs": body})
    return Pair(evolved, run())


def alone(
    folder: Example,
    plugins: Sequence[str],
    *args: str,
    answers: Sequence[Scripted] | None = None,
    code: int = 0,
    env: Mapping[str, str | None] | None = None,
) -> Ran:
    """A process in which these plugins (names for `-p`) and ours are all that is loaded."""
    names = ("pytest_symbiont.plugin", *plugins)
    only = {**(env or {}), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    loading = [f"-p{name}" for name in names]
    return folder.run(*loading, *args, answers=answers, code=code, env=only, subprocess=True, changed=...)


def _files(folder: Example) -> dict[str, bytes]:
    found = {str(path.relative_to(folder.path)): path for path in folder.path.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes()
        for name, path in sorted(found.items())
        if "__pycache__" not in name and not name.startswith("runpytest-")
    }


def _forget(folder: Example, files: Mapping[str, Content]) -> None:
    for path in folder.path.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    folder.write(files)
