"""The rule of the suite tool_calling is only to be had from its tool."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from example import rust
from model_server import called

if TYPE_CHECKING:
    from example import NewExample

SUITE = Path(__file__).parents[2] / "example_suites" / "tool_calling"
WRONG = rust("fn shows(n: i64) -> i64 { n }")
RIGHT = rust(f"{(Path(__file__).parent / 'references' / 'tool_calling.rs').read_text('utf-8')}")
# The constants of the rule, and what the machine's own code is called.
TOLD_TOO_MUCH = re.compile(r"\b(?:3|7|10|_shown)\b|\bn \*|\* n\b")


def test_nothing_tells_the_rule_before_the_tool_does(example: NewExample) -> None:
    files = {path.name: path.read_bytes() for path in SUITE.iterdir() if path.suffix in {".py", ".rs"}}
    ran = example(files).run(
        "--evolve",
        answers=[WRONG, "I cannot know.", called(("probe", '{"n": 0}'), ("probe", '{"n": 1}')), RIGHT],
        changed={"machine.rs": ...},
    )
    # With what failed, with an answer without code, and with the tool's description.
    for number in range(3):
        prompt = ran.prompt(number) + str(ran.requests[number].body["tools"])
        assert "What the machine shows when its dial stands at n." in prompt
        assert not TOLD_TOO_MUCH.search(prompt), TOLD_TOO_MUCH.search(prompt)
    results = [
        message["content"] for message in ran.requests[3].body["messages"] if message["role"] == "tool"
    ]
    assert results == ["7", "10"]
