"""The session that docs/concepts.md tells, with the answers that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from example import rust
from pages import ROOT, blocks

if TYPE_CHECKING:
    from example import NewExample

PAGE = ROOT / "docs" / "concepts.md"


def test_the_session_is_as_it_is_told(example: NewExample) -> None:
    unwritten, *answers = blocks(PAGE, "rust")
    [tests], [shown] = blocks(PAGE, "python"), blocks(PAGE, "text")
    year = example({"year.rs": unwritten, "test_year.py": tests})

    doc, _, _ = unwritten.partition("\n")
    ran = year.run(
        "--evolve",
        answers=[rust(answer) for answer in answers],
        outcomes={"passed": 3},
        changed={"year.rs": f"{doc}\n{answers[-1]}"},
    )

    said = iter(ran.out.splitlines())
    assert [line for line in shown.splitlines() if line not in said] == []
    assert "2000" not in "".join(ran.prompt(number) for number in range(3))
