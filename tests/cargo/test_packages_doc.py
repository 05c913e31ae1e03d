"""The package of docs/packages.md does what the page says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from example import rust
from pages import ROOT, blocks

if TYPE_CHECKING:
    from example import NewExample

PAGE = ROOT / "docs" / "packages.md"


def test_the_package_on_the_page_evolves(example: NewExample) -> None:
    texts = blocks(PAGE, "rust") + blocks(PAGE, "python")
    named = {match[1]: text for text in texts if (match := re.match(r"(?://|#) (\S+\.(?:rs|py))\n", text))}
    [after] = [text.partition("\n")[2] for text in texts if text.startswith("// src/parse.rs, afterwards")]
    [manifest] = blocks(PAGE, "toml")
    package = example({"Cargo.toml": manifest, **named})
    assert set(package.files()) == {
        "Cargo.toml", "src/lib.rs", "src/parse.rs", "src/units.rs", "tests/test_times.py",
    }  # fmt: skip
    before = package.read("src/parse.rs")
    written = before[: before.index("fn part")] + after
    ran = package.run(
        "--evolve", answers=[rust(after)], outcomes={"passed": 6},
        changed={"src/parse.rs": written, "Cargo.lock": ...},
    )  # fmt: skip
    assert "times has the whole std" in ran.out
