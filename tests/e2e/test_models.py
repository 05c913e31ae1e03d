"""A session against models that fail, are several, are local or come from a plugin."""

# ruff: noqa: E501 - a message stands in its row, whole

from __future__ import annotations

import json
import os
import socket
import sys
from typing import TYPE_CHECKING

import pytest
from adding import FILES, GREEN, RIGHT, TESTS, WORSE, WRONG
from example import rust
from model_server import Drip, Fault, ModelServer, delta, events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from example import NewExample

HALF = events(delta("half an ")).replace("data: [DONE]\n\n", "")
BUSY = Fault(429, {"error": {"message": "slow down"}})
PLUGIN = """
from pytest_symbiont.models.values import Answer

class Mine:
    name = "mine"
    replays = False

    async def answer(self, request, listener=None):
        return Answer("fn add(a: i64, b: i64) -> i64 { a + b }", "mine", 3, 4, 0.0)

def pytest_symbiont_model(name, settings):
    return Mine() if name == "mine" else None

def pytest_symbiont_prompt_section(targets):
    return f"Mind the overflow of {targets[0].function.name}."
"""
# Serves like llama.cpp's program, as far as this package asks: --port, /health and chat completions.
LLAMA_SERVER = f"""#!{sys.executable}
import sys
sys.path[:0] = {sys.path!r}
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.say("ok")
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        Path("asked").write_text(" ".join(sys.argv[1:]))
        self.say('{{"choices": [{{"message": {{"content": "fn add(a: i64, b: i64) -> i64 {{ a + b }}"}}}}]}}')
    def say(self, text):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

if "broken" in sys.argv[sys.argv.index("--model") + 1]:
    sys.exit("no such architecture: none")
HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Handler).serve_forever()
"""


def garbage() -> Iterator[str]:
    for _ in range(120):
        yield "x" * (1 << 20)


@pytest.mark.parametrize(
    "fault",
    [
        BUSY,
        Fault(408),
        Fault(425),
        Fault(500, "<html>oops</html>", content_type="text/html"),
        Fault(503, ""),
        Fault(200, HALF, content_type="text/event-stream"),
        Fault(200, HALF, {"content-length": "100000"}),
        Fault(200, events(delta("x"), '{"choi'), content_type="image/png"),
    ],
    ids=["429", "408", "425", "500", "503", "ends early", "reset", "truncated"],
)
def test_what_passes_is_no_attempt(example: NewExample, fault: Fault) -> None:
    ran = example(FILES).run(
        "--evolve", answers=[WRONG, fault, fault, RIGHT], changed={"add.rs": ...}, outcomes={"passed": 2}
    )
    assert "2 rounds, 2 answers of scripted" in ran.summary
    prompts = [request.body["messages"] for request in ran.requests]
    assert prompts[1] == prompts[2] == prompts[3]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            Fault(401, {"error": {"message": "bad key"}}),
            "wants a key (401, 1 try: bad key): set OPENAI_API_KEY",
        ),
        (
            Fault(400, {"error": {"message": "no such thing"}}),
            "refused the request to scripted (400, 1 try: no s",
        ),
        (
            Fault(402, {"error": {"message": "no credit"}}),
            "refused the request to scripted (402, 1 try: no cr",
        ),
        (
            Fault(200, "<html>Welcome</html>", content_type="text/html"),
            "sent no answer that can be read (<html>",
        ),
        (Fault(200, '{"choices": [{"mess'), 'sent no answer that can be read ({"choices": [{"mess): is it'),
        (Drip(pieces=garbage), "sent more than 16 MiB: is it the API's URL?"),
    ],
    ids=["401", "400", "402", "HTML", "truncated JSON", "120 MB"],
)
def test_what_does_not_pass_ends_evolution_and_loses_nothing(
    example: NewExample, fault: Fault, said: str
) -> None:
    files = {**FILES, "sub.rs": GREEN.replace("add", "sub").replace("a + b", "todo!()"),
             "test_sub.py": TESTS.replace("add", "sub").replace("42", "-2")}  # fmt: skip
    ran = example(files).run("--evolve", answers=[WRONG, fault], code=1, outcomes={"failed": 4})
    assert "add.rs::add: not solved: " in ran.summary
    assert said in ran.summary
    assert "1 round, 1 answer of scripted" in ran.summary
    # Nobody is asked for the other suite.
    assert "sub.rs::sub: not evolved: " in ran.summary
    assert ran.summary.count(said) == 2


