"""The tutorial, step by step, with the answers that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from example import rust
from pages import ROOT, blocks

if TYPE_CHECKING:
    from example import NewExample

PAGE = ROOT / "docs" / "tutorial.md"


def test_ten_minutes(example: NewExample) -> None:
    unwritten, first, second = blocks(PAGE, "rust")
    tests, more = blocks(PAGE, "python")
    slugs = example({"slug.rs": unwritten, "test_slug.py": tests})

    red = slugs.run(code=1, outcomes={"failed": 4})
    assert "RustPanic: not yet implemented (slug.rs:3:5)" in red.out
    prompt = slugs.run("--evolve-show-prompt")
    assert "Make a title fit for a URL" in prompt.out

    slugs.run("--evolve", answers=[rust(first)], outcomes={"passed": 4}, changed={"slug.rs": first})
    slugs.run(outcomes={"passed": 4})

    slugs.write({"test_slug.py": f"{tests}\n\n{more}"})
    slugs.run(
        "--evolve",
        answers=[rust(second)],
        outcomes={"passed": 5},
        changed={"slug.rs": second, "symbiont.lock": ...},
    )
    slugs.run("--evolve-check", outcomes={"passed": 5})
