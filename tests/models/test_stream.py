"""An answer as it comes: what is read of a stream, and what ends it."""

# ruff: noqa: E501 - a server's message stands in its row, whole

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from asking import ask
from model_server import Drip, Fault, ModelServer, Scripted, delta, events

from pytest_symbiont.models.openai import openai_model
from pytest_symbiont.models.values import (
    Generation,
    Message,
    ModelError,
    Position,
    PromptTooLongError,
    Request,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_symbiont.models.chat import ChatModel
    from pytest_symbiont.models.values import Answer, Thinking

REQUEST = Request(
    (Message("user", "?" * 40),), Position("a.rs::f", 1), max_tokens=300, temperature=0.5, seed=7
)
HALF = events(delta("half an ")).replace("data: [DONE]\n\n", "")
USAGE = {"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 5}}


def model_at(server: ModelServer, retries: int = 4) -> ChatModel:
    return openai_model("scripted", server.url, "none", retries=retries, timeout=20)


def streamed(*parts: object) -> Fault:
    return Fault(200, events(*parts), content_type="text/event-stream")


def answer_of(*script: Fault, request: Request = REQUEST) -> Answer:
    with ModelServer(script) as server:
        return ask(model_at(server), request)


@dataclass(slots=True)
class Ear:
    """Remembers what it hears, and ends an answer that holds a word."""

    until: str = "\0"
    told: list[tuple[str, int]] = field(default_factory=list)

    def heard(self, text: str, tokens: int) -> str:
        self.told.append((text, tokens))
        return "enough" if self.until in text else ""


def test_pieces_make_an_answer_and_its_price() -> None:
    answer = answer_of(streamed(delta("fn f() "), delta("{}"), delta(finish="stop"), USAGE))
    assert (answer.text, answer.finish) == ("fn f() {}", "stop")
    assert (answer.prompt_tokens, answer.generated_tokens, answer.counted) == (11, 5, True)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((delta("a"), ": a comment", delta("b", "stop")), "ab"),
        (({"choices": [{"delta": {"content": [{"text": "a"}, {"type": "image"}]}}]}, delta("b", "stop")), "ab"),
        ((delta(reasoning_content="hm"), delta(reasoning="hm"), delta("ab", "stop")), "ab"),
        (({"choices": [{"delta": {"content": None}}]}, delta("ab", "stop")), "ab"),
        (({"choices": [{"delta": {"refusal": "I may not"}, "finish_reason": "stop"}]},), "I may not"),
        (
            ({"choices": [{"delta": {"tool_calls": [{"function": {"name": "w", "arguments": '{"c'}}]}}]},
             {"choices": [{"delta": {"tool_calls": [{"function": {"arguments": '": 1}'}}]}}]},
             delta(finish="tool_calls")),
            '{"c": 1}',
        ),
        (({"choices": [], "usage": None}, delta("ab", "stop")), "ab"),
    ],
)  # fmt: skip
def test_reads_what_servers_send(parts: tuple[object, ...], text: str) -> None:
    script = [part if not str(part).startswith(":") else delta() for part in parts]
    assert answer_of(streamed(*script)).text == text


def test_a_stream_under_a_wrong_content_type_is_read() -> None:
    body = ": hello\r\n\r\nevent: message\r\n" + events(delta("ab"), delta(finish="length")).replace(
        "\n", "\r\n"
    )
    answer = answer_of(Fault(200, body, content_type="text/plain"))
    assert (answer.text, answer.finish) == ("ab", "length")


def test_a_server_that_does_not_stream_is_read() -> None:
    body = {"choices": [{"message": {"content": "ab"}, "finish_reason": "length"}]}
    assert answer_of(Fault(200, body)).finish == "length"


@pytest.mark.parametrize("half", ["\\ud800", "\\udc00x"])
def test_half_a_character_ends_nothing(half: str) -> None:
    event = '{"choices": [{"delta": {"content": "a' + half + '"}}]}'
    assert answer_of(streamed(event, delta("b", "stop"))).text.startswith("a?")
    whole = '{"choices": [{"message": {"content": "a' + half + '"}}]}'
    assert answer_of(Fault(200, whole)).text.startswith("a?")


def test_what_the_server_does_not_count_is_estimated_and_said() -> None:
    answer = answer_of(streamed(delta("x y z " * 10, "stop")))
    assert (answer.prompt_tokens, answer.generated_tokens, answer.counted) == (10, 15, False)


