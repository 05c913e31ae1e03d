"""The dialect of Anthropic's API against a server that speaks it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from asking import ask
from model_server import Fault, ModelServer

from pytest_symbiont.models.anthropic import anthropic_model
from pytest_symbiont.models.values import (
    Generation,
    Message,
    ModelError,
    Position,
    PromptTooLongError,
    Request,
)

if TYPE_CHECKING:
    from model_server import Scripted

    from pytest_symbiont.models.chat import ChatModel
    from pytest_symbiont.models.values import Thinking

KEY = "sk-ant-very-secret"
REQUEST = Request(
    messages=(
        Message("system", "You write Rust."),
        Message("user", "Write fn f()."),
        Message("assistant", "fn f() {"),
        Message("user", "It breaks off."),
    ),
    position=Position("counter.rs::step", 1),
    max_tokens=3_000,
    temperature=1.2,
    seed=7,
)


def model_at(server: ModelServer, key: str = KEY) -> ChatModel:
    return anthropic_model("opus", server.url.removesuffix("/v1"), key)


def told(*events: dict[str, object]) -> Fault:
    text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    return Fault(200, text, content_type="text/event-stream")


def text_delta(text: str) -> dict[str, object]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}


def answering(text: str, stop: str = "end_turn") -> Fault:
    usage = {"input_tokens": 5, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20}
    thought = {"type": "thinking_delta", "thinking": "hm"}
    return told(
        {"type": "message_start", "message": {"usage": {**usage, "output_tokens": 1}, "content": []}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": thought},
        text_delta(text),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": 17}},
        {"type": "message_stop"},
    )


def test_sends_the_request_and_reads_the_answer() -> None:
    with ModelServer([answering("fn f() {}")]) as server:
        answer = ask(model_at(server), REQUEST)
    assert (answer.text, answer.model, answer.finish) == ("fn f() {}", "opus", "stop")
    assert (answer.prompt_tokens, answer.cached_tokens, answer.generated_tokens) == (125, 100, 17)
    (received,) = server.requests
    cached = {"type": "ephemeral"}
    assert received.body == {
        "model": "opus",
        "max_tokens": 3_000,
        "stream": True,
        "temperature": 1.0,  # this API's most
        "system": [{"type": "text", "text": "You write Rust.", "cache_control": cached}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Write fn f().", "cache_control": cached}]},
            {"role": "assistant", "content": [{"type": "text", "text": "fn f() {"}]},
            {"role": "user", "content": [{"type": "text", "text": "It breaks off."}]},
        ],
    }
    headers = received.headers  # the SDK's versions differ in which of them has the key
    assert KEY in {headers.get("x-api-key"), headers.get("authorization", "").removeprefix("Bearer ")}


def test_a_cut_answer_says_so() -> None:
    with ModelServer([answering("fn f(", "max_tokens")]) as server:
        assert ask(model_at(server), REQUEST).finish == "length"


def test_a_server_that_does_not_stream_is_read() -> None:
    content = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "fn f() {}"}]
    body = {"type": "message", "content": content, "stop_reason": "end_turn", "usage": {"output_tokens": 3}}
    with ModelServer([Fault(200, body)]) as server:
        assert ask(model_at(server), REQUEST).text == "fn f() {}"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        told(
            text_delta("fn"),
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        ),
        told(text_delta("fn")),
    ],
    ids=["status", "in the stream", "breaks off"],
)
def test_what_passes_is_asked_again(fault: Fault) -> None:
    with ModelServer([fault, answering("fn f() {}")]) as server:
        assert ask(model_at(server), REQUEST).text == "fn f() {}"


def test_a_refused_key_is_told_without_it() -> None:
    body = {"type": "error", "error": {"type": "authentication_error", "message": f"invalid x-api-key {KEY}"}}
    with ModelServer([Fault(401, body)]) as server, pytest.raises(ModelError) as raised:
        ask(model_at(server), REQUEST)
    assert "refused the key in ANTHROPIC_API_KEY (401, 1 try: invalid x-api-key <redacted>)" in str(
        raised.value
    )


def test_a_prompt_that_does_not_fit() -> None:
    message = "input length and `max_tokens` exceed context limit: 199000 + 3000 > 200000"
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
    with ModelServer([Fault(400, body)]) as server, pytest.raises(PromptTooLongError, match="does not fit"):
        ask(model_at(server), REQUEST)


def refusing(message: str) -> Fault:
    return Fault(400, {"type": "error", "error": {"type": "invalid_request_error", "message": message}})


NO_LEVELS = refusing("output_config: Extra inputs are not permitted")
NO_THINKING = refusing("thinking is not supported with this model")


@pytest.mark.parametrize(
    ("level", "script", "sent"),
    [
        ("off", [], {"thinking": {"type": "disabled"}, "temperature": 1.0}),
        ("high", [], {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}}),
        ("max", [NO_LEVELS], {"thinking": {"type": "enabled", "budget_tokens": 2_488}}),
        ("low", [NO_LEVELS], {"thinking": {"type": "enabled", "budget_tokens": 1_024}}),
        ("low", [NO_LEVELS, NO_THINKING], {"temperature": 1.0}),
        ("off", [NO_THINKING], {"temperature": 1.0}),
    ],
)
def test_thinking_is_asked_for_in_words_that_the_model_knows(
    level: Thinking, script: list[Scripted], sent: dict[str, object]
) -> None:
    with ModelServer([*script, answering("ok")]) as server:
        ask(model_at(server), replace(REQUEST, generation=Generation(thinking=level)))
    body = server.requests[-1].body
    assert {key: body[key] for key in ("thinking", "output_config", "temperature") if key in body} == sent


def test_models_that_take_no_temperature() -> None:
    refusal = refusing("`temperature` is deprecated for this model.")
    with ModelServer([refusal, answering("ok")]) as server:
        ask(model_at(server), REQUEST)
    assert "temperature" not in server.requests[1].body


def test_further_settings_are_sent() -> None:
    more = Generation(top_p=0.9, stop=("END",), extra='{"top_k": 20}')
    with ModelServer([answering("ok")]) as server:
        ask(model_at(server), replace(REQUEST, generation=more))
    body = server.requests[0].body
    assert (body["top_p"], body["stop_sequences"], body["top_k"]) == (0.9, ["END"], 20)
