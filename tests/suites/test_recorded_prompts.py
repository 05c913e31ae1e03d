"""What the model was sent about `rastrigin` and `sorting` gives nothing of the answer away.

A recording holds digests of its prompts, so a replay renders them anew; that it finds each answer by the
prompt's own text says that these are the prompts that were sent.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from recorded import replayed

from pytest_symbiont.report import trace
from pytest_symbiont.report.events import Attempt, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from example import NewExample

REFERENCES = Path(__file__).parent / "references"

# Names, formulas and constants of what would be right, as one would write them in prose, Rust or Python.
GIVEN_AWAY: Mapping[str, Sequence[str]] = {
    "rastrigin": [
        r"rastrigin",
        r"\b(?:cos|sin)",
        r"trigonometr|periodic|oscillat|wave|ripple|egg",
        r"\bpi\b|π|\btau\b|consts",
        r"3\.14\d|6\.28\d",
        r"\b([xyv]) ?\* ?\1\b|\.pow|\*\* ?2|[xyv]²|[xyv]\^2|square of",
        r"10(?:\.0)? ?\*|\* ?10\b|20(?:\.0)? ?\+|\+ ?20(?:\.0)?\b",
    ],
    "sorting": [
        r"(?:quick|merge|radix|heap|shell|insertion|selection|counting|tim|intro|pdq|ips)[ _-]?sort",
        r"pivot|partition|median of three|histogram|bucket|galloping|sift|insertion",
        r"to_bits|from_bits|total_cmp|partial_cmp",
        r"sort_unstable|sort_by|sort_floats|select_nth|BinaryHeap|BTree",
        r"1 ?<< ?(?:8|11|16)|0xff|\b2048\b|\b65_?536\b",
        r"divide and conquer|n log n|O\(n",
    ],
}


@pytest.mark.parametrize("name", GIVEN_AWAY)
def test_no_prompt_holds_the_answer(example: NewExample, name: str) -> None:
    prompts = _prompts(replayed(example, name))
    assert len(prompts) > 1
    for sent, heard in prompts:
        # What the model said itself may be quoted back at it: errors name it, for one.
        given = {word for word in _found(name, sent) if word not in heard}
        assert given == set()


@pytest.mark.parametrize("name", GIVEN_AWAY)
def test_the_search_would_find_it(name: str) -> None:
    assert len(_found(name, (REFERENCES / f"{name}.rs").read_text("utf-8"))) >= 2


def _found(name: str, text: str) -> set[str]:
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in GIVEN_AWAY[name]]
    return {match[0].lower() for pattern in patterns for match in pattern.finditer(text)}


def _prompts(path: Path) -> list[tuple[str, str]]:
    """Of every question what we sent, and what the model had answered until then."""
    events = trace.read(path)
    texts = {event.digest: event.text for event in events if isinstance(event, Text)}
    heard, prompts = "", []
    for attempt in (event for event in events if isinstance(event, Attempt)):
        ours = [texts[message.text] for message in attempt.prompt if message.role != "assistant"]
        prompts.append(("\n".join(ours), heard))
        heard += texts[attempt.answer].lower()
    return prompts