def test_the_listener_hears_thoughts_as_tokens_and_not_as_text() -> None:
    ear = Ear()
    with ModelServer([streamed(delta(reasoning_content="hm"), delta("a"), delta("b", "stop"))]) as server:
        ask(model_at(server), REQUEST, ear)
    assert ear.told == [("", 1), ("a", 2), ("ab", 3)]


def test_the_listener_ends_an_answer_that_would_go_on() -> None:
    ended = threading.Event()

    def pieces() -> Iterator[str]:
        yield f"data: {delta_json('one two ')}\n\n"
        yield f"data: {delta_json('three ')}\n\n"
        ended.wait(20)  # nothing more comes until the client has gone

    with ModelServer([Drip(pieces=pieces)]) as server:
        answer = ask(model_at(server), REQUEST, Ear(until="three"))
        ended.set()
    assert (answer.text, answer.finish, answer.counted) == ("one two three ", "enough", False)


def delta_json(text: str) -> str:
    return events(delta(text)).partition("\n")[0].removeprefix("data: ")


@pytest.mark.parametrize(
    ("parts", "finish"),
    [
        ([delta("again and ")] * 400, "repetition"),
        ([delta(reasoning_content="again and ")] * 400, "repetition"),
        ([delta(f"{number:>9} ") for number in range(30_000)], "length"),
    ],
    ids=["repeats itself", "thinks in a circle", "too long"],
)
def test_an_answer_without_end_is_cut_off(parts: list[object], finish: str) -> None:
    answer = answer_of(streamed(*parts, delta("never read", "stop")))
    assert answer.finish == finish
    assert "never read" not in answer.text


@pytest.mark.parametrize(
    "fault",
    [
        Fault(200, HALF, content_type="text/event-stream"),
        Fault(200, HALF, {"content-length": "100000"}, "text/event-stream"),
        streamed(delta("half an "), '{"choices": [{"del'),
        streamed(delta("half an "), {"error": {"message": "overloaded", "code": 503}}),
        Fault(200, f'data: {delta_json("half an ")}\n\nerror: {{"error": {{"code": 500}}}}\n\n'),
    ],
    ids=["ends early", "is reset", "truncated JSON", "an error in it", "llama.cpp's error"],
)
def test_what_breaks_off_in_the_middle_is_asked_again(fault: Fault) -> None:
    assert answer_of(fault, fault, streamed(delta("whole", "stop"))).text == "whole"


def test_what_always_breaks_off_is_given_up() -> None:
    fault = streamed(delta("half an "), '{"choices": [{"del')
    with ModelServer([fault], repeat=True) as server, pytest.raises(ModelError) as raised:
        ask(model_at(server, retries=0), REQUEST)
    assert str(raised.value).startswith(
        f"{server.url} broke off in the middle of an answer (not to be read: {{"
    )


