"""--evolve-html: a session as one page."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import zlib
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from adding import FILES, RIGHT
from example import rust

from pytest_symbiont.report import events as seen
from pytest_symbiont.report.html.page import page
from pytest_symbiont.report.trace import read

if TYPE_CHECKING:
    from pathlib import Path

    from example import NewExample

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\u202e"


class Elements(HTMLParser):
    """Every element with its attributes, and the text of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def data(text: str) -> dict[str, Any]:
    packed = re.search(r'id="data">([^<]*)</script>', text)
    assert packed
    told = json.loads(zlib.decompress(base64.b64decode(packed[1])))
    assert isinstance(told, dict)
    return told


def test_the_page_has_everything_and_loads_nothing(example: NewExample) -> None:
    suite = example(FILES)
    wrong = f"{HOSTILE}\n{rust('pub fn add(a: i64, b: i64) -> i64 { a - b }')}"
    ran = suite.run(
        *("--evolve", "--evolve-write=never", "--evolve-html=out/page.html", "--evolve-trace=trace.jsonl"),
        answers=[wrong, RIGHT],
        changed={"out/page.html": ..., "trace.jsonl": ...},
    )
    assert "green after 2 rounds" in ran.summary
    text = suite.read("out/page.html")
    elements = Elements(text).found
    assert [tag for tag, _ in elements if tag in {"link", "img", "iframe", "script"}] == ["script", "script"]
    assert not [attributes for _, attributes in elements if {"src", "href"} & set(attributes)]
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    policy = next(attributes["content"] for _, attributes in elements if "http-equiv" in attributes)
    assert policy
    assert "default-src 'none'" in policy
    [told] = data(text)["suites"]
    assert [attempt["step"] for attempt in told["attempts"]] == ["tests fail", ""]
    assert told["end"]["end"] == "won"
    assert HOSTILE in data(text)["texts"][told["attempts"][0]["answer"]]
    assert "onerror" not in text
    # A trace gives the same page.
    made = suite.path / "again.html"
    command = [
        sys.executable,
        "-m",
        "pytest_symbiont.report.html",
        str(suite.path / "trace.jsonl"),
        str(made),
    ]
    subprocess.run(command, check=True)
    assert made.read_text("utf-8") == text


def test_without_javascript_the_winner_is_there(example: NewExample) -> None:
    suite = example(FILES)
    suite.run(
        *("--evolve", "--evolve-write=never", "--evolve-html=page.html"),
        answers=[rust("pub fn add(a: i64, b: i64) -> i64 { let c = a & 0; a + b + c }")],
        changed={"page.html": ...},
    )
    [_, without] = suite.read("page.html").split("<noscript>")
    assert "a &amp; 0" in without.split("</noscript>")[0]


def test_a_session_in_which_nothing_evolved_has_a_page(example: NewExample) -> None:
    suite = example({**FILES, "add.rs": "pub fn add(a: i64, b: i64) -> i64 {\n    a + b\n}\n"})
    suite.run("--evolve", "--evolve-html=page.html", answers=[], changed={"page.html": ...})
    assert data(suite.read("page.html"))["suites"][0]["end"]["end"] == "green"


def test_a_file_that_cannot_be_written_ends_it_before_anything_is_asked(example: NewExample) -> None:
    suite = example({**FILES, "taken": "a file"})
    ran = suite.run("--evolve", "--evolve-html=taken/page.html", answers=[], code=4)
    assert "--evolve-html: " in ran.err
    assert "name another file" in ran.err


def test_wrong_usage_of_the_module_is_told(tmp_path: Path) -> None:
    for arguments, said in (([], "usage: "), ([str(tmp_path / "no"), str(tmp_path / "x")], "cannot be read")):
        command = [sys.executable, "-m", "pytest_symbiont.report.html", *arguments]
        ran = subprocess.run(command, check=False, capture_output=True, text=True)
        assert ran.returncode == 1
        assert said in ran.stderr


def _attempt(number: int) -> seen.Attempt:
    tests = tuple(seen.TestSeen(f"t{index}", "failed", "E", str(number)) for index in range(20))
    return seen.Attempt(
        suite="add.rs::add", number=number, round=number, lane=0, parents=(number - 1,)[: number - 1],
        decision=seen.DecisionSeen("repair", "repair", ""), prompt=(seen.MessageSeen("user", f"p{number}"),),
        model="m", seed=number, temperature=0.7, answer=f"a{number}", finish="stop", replayed=False,
        prompt_tokens=1, generated_tokens=1, cost=0.0, step="tests fail", problem="",
        bodies={"add": f"b{number}"}, revision=number,
        verdict=seen.VerdictSeen(False, 0.5, str(number), "", tests), seconds=seen.Spent(),
    )  # fmt: skip


def test_a_thousand_candidates_stay_small() -> None:
    """What is large is prompts: they grow with the conversation, and no two are the same."""
    told: list[seen.Events] = [
        seen.Suite("add.rs::add", (), {}, (seen.TestBound("test_add.py::test_add", 1.0, False),))
    ]
    for number in range(1, 1_001):
        filling = "".join(f"{number * factor:x} " for factor in range(200))
        told += [seen.Text(f"{kind}{number}", f"{kind} {number} {filling}") for kind in "pab"]
        told.append(_attempt(number))
    text = page(told)
    assert len(text) < 5_000_000
    assert len(data(text)["suites"][0]["attempts"]) == 1_000


def test_half_a_trace_has_a_page(example: NewExample) -> None:
    suite = example(FILES)
    suite.run(
        "--evolve",
        "--evolve-write=never",
        "--evolve-trace=t.jsonl",
        answers=[RIGHT],
        changed={"t.jsonl": ...},
    )
    lines = suite.read("t.jsonl").splitlines(keepends=True)
    for count in range(len(lines)):
        (suite.path / "half.jsonl").write_text("".join(lines[:count]), "utf-8")
        assert "pytest-symbiont" in page(read(suite.path / "half.jsonl"))
