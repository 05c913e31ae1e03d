"""What may leave the machine or stand in a recording: no secrets, nothing that differs from run to run."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REDACTED = "<redacted>"
SHORTEST_SECRET = 8

# KEY and TOKEN only as words of the name (MONKEY, TOKENIZERS_PARALLELISM and KEYBOARD_LAYOUT are no secrets);
# the others are telling inside a word as well (PGPASSWORD).
_SECRET_NAME = re.compile(
    r"(?:^|[^A-Z])(?:API)?(?:KEY|TOKEN)S?(?:[^A-Z]|$)|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE
)

_TMP_PATH = re.compile(
    r"(?<![\w.-])(?:/[\w.+-]+)*/pytest-of-[^/\s]+/pytest-(?:\d+|current)(?:/popen-gw\d+)?(?![\w-])"
)
_RANDOM_NAME = re.compile(r"(?<=<tmp>/)tmp[a-z0-9_]{8}(?!\w)")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+(?=>)")

# What stands in quotes, in a comment or in a diff is data (a test may well be about '1m 30s') and is kept.
_KEPT_OR_DURATION = re.compile(
    r"""^(?:E[ ])?[ \t]*(?://|[-+?][ ]).*$"""
    r"""|(?<!\w)'[^'\n]*'(?!\w)|"[^"\n]*\""""
    r"""|(?P<duration>(?<![\w.])\d+(?:\.\d+)?[ ]?(?:seconds?|secs?|ms|us|µs|ns|s)(?!\w))""",
    re.MULTILINE,
)


def redact(text: str, environ: Mapping[str, str]) -> str:
    """Replace the values of environment variables whose name says secret (``…_KEY``, ``…_TOKEN``, …).

    Values of less than 8 characters stay: they would tear words apart. Call this before `normalise`, which
    could change a secret's text so that it is found no more.
    """
    values = {value.strip() for name, value in environ.items() if _SECRET_NAME.search(name)}
    # The longest first: one secret may be the beginning of another.
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= SHORTEST_SECRET:
            text = text.replace(value, REDACTED)
    return text


def normalise(text: str, root: Path) -> str:
    """Replace what belongs to a machine or a moment, so that the same failure gives the same prompt.

    ``root`` is the project's folder. It becomes ``<project>``, pytest's own temporary folders ``<tmp_path>``,
    the home folder ``<home>`` and the temporary folder ``<tmp>``; `` at 0x7f…>`` of a Python repr becomes
    `` at 0x…>``, and a duration outside of quotes, comments and diffs ``…s``. It is for failures and captured
    output: source text is the same in every run and should reach the model as it stands.
    """
    text = _replace_folder(text, root, "<project>")
    text = _TMP_PATH.sub("<tmp_path>", text)
    # The longest first: one may be inside the other.
    for folder, word in sorted(_machine_folders(), key=lambda pair: len(str(pair[0])), reverse=True):
        text = _replace_folder(text, folder, word)
    text = _RANDOM_NAME.sub("…", text)
    text = _ADDRESS.sub(" at 0x…", text)
    return _KEPT_OR_DURATION.sub(lambda match: "…s" if match["duration"] else match[0], text)


def public_url(url: str) -> str:
    """The URL as it may be shown: scheme, host, port and path; no user, password, query or fragment."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")


def _machine_folders() -> Iterator[tuple[Path, str]]:
    yield Path(tempfile.gettempdir()), "<tmp>"
    try:
        yield Path.home(), "<home>"
    except RuntimeError:  # no HOME and no entry in the user database, as in some containers
        return


def _replace_folder(text: str, folder: Path, word: str) -> str:
    for spelling in {folder.absolute(), folder.resolve()}:
        if spelling != spelling.parent:  # "/" is every path's folder and says nothing
            text = re.sub(rf"(?<![\w.-]){re.escape(str(spelling))}(?![\w-]|\.\w)", word, text)
    return text
