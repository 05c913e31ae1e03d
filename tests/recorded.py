"""The example suites as they are recorded: replayed by the command of their READMEs, with a trace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from replay import shown

if TYPE_CHECKING:
    from example import NewExample

SUITES = Path(__file__).parents[1] / "example_suites"


def replayed(example: NewExample, name: str, *options: str, told_more: bool = False) -> Path:
    """Replay a suite, with every answer found by its prompt's own text; the path of the trace.

    With ``options`` by which the model is ``told_more``, answers may be found by their position.
    """
    files = [path for path in (SUITES / name).rglob("*") if path.suffix in {".rs", ".py", ".jsonl"}]
    suite = example({path.relative_to(SUITES).as_posix(): path.read_bytes() for path in files})
    said = shown(SUITES / name / "README.md")
    ran = suite.run(
        *said.arguments,
        *options,
        "--evolve-write=never",
        "--evolve-trace=trace.jsonl",
        code=0 if said.solved else 1,
        changed={"trace.jsonl": ...},
    )
    assert told_more or "replaying by position" not in ran.out
    return suite.path / "trace.jsonl"
