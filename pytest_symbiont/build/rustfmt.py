"""Format what evolved as the rest of its file is formatted."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.source.edit import replace_bodies
from pytest_symbiont.source.parse import bodies as all_bodies

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from pytest_symbiont.build.jail import Jail
    from pytest_symbiont.source.values import Function

# rustfmt needs milliseconds; some inputs (deep chains, long macros) take it minutes.
_SECONDS = 10
_CONFIGURATION = ("rustfmt.toml", ".rustfmt.toml")


def find(sysroot: Path) -> Path | None:
    """The toolchain's own rustfmt, else the one on PATH; None where there is none (it is a component)."""
    own = sysroot / "bin" / "rustfmt"
    if own.is_file() and os.access(own, os.X_OK):
        return own
    on_path = shutil.which("rustfmt")
    return Path(on_path) if on_path else None


def formatted(
    text: str, rustfmt: Path, folder: Path, edition: str = "2024", *, jail: Jail | None = None
) -> str | None:
    """``text`` as rustfmt writes it under the rustfmt.toml of ``folder`` or above, with its own line ends.

    What a model wrote is formatted in a ``jail``.

    None where rustfmt gives nothing: it cannot parse the text, is missing, needs more than ten seconds; or
    the text mixes line ends, which rustfmt would level.
    """
    line_ends = _line_ends(text)
    if line_ends is None:
        return None
    around = jail.around(rustfmt, _configuration(folder)) if jail else []
    command = [*around, str(rustfmt), "--edition", edition, "--emit", "stdout", "--quiet", "--color", "never"]
    # Not Auto: reading from stdin, rustfmt 1.9 takes every text for one with Unix line ends.
    command += ["--config", f"newline_style={line_ends}"]
    environment = {
        name: os.environ[name] for name in ("PATH", "HOME", "XDG_CONFIG_HOME") if name in os.environ
    }
    try:
        run = subprocess.run(
            command,
            input=text.encode(),
            capture_output=True,
            check=True,
            cwd=folder,
            env=environment,
            timeout=_SECONDS,
        )
        return run.stdout.decode()
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return None


def _configuration(folder: Path) -> Iterator[Path]:
    """The settings that rustfmt would look for: in the folder, above it, at home."""
    home = Path(os.environ.get("HOME", "/"))
    settings = Path(os.environ.get("XDG_CONFIG_HOME", home / ".config")) / "rustfmt"
    for place in (folder.resolve(), *folder.resolve().parents, home, settings):
        yield from (found for name in _CONFIGURATION if (found := place / name).is_file())


def was_clean(
    text: str, rustfmt: Path, folder: Path, edition: str = "2024", *, jail: Jail | None = None
) -> bool:
    """Whether rustfmt would leave ``text`` as it is."""
    # rustfmt makes one empty line of an empty file.
    return not text or formatted(text, rustfmt, folder, edition, jail=jail) == text


def format_bodies(
    before: str,
    after: str,
    paths: Sequence[str],
    rustfmt: Path,
    folder: Path,
    edition: str = "2024",
    *,
    jail: Jail | None = None,
) -> str:
    """``after`` with the bodies of the functions ``paths`` formatted, if ``before`` was rustfmt-clean.

    Nothing outside those bodies changes: where it would, or where rustfmt gives nothing, ``after`` comes back
    as it is. A file that is not there yet is empty, and clean, ``before``.
    """
    if not was_clean(before, rustfmt, folder, edition, jail=jail):
        return after
    neat = formatted(after, rustfmt, folder, edition, jail=jail)
    if neat is None:
        return after
    found = _named(neat, paths)
    bodies = {function.path: function.body for function in found}
    if len(bodies) != len(found):
        # Two of one path, under #[cfg]: which body is whose is not for a guess.
        return after
    result = replace_bodies(after, bodies)
    as_meant = (
        _around(result, paths) == _around(after, paths)
        # Moving a block must not have moved what is inside its strings.
        and {function.path: function.body for function in _named(result, paths)} == bodies
    )
    return result if as_meant else after


def _line_ends(text: str) -> str | None:
    """rustfmt's name for the line ends of ``text``, None where they are mixed."""
    windows = text.count("\r\n")
    if windows == 0:
        return "Unix"
    return "Windows" if windows == text.count("\n") else None


def _named(text: str, paths: Collection[str]) -> list[Function]:
    return [function for function in all_bodies(text) if function.path in paths]


def _around(text: str, paths: Collection[str]) -> list[bytes]:
    """The bytes before, between and after the bodies of the functions ``paths``."""
    raw = text.encode()
    pieces, position = [], 0
    for function in sorted(_named(text, paths), key=lambda function: function.body_start):
        pieces.append(raw[position : function.body_start])
        position = function.body_end
    return [*pieces, raw[position:]]