# The words of the servers that people use, as of 2026.
TOO_LONG = {
    "OpenAI": (400, {"message": "This model's maximum context length is 8192 tokens. However, your messages resulted "
                     "in 9000 tokens.", "code": "context_length_exceeded"}),
    "vLLM": (400, {"message": "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens "
                   "(3000 in the messages, 2000 in the completion). Please reduce the length"}),
    "llama.cpp": (400, {"code": 400, "message": "the request exceeds the available context size. try increasing the "
                        "context size or enable context shift", "type": "exceed_context_size_error"}),
    "llama.cpp, new": (400, {"message": "request (5000 tokens) exceeds the available context size (4096 tokens), try "
                             "increasing it", "type": "exceed_context_size_error"}),
    "SGLang": (400, {"message": "The input (5000 tokens) is longer than the model's context length (4096 tokens)."}),
    "LM Studio": (400, "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens"),
    "Ollama": (400, {"message": "input length exceeds the context length"}),
    "OpenRouter": (400, {"message": "This endpoint's maximum context length is 4096 tokens. However, you requested"}),
    "TGI": (422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096."}),
    "a server error": (500, {"message": "prompt is too long: 210000 tokens > 200000 maximum"}),
}  # fmt: skip


@pytest.mark.parametrize(("status", "error"), TOO_LONG.values(), ids=TOO_LONG)
def test_a_prompt_that_does_not_fit_is_told_from_other_errors(status: int, error: object) -> None:
    with (
        ModelServer([Fault(status, {"error": error})]) as server,
        pytest.raises(PromptTooLongError) as raised,
    ):
        ask(model_at(server), REQUEST)
    assert str(raised.value).startswith(
        f"{server.url}: the prompt does not fit into scripted's context ({status}: "
    )


def test_a_prompt_that_does_not_fit_may_be_told_in_the_stream() -> None:
    fault = streamed({"error": {"code": 400, "message": "the request exceeds the available context size"}})
    with ModelServer([fault]) as server, pytest.raises(PromptTooLongError):
        ask(model_at(server), REQUEST)


def refusing(name: str, message: str) -> Fault:
    return Fault(400, {"error": {"message": message, "param": name, "code": "unsupported_parameter"}})


def test_reasoning_models_get_what_they_take() -> None:
    script: list[Scripted] = [
        refusing("max_tokens", "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                 "'max_completion_tokens' instead."),
        refusing("temperature", "Unsupported value: 'temperature' does not support 0.5 with this model. Only the "
                 "default (1) value is supported."),
        "first", "second",
    ]  # fmt: skip
    with ModelServer(script) as server:
        model = model_at(server)
        assert [ask(model, REQUEST).text for _ in range(2)] == ["first", "second"]
    third, fourth = (request.body for request in server.requests[2:])
    assert third == fourth
    assert third["max_completion_tokens"] == 300
    assert not {"max_tokens", "temperature"} & third.keys()
    assert third["seed"] == 7


def test_a_parameter_that_is_only_mentioned_is_not_left_out() -> None:
    message = "temperature must be between 0 and 0.2, and 'seed' positive"
    with ModelServer([refusing("temperature", message)]) as server, pytest.raises(ModelError, match=message):
        ask(model_at(server), REQUEST)


@pytest.mark.parametrize(
    ("level", "refused", "sent"),
    [
        ("off", (), {"reasoning_effort": "none", "chat_template_kwargs": {"enable_thinking": False}}),
        ("high", (), {"reasoning_effort": "high", "chat_template_kwargs": {"enable_thinking": True}}),
        (
            "max",
            ("reasoning_effort",),
            {"reasoning_effort": "high", "chat_template_kwargs": {"enable_thinking": True}},
        ),
        ("max", ("reasoning_effort",) * 2, {"chat_template_kwargs": {"enable_thinking": True}}),
        ("low", ("reasoning_effort", "chat_template_kwargs"), {}),
    ],
)
def test_thinking_is_asked_for_in_words_that_the_server_knows(
    level: Thinking, refused: tuple[str, ...], sent: dict[str, object]
) -> None:
    script: list[Scripted] = [
        *(refusing(name, f"Unrecognized request argument: {name}") for name in refused),
        "ok",
    ]
    with ModelServer(script) as server:
        ask(model_at(server), replace(REQUEST, generation=Generation(thinking=level)))
    body = server.requests[-1].body
    assert {key: body[key] for key in ("reasoning_effort", "chat_template_kwargs") if key in body} == sent


def test_further_settings_are_sent() -> None:
    more = Generation(top_p=0.9, stop=("END", "\n\n"), extra='{"top_k": 20, "seed": 99}')
    with ModelServer(["ok"]) as server:
        ask(model_at(server), replace(REQUEST, generation=more))
    body = server.requests[0].body
    assert (body["top_p"], body["stop"], body["top_k"], body["seed"]) == (0.9, ["END", "\n\n"], 20, 99)


def test_a_server_may_ask_to_wait_and_is_heard() -> None:
    waits: list[Scripted] = [
        Fault(429, "", {"retry-after": "0"}),
        Fault(503, "", {"retry-after-ms": "1"}),
        Fault(425),
    ]
    with ModelServer([*waits, "ok"]) as server:
        assert ask(model_at(server), REQUEST).text == "ok"
    assert len(server.requests) == 4


def test_a_server_that_asks_to_wait_for_hours_is_given_up() -> None:
    with (
        ModelServer([Fault(429, "", {"retry-after": "7200"})]) as server,
        pytest.raises(ModelError) as raised,
    ):
        ask(model_at(server), REQUEST)
    assert str(raised.value).endswith("; it asks to wait 7200 s")


def test_every_success_gives_the_patience_back() -> None:
    storm: list[Scripted] = [Fault(503)] * 4
    with ModelServer([*storm, "one", *storm, "two"]) as server:
        model = model_at(server)
        assert [ask(model, REQUEST).text for _ in range(2)] == ["one", "two"]
