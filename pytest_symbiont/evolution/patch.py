"""Changes as one patch, for ``git apply`` and for the eye."""

from __future__ import annotations

import codecs
import difflib
import os
import unicodedata
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.source.encoding import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.text import Text

    from pytest_symbiont.evolution.writeback import Change

_CONTEXT = 3
_NO_NEWLINE = "\\ No newline at end of file\n"
_LETTER_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
_STYLES = {"+": "green", "-": "red", "@": "cyan", "\\": "dim"}
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def patch_root(start: Path) -> Path:
    """The top of the git work tree that ``start``, a folder, is in, else ``start``."""
    here = Path(os.path.realpath(start))
    for folder in (here, *here.parents):
        # A file in linked work trees and submodules.
        if (folder / ".git").exists():
            return folder
    return start


def patch(changes: Iterable[Change], root: Path) -> str:
    """One text, for ``git apply`` or ``patch -p1`` in ``root``; encode it as UTF-8, translate no line ends.

    A symlink's destination is what is named. A file outside ``root`` is named by its whole path
    (``a/home/me/other.rs``): ``git apply`` in ``root`` then refuses the patch instead of patching a namesake,
    and ``patch -p1 -d /`` takes it. Group changes by `patch_root` to have one patch a work tree.
    """
    named = [(_name(change.path, root), change) for change in changes]
    return "".join(_file_patch(name, change) for name, change in sorted(named, key=itemgetter(0)))


def _name(path: Path, root: Path) -> str:
    destination = Path(os.path.realpath(path))
    top = os.path.realpath(root)
    if not destination.is_relative_to(top):
        top = destination.anchor
    return destination.relative_to(top).as_posix()


def _file_patch(name: str, change: Change) -> str:
    if change.before == change.after:
        return ""
    old, new = _quoted(f"a/{name}"), _quoted(f"b/{name}")
    head = f"diff --git {old} {new}\n"
    if change.before is None:
        head += "new file mode 100644\n"
    before, after = _lines(change.before or b"", name), _lines(change.after, name)
    hunks = "".join(_hunks(before, after))
    if not hunks:
        return head
    # Without this tab `patch` takes a name with a space to end there.
    tab = "\t" if " " in name else ""
    old_line = "/dev/null" if change.before is None else old + tab
    return f"{head}--- {old_line}\n+++ {new}{tab}\n{hunks}"


def _quoted(name: str) -> str:
    """``name`` as git writes it: in C's quotes, bytes in octal, as soon as one is not plain ASCII."""
    raw = os.fsencode(name)
    quoted = "".join(_escaped(byte) for byte in raw)
    return name if quoted == name else f'"{quoted}"'


def _escaped(byte: int) -> str:
    if letter := _LETTER_ESCAPES.get(byte):
        return f"\\{letter}"
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"  # noqa: PLR2004 - printable ASCII


def _lines(raw: bytes, name: str) -> list[str]:
    """The lines with their ends, byte order mark included, cut where git cuts: at line feeds alone."""
    mark = "\ufeff" if raw.startswith(codecs.BOM_UTF8) else ""
    lines = (mark + decode(raw, name)).split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def _hunks(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, before, after)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from _marked(" ", before[i1:i2])
            else:
                yield from _marked("-", before[i1:i2])
                yield from _marked("+", after[j1:j2])


def _range(start: int, stop: int) -> str:
    """Lines ``start`` to ``stop`` (from 0, exclusive) as a hunk head counts them; nothing is after a line."""
    length = stop - start
    return f"{start + 1 if length else start},{length}"


def _marked(mark: str, lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n{_NO_NEWLINE}"


def coloured(patch_text: str) -> Text:
    r"""The patch for a terminal: added green, removed red, and what a terminal would obey or hide
    (escapes, carriage returns, bidirectional marks) written out as ``\x1b``, ``\r``, ``\u202e``.
    """
    from rich.text import Text  # noqa: PLC0415 - only a review or a report pays for it

    text = Text()
    in_hunks = False
    for line in patch_text.split("\n"):
        # By place, not by look: a removed `-- x` reads `--- x`. No line of a hunk begins with a `d`.
        in_hunks = line.startswith("@@") or (in_hunks and not line.startswith("diff --git "))
        style = _STYLES.get(line[:1], "") if in_hunks else "bold"
        text.append(_visible(line), style)
        text.append("\n")
    text.right_crop(1)
    return text


def _visible(line: str) -> str:
    return "".join(
        char.encode("unicode_escape").decode("ascii")
        if unicodedata.category(char) in _INVISIBLE and char != "\t"
        else char
        for char in line
    )