def test_a_prompt_that_does_not_fit_is_made_shorter(example: NewExample) -> None:
    def most(request: dict[str, object]) -> str | Fault:
        size = len(str(request["messages"]))
        limits.append(size + 200)  # not much more than the first prompt
        if size > limits[0]:
            return Fault(400, {"error": {"message": "the request exceeds the available context size"}})
        seen.append(str(request["messages"]))
        return [WRONG, WORSE, RIGHT][len(seen) - 1]

    seen: list[str] = []
    limits: list[int] = []
    ran = example(FILES).run(
        "--evolve", answers=[most], repeat=True, changed={"add.rs": ...}, outcomes={"passed": 2}
    )
    assert "does not fit into scripted's context" in ran.out
    assert "; asked again with a shorter prompt" in ran.out
    assert all("pub fn add(a: i64, b: i64) -> i64" in prompt for prompt in seen)
    assert "What was tried before, and is wrong:" in seen[-1]
    assert "3 rounds, 3 answers" in ran.summary


def test_a_task_that_never_fits_is_given_up(example: NewExample) -> None:
    fault = Fault(400, {"error": {"message": "context_length_exceeded"}})
    ran = example(FILES).run("--evolve", answers=[fault] * 3, code=1)
    assert "not solved: http" in ran.summary
    assert "the prompt does not fit into scripted's context (400: context_length_exceeded)" in ran.summary
    first, _, last = (request.body["max_tokens"] for request in ran.requests)
    assert last == first // 2


def test_an_answer_is_over_when_its_code_is_there(example: NewExample) -> None:
    talk = "".join(f"\nFurther, {number} things are to be said." for number in range(50))
    add = example(FILES)
    add.run("--evolve", "--evolve-record=new", answers=[f"{RIGHT}\n{talk}"],
            changed={"add.rs": GREEN, "__answers__/add.rs-add.jsonl": ...})  # fmt: skip
    entry = json.loads(add.read("__answers__/add.rs-add.jsonl"))
    assert entry["finish"] == "enough"
    assert len(entry["answer"]) < len(RIGHT) + 10


def test_a_scratch_in_thoughts_is_not_the_end(example: NewExample) -> None:
    answer = f"<think>\n{WRONG}\n</think>\n{RIGHT}"
    example(FILES).run("--evolve", answers=[answer], changed={"add.rs": GREEN})


def test_several_models_take_turns_and_the_winner_is_named(example: NewExample) -> None:
    with ModelServer([WRONG]) as one, ModelServer([RIGHT]) as two:
        ran = example(FILES).run(
            "--evolve", f"--evolve-model=one@{one.url}", f"--evolve-model=two@{two.url}",
            changed={"add.rs": GREEN},
        )  # fmt: skip
        assert (len(one.requests), len(two.requests)) == (1, 1)
    assert "symbiont: 1 suite; models: one at 127.0.0.1" in ran.out
    assert "green after 2 rounds, by two" in ran.summary
    assert "2 answers of one, two" in ran.summary


def test_a_plugin_may_bring_a_model_and_add_to_the_prompt(example: NewExample) -> None:
    add = example({**FILES, "conftest.py": PLUGIN})
    ran = add.run("--evolve", "-vv", "--evolve-model=mine", changed={"add.rs": GREEN})
    assert "model: mine of a plugin" in ran.out
    assert "Mind the overflow of add." in ran.out
    assert "1 answer of mine" in ran.summary


def test_a_key_may_stand_in_the_env_file_and_nowhere_else(example: NewExample) -> None:
    secret = "sk-in-the-file-0123456789"
    add = example({**FILES, "test_add.py": TESTS.replace("import pytest\n", f"import pytest\nX = '{secret}'\n")
                   .replace("== 42", "== 42, X")})  # fmt: skip
    with ModelServer([WRONG, RIGHT]) as server:
        add.write({".env": f"OPENAI_API_KEY='{secret}'\nOPENAI_BASE_URL={server.url}\nOPENAI_MODEL=told\n"})
        ran = add.run("--evolve", "-vv", "--evolve-record=new",
                      changed={"add.rs": GREEN, "__answers__/add.rs-add.jsonl": ...})  # fmt: skip
    assert [request.headers["authorization"] for request in server.requests] == [f"Bearer {secret}"] * 2
    assert all(secret not in json.dumps(request.body) for request in server.requests)
    assert secret not in ran.out + ran.err
    kept = (path for path in add.path.rglob("*.jsonl"))
    assert all(secret not in path.read_text("utf-8") for path in kept)


