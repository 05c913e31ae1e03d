"""--evolve-tools: what the model may call before it answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from example import rust
from model_server import Fault, ModelServer, Scripted, called, events

if TYPE_CHECKING:
    from example import Example, NewExample, Ran

CONFTEST = '''
import pytest
from pytest_symbiont import tool


@tool
def probe(n: int, times: int = 1) -> int:
    """What the machine shows at n."""
    return times * (3 * n + 7)


@pytest.fixture
def machine() -> dict[str, list[int]]:
    return {"seen": [7, 10]}
'''
TESTS = """
import pytest
from pytest_symbiont import evolvable

rule = evolvable("rule.rs::rule")


@pytest.mark.evolve(rule)
def test_at_nothing(machine):
    assert rule(0) == machine["seen"][0]


@pytest.mark.evolve(rule)
@pytest.mark.parametrize("n", [1, 2])
def test_at(n):
    assert (rule(n) - 7) % n == 0


@pytest.mark.evolve(rule, holdout=True)
def test_secret():
    assert rule(1000) == 3007
"""
RED = "pub fn rule(n: i64) -> i64 {\n    n\n}\n"
RIGHT = rust("pub fn rule(n: i64) -> i64 {\n    3 * n + 7\n}")
WON = "pub fn rule(n: i64) -> i64 {\n    3 * n + 7\n}\n"
FILES = {"rule.rs": RED, "conftest.py": CONFTEST, "test_rule.py": TESTS}


def tool_messages(ran: Ran, number: int) -> list[str]:
    """What tools told the model in a request."""
    messages = ran.requests[number].body["messages"]
    return [message["content"] for message in messages if message["role"] == "tool"]


def names(ran: Ran, number: int = 0) -> list[str]:
    return [offered["function"]["name"] for offered in ran.requests[number].body.get("tools", ())]


@pytest.fixture
def project(example: NewExample) -> Example:
    return example(FILES)


def test_the_projects_own_are_offered_and_used(project: Example) -> None:
    ran = project.run(
        "--evolve",
        answers=[called(("probe", '{"n": 0}'), ("probe", '{"n": 2, "times": 2}')), RIGHT],
        changed={"rule.rs": WON},
    )
    (offered,) = ran.requests[0].body["tools"]
    assert offered["function"]["description"] == "What the machine shows at n."
    assert offered["function"]["parameters"] == {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "times": {"type": "integer", "default": 1}},
        "required": ["n"],
        "additionalProperties": False,
    }
    assert tool_messages(ran, 1) == ["7", "26"]
    ids = [message.get("tool_call_id") for message in ran.requests[1].body["messages"][-2:]]
    assert ids == ["call-0", "call-1"]
    assert ran.requests[1].body["messages"][-3]["tool_calls"][1]["function"]["arguments"] == (
        '{"n": 2, "times": 2}'
    )
    assert 'tools: probe({"n": 0}): 7; probe({"n": 2, "times": 2}): 26' in ran.out
    assert "1 round, 1 answer" in ran.summary
    # What the machine shows is nowhere before it was asked.
    assert "3 *" not in ran.prompt(0)
    assert "times * (" not in json.dumps(ran.requests[1].body)


MORE = '''

@tool
def fall():
    """Falls."""
    1 / 0


@tool
def leave():
    """Leaves."""
    raise SystemExit(3)


@tool
def key():
    """Tells too much."""
    import os
    return f"the key is {os.environ['MACHINE_KEY']} for 30 s"


@tool
def big() -> list[int]:
    """Tells too much."""
    return list(range(100_000))
'''
WRONG_CALLS = [
    (("probe", '{"n": "many"}'), "error: these arguments do not fit: Expected `int`"),
    (("probe", "{"), "error: these arguments do not fit: "),
    (("probe", "{}"), "error: these arguments do not fit: Object missing required field `n`"),
    (("prove", "{}"), "error: there is no tool 'prove'; there are: probe, fall, leave, key, big"),
    (("fall", "{}"), "error: ZeroDivisionError: division by zero"),
    (("leave", "{}"), "error: SystemExit: 3"),
    (("key", "{}"), "the key is <redacted> for 30 s"),
    (("big", "{}"), "characters left out"),
]


def test_what_goes_wrong_is_told_to_the_model(example: NewExample) -> None:
    calls = [call for call, _ in WRONG_CALLS]
    ran = example({**FILES, "conftest.py": CONFTEST + MORE}).run(
        "--evolve",
        "--evolve-write=never",
        answers=[called(*calls), RIGHT],
        env={"MACHINE_KEY": "abcdefgh-1234"},
    )
    messages = tool_messages(ran, 1)
    for message, (_, told) in zip(messages, WRONG_CALLS, strict=True):
        assert told in message
        assert len(message) <= 2_000


def test_so_many_calls_at_once_and_no_more(project: Example) -> None:
    calls = [("probe", f'{{"n": {n}}}') for n in range(20)]
    ran = project.run("--evolve", "--evolve-write=never", answers=[called(*calls), RIGHT])
    told = tool_messages(ran, 1)
    assert told[15] == "52"
    assert told[16:] == ["error: not called, these are too many at once"] * 4


def test_ours_on_top(project: Example) -> None:
    calls = [
        ("call_function", '{"call": "rule(5)"}'),
        ("call_function", '{"call": "rule.rule(n=2**70)"}'),
        ("call_function", '{"call": "rule(18446744073709551616)"}'),
        ("call_function", '{"call": "__import__(\'os\')"}'),
        ("run_test", '{"name": "test_at_nothing"}'),
        ("run_test", '{"name": "test_at[2]"}'),
        ("run_test", '{"name": "test_secret"}'),
        ("read_context", '{"name": "tests", "first_line": 4}'),
        ("read_context", '{"name": "rule.rs"}'),
        ("probe_fixture", '{"name": "machine"}'),
        ("probe_fixture", '{"name": "request"}'),
    ]
    ran = project.run(
        "--evolve", "--evolve-tools=all", answers=[called(*calls), RIGHT], changed={"rule.rs": WON}
    )
    assert names(ran) == ["probe", "call_function", "run_test", "read_context", "probe_fixture"]
    told = tool_messages(ran, 1)
    assert told[0] == "it returns 5"
    assert told[1] == "error: 2 ** 70 is no literal; write the value itself"
    assert told[2].startswith("error: OverflowError: rule(): argument 'n'")
    assert told[3] == "error: \"__import__('os')\" calls none of rule"
    assert "rule(0) must return 7, not 0" in told[4]
    assert told[5].startswith("test_at fails with n = 2")
    assert (
        told[6] == "error: there is no test 'test_secret'; there are: test_at_nothing, test_at[1], test_at[2]"
    )
    assert "def test_at_nothing" in told[7]
    assert told[8] == RED.strip()
    assert told[9] == "{'seen': [7, 10]}"
    assert told[10] == "error: there is no fixture 'request'; there are: machine, n"
    everything = json.dumps([request.body for request in ran.requests])
    assert "3007" not in everything  # a hold-out's text


def test_ours_see_the_revision_that_the_prompt_shows(project: Example) -> None:
    better = rust("pub fn rule(n: i64) -> i64 {\n    7 + n\n}")
    ran = project.run(
        "--evolve", "--evolve-tools=all", "--evolve-write=never",
        answers=[better, called(("call_function", '{"call": "rule(5)"}')), RIGHT],
    )  # fmt: skip
    assert tool_messages(ran, 2) == ["it returns 12"]


def test_off_offers_none(project: Example) -> None:
    ran = project.run("--evolve", "--evolve-tools=off", "--evolve-write=never", answers=[RIGHT])
    assert "tools" not in ran.requests[0].body
    assert "probe" not in ran.prompt(0)


def test_what_they_told_is_in_every_later_prompt(project: Example) -> None:
    wrong = rust("pub fn rule(n: i64) -> i64 {\n    n - 7\n}")
    ran = project.run(
        "--evolve", "--evolve-write=never", answers=[called(("probe", '{"n": 4}')), wrong, RIGHT]
    )
    assert '- probe({"n": 4}): 19' in ran.prompt(2)
    assert "```rust\npub fn rule(n: i64) -> i64 {\n    n - 7\n}" in ran.prompt(2)


@pytest.mark.parametrize(
    "refusal",
    [
        Fault(500, {"error": {"message": "tools param requires --jinja flag"}}),
        Fault(400, {"error": {"message": "registry.ollama.ai/library/qwen does not support tools"}}),
    ],
)
def test_a_server_that_takes_none_is_told_in_words(project: Example, refusal: Fault) -> None:
    ran = project.run(
        "--evolve", "--evolve-write=never",
        answers=[refusal, 'I call it.\n```json\n{"name": "probe", "arguments": {"n": 1}}\n```', RIGHT],
    )  # fmt: skip
    assert "tools" in ran.requests[0].body
    assert "tools" not in ran.requests[1].body
    assert "- probe: What the machine shows at n." in ran.prompt(1)
    assert ran.last_message(2) == "The tool says: 10"
    assert [message["role"] for message in ran.requests[2].body["messages"]] == [
        "system", "user", "assistant", "user",
    ]  # fmt: skip


def test_anthropics_too(project: Example) -> None:
    def begun(number: int, block: dict[str, object]) -> dict[str, object]:
        return {"type": "content_block_start", "index": number, "content_block": block}

    def piece(number: int, **more: object) -> dict[str, object]:
        return {"type": "content_block_delta", "index": number, "delta": more}

    usage = {"input_tokens": 100, "output_tokens": 1}
    calling = events(
        {"type": "message_start", "message": {"usage": usage}},
        begun(0, {"type": "text", "text": ""}),
        piece(0, type="text_delta", text="I look."),
        begun(1, {"type": "tool_use", "id": "toolu_1", "name": "probe", "input": {}}),
        piece(1, type="input_json_delta", partial_json='{"n": '),
        piece(1, type="input_json_delta", partial_json="3}"),
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 20}},
    )
    answering = events(
        {"type": "message_start", "message": {"usage": usage}},
        piece(0, type="text_delta", text=RIGHT),
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 40}},
    )

    def fault(told: str) -> Fault:
        return Fault(200, told, content_type="text/event-stream")

    with ModelServer([fault(calling), fault(answering)]) as server:
        url = server.url.removesuffix("/v1")
        project.run(
            "--evolve", f"--evolve-model=anthropic:claude@{url}", "--evolve-thinking=low",
            "--evolve-write=never", env={"ANTHROPIC_API_KEY": "not-a-real-key"},
        )  # fmt: skip
    first, second = (received.body for received in server.requests)
    assert first["tools"][0]["name"] == "probe"
    assert first["tools"][0]["input_schema"]["required"] == ["n"]
    assert first["thinking"] == {"type": "adaptive"}
    assert second["thinking"] == {"type": "disabled"}
    assert second["messages"][-2:] == [
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": "toolu_1", "name": "probe", "input": {"n": 3}},
            ],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "16"}]},
    ]


def test_calls_are_recorded_and_replayed_without_the_tool(example: NewExample) -> None:
    project = example(FILES)
    name = "__answers__/rule.rs-rule.jsonl"
    project.run(
        "--evolve", "--evolve-write=never", "--evolve-record=new", changed={name: ...},
        answers=[called(("probe", '{"n": 1}')), called(("probe", '{"n": 2}')), RIGHT],
    )  # fmt: skip
    lines = [json.loads(line) for line in project.read(name).splitlines()]
    assert [line.get("turn") for line in lines] == [None, 1, 2]
    assert lines[2]["told"] == ["13"]
    broken = CONFTEST.replace("return times * (3 * n + 7)", "raise RuntimeError('used')")
    project.write({"conftest.py": broken})
    ran = project.run("--evolve", "--evolve-model=replay", answers=[], changed={"rule.rs": WON})
    assert "warning" not in ran.out
    assert 'tools: probe({"n": 2}): 13' in ran.out


def test_what_was_called_is_not_called_again_on_resume(example: NewExample) -> None:
    project = example(FILES)
    answers: list[Scripted] = [called(("probe", '{"n": 1}')), called(("probe", '{"n": 2}')), RIGHT]
    project.run("--evolve", "--evolve-write=never", answers=answers)
    project.write(
        {"conftest.py": CONFTEST.replace("return times * (3 * n + 7)", "raise RuntimeError('used')")}
    )
    project.run("--evolve-resume", answers=[], changed={"rule.rs": WON})


def test_every_turn_counts(project: Example) -> None:
    answers = [called(("probe", '{"n": 1}')), called(("probe", '{"n": 2}'))]
    ran = project.run("--evolve", "--evolve-answers=2", answers=answers, code=1)
    assert "the session's 2 answers are used up" in ran.summary
    ran = project.run("--evolve", "--evolve-max-tokens=15", answers=answers, code=1)
    assert "the session's 15 generated tokens are used up" in ran.summary


@pytest.mark.parametrize(
    ("marked", "problem"),
    [
        ("def probe(n):\n    '''Tells.'''", "its parameter 'n' has no type; write one"),
        ("def probe(*n: int):\n    '''Tells.'''", "its parameter 'n' cannot be given by name"),
        ("def probe(n: int): ...", "it has no docstring, from which models know what it is for"),
        ("def probe(n: 'Nowhere'):\n    '''Tells.'''", "the types of its parameters cannot be read"),
        ("def probe(n: type(pytest)):\n    '''Tells.'''", "a parameter has a type that JSON cannot carry"),
        ("async def probe(n: int):\n    '''Tells.'''", "a tool is called as a plain function"),
    ],
)
def test_a_tool_that_cannot_be_offered_is_a_usage_error(
    example: NewExample, marked: str, problem: str
) -> None:
    conftest = f"import pytest\nfrom pytest_symbiont import tool\n\n@tool\n{marked}\n"
    ran = example({**FILES, "conftest.py": conftest}).run("--evolve", answers=[], code=4)
    assert f"conftest.py: tool probe: {problem}" in ran.err


def test_a_name_of_ours_is_taken(example: NewExample) -> None:
    conftest = CONFTEST.replace("def probe", "def run_test")
    project = example({**FILES, "conftest.py": conftest})
    ran = project.run("--evolve", "--evolve-tools=all", answers=[], code=4)
    assert "conftest.py: tool run_test: with --evolve-tools=all there is one of ours by this name" in ran.err


def test_the_closest_of_a_name_counts(example: NewExample) -> None:
    nearer = """
from pytest_symbiont import tool

@tool
def probe() -> str:
    'Nearer.'
    return "near"
"""
    project = example({**FILES, "test_rule.py": TESTS + nearer})
    ran = project.run("--evolve", "--evolve-write=never", answers=[called(("probe", "")), RIGHT])
    assert tool_messages(ran, 1) == ["near"]