def test_a_model_file_is_served_for_the_session(example: NewExample, monkeypatch: pytest.MonkeyPatch) -> None:
    add = example({**FILES, "bin/llama-server": LLAMA_SERVER, "tiny.gguf": b"GGUF", "broken.gguf": b"GGUF"})
    (add.path / "bin/llama-server").chmod(0o755)
    ran = add.run("--evolve", "--evolve-model=local:tiny.gguf", code=4)
    assert "--evolve-model=local:…: there is no llama-server on PATH; install llama.cpp, or start" in ran.err
    monkeypatch.setenv("PATH", f"{add.path}/bin:{os.environ['PATH']}")
    ran = add.run("--evolve", "--evolve-model=local:tiny.gguf", "--evolve-lanes=2",
                  changed={"add.rs": GREEN, "asked": ...})  # fmt: skip
    assert "model: tiny.gguf in a llama-server of this session" in ran.out
    told = add.read("asked").split()
    assert told[:4] == ["--model", "tiny.gguf", "--alias", "tiny"]
    assert "--parallel 2" in " ".join(told)
    with pytest.raises(ProcessLookupError):
        os.kill(_listener(int(told[told.index("--port") + 1])), 0)

    add.write({"add.rs": FILES["add.rs"]})
    ran = add.run("--evolve", "--evolve-model=local:broken.gguf", code=1)
    assert (
        "not evolved: llama-server ended with 1 while it loaded broken.gguf: no such architecture"
        in ran.summary
    )


def _listener(port: int) -> int:
    """A process that listens on a port, or one that there is none of."""
    with socket.socket() as probe:
        return 2**22 + 1 if probe.connect_ex(("127.0.0.1", port)) else os.getpid()


def test_elisions_are_told_to_the_model(example: NewExample) -> None:
    elided = rust("pub fn add(a: i64, b: i64) -> i64 {\n    // ... existing code ...\n    a\n}")
    ran = example(FILES).run("--evolve", answers=[elided, RIGHT], changed={"add.rs": GREEN})
    said = "That has `// ... existing code ...` where code belongs: send every line of it."
    assert said in ran.last_message(1)


def test_an_edit_is_made_in_the_last_body(example: NewExample) -> None:
    edit = "```diff\n-    a - b\n+    a + b\n```"
    spread = rust("pub fn add(a: i64, b: i64) -> i64 {\n    a - b\n}")
    ran = example(FILES).run("--evolve", "-v", answers=[spread, edit], changed={"add.rs": GREEN})
    assert "    the edit made in the code that was shown" in ran.out


def test_where_code_breaks_off_is_shown_to_the_model(example: NewExample) -> None:
    cut = "```rust\npub fn add(a: i64, b: i64) -> i64 {\n    (a +"
    ran = example(FILES).run("--evolve", answers=[cut, RIGHT], changed={"add.rs": GREEN})
    assert "line 2, column 5: this is never closed\n2 |     (a +\n  |     ^" in ran.last_message(1)
    assert "  round 1: breaks off: the definition of `add` does not parse to its end" in ran.out


@pytest.mark.parametrize(
    ("code", "note"),
    [
        (
            "pub fn add<T: std::ops::Add<Output = T>>(a: T, b: T) -> T { let sum: T = a + b; sum }",
            "nested inside `add`",
        ),
        ("pub fn add(a: i64, b: i64) -> i32 { a + b }", "the signature of `add` became"),
        ("pub fn add(a: i128, b: i128) -> i128 { let sum: i128 = a + b; sum }", "nested inside `add`"),
    ],
    ids=["generic", "only the declared type compiles", "only its own type compiles"],
)
def test_a_signature_of_its_own_is_made_to_fit(example: NewExample, code: str, note: str) -> None:
    ran = example(FILES).run(
        "--evolve", "-v", answers=[rust(code)], changed={"add.rs": ...}, outcomes={"passed": 2}
    )
    assert "round 1: 2 of 2 tests pass" in ran.out
    assert note in ran.out
