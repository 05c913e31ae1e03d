"""The openai model against a real HTTP server: what it sends, what it reads, and every way to fail."""

from __future__ import annotations

import _thread
import asyncio
import gzip
import socket
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from asking import ask
from model_server import Fault, ModelServer

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models.exchange import NO_KEY
from pytest_symbiont.models.openai import openai_model
from pytest_symbiont.models.values import Message, ModelError, Position, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_symbiont.models.chat import ChatModel

KEY = "sk-very-secret-0123456789"
REQUEST = Request(
    messages=(Message("system", "You write Rust."), Message("user", "Write fn f().")),
    position=Position("counter.rs::step", 1),
    max_tokens=300,
    temperature=0.25,
    seed=7,
)


def model_at(
    url: str,
    name: str = "scripted",
    key: str = KEY,
    timeout: float = 10,
    retries: int = 4,
    silence: float = 10,
) -> ChatModel:
    return openai_model(name, url, key, timeout=timeout, retries=retries, silence=silence)


def problem_with(server: ModelServer, key: str = KEY) -> str:
    with pytest.raises(ModelError) as raised:
        ask(model_at(server.url, key=key), REQUEST)
    assert not any(KEY in text for text in everything_said_by(raised.value))
    return str(raised.value)


def everything_said_by(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{error!s} {error!r}"
        error = error.__cause__ or error.__context__


def completion(message: object, **more: object) -> Fault:
    return Fault(200, {"choices": [{"index": 0, "message": message}], **more})


def test_sends_the_request_and_reads_the_answer() -> None:
    with ModelServer(["fn f() {}"]) as server:
        answer = ask(model_at(server.url), REQUEST)
    assert (answer.text, answer.model, answer.finish, answer.replayed) == (
        "fn f() {}",
        "scripted",
        "stop",
        False,
    )
    assert (answer.prompt_tokens, answer.generated_tokens) == (8, 3)
    (received,) = server.requests
    assert received.body == {
        "model": "scripted",
        "messages": [
            {"role": "system", "content": "You write Rust."},
            {"role": "user", "content": "Write fn f()."},
        ],
        "max_tokens": 300,
        "temperature": 0.25,
        "seed": 7,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert received.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": None}, ""),
        ({}, ""),
        ({"content": None, "refusal": "I may not"}, "I may not"),
        ({"content": [{"type": "text", "text": "fn f() "}, {"type": "image"}, {"text": "{}"}]}, "fn f() {}"),
        ({"content": "fn f() {}", "reasoning_content": "hm"}, "fn f() {}"),
    ],
)
def test_reads_every_form_of_content(message: object, text: str) -> None:
    with ModelServer([completion(message)]) as server:
        assert ask(model_at(server.url), REQUEST).text == text


@pytest.mark.parametrize("usage", [{}, {"usage": None}, {"usage": {"prompt_tokens": None}}])
def test_estimates_tokens_that_the_server_does_not_count(usage: dict[str, object]) -> None:
    with ModelServer(
        [completion({"content": "x" * 40}, **usage), completion({"content": ""}, **usage)]
    ) as server:
        model = model_at(server.url)
        long, empty = ask(model, REQUEST), ask(model, REQUEST)
    assert (long.prompt_tokens, long.generated_tokens) == (7, 10)
    assert empty.generated_tokens == 1


def test_says_why_the_answer_ended() -> None:
    cut = {"choices": [{"message": {"content": "fn f("}, "finish_reason": "length"}]}
    with ModelServer([Fault(200, cut)]) as server:
        assert ask(model_at(server.url), REQUEST).finish == "length"


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_passing_failure_is_asked_again(status: int) -> None:
    with ModelServer([Fault(status), Fault(status), "fn f() {}"]) as server:
        assert ask(model_at(server.url), REQUEST).text == "fn f() {}"
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (429, "quota exceeded", ["429, 5 tries", "quota exceeded", "wait a while"]),
        (500, "out of memory", ["500, 5 tries", "out of memory", "server's log"]),
    ],
)
def test_a_lasting_failure_is_given_up_after_five_tries(status: int, said: str, expected: list[str]) -> None:
    with ModelServer([Fault(status, {"error": {"message": said}})], repeat=True) as server:
        problem = problem_with(server)
    assert len(server.requests) == 5
    assert [word for word in [server.url, *expected] if word not in problem] == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_names_its_variable_and_not_the_key(status: int) -> None:
    body = {"error": {"message": f"Incorrect API key provided: {KEY}"}}
    with ModelServer([Fault(status, body)]) as server:
        problem = problem_with(server)
    assert f"refused the key in OPENAI_API_KEY ({status}, 1 try" in problem
    assert "Incorrect API key provided: <redacted>" in problem


def test_a_server_that_wants_a_key_says_which_variable() -> None:
    with ModelServer([Fault(401, "")]) as server:
        problem = problem_with(server, key=NO_KEY)
    assert problem == f"{server.url} wants a key (401, 1 try: no reason given): set OPENAI_API_KEY"


def test_an_unknown_model_is_answered_with_the_served_ones() -> None:
    with ModelServer([Fault(404, {"error": {"message": "unknown"}})], models=["qwen", "llama"]) as server:
        problem = problem_with(server)
    assert problem == f"{server.url} has no scripted (404, 1 try: unknown): it serves llama, qwen"


def test_a_long_list_of_served_models_is_cut() -> None:
    names = [f"model-{number:02}" for number in range(14)]
    with ModelServer([Fault(404)], models=names) as server:
        assert "model-09 and 4 more" in problem_with(server)


def test_a_wrong_url_is_named_with_the_model() -> None:
    with ModelServer([], models=None) as server, pytest.raises(ModelError) as raised:
        ask(model_at(f"{server.url}/typo"), REQUEST)
    assert f"{server.url}/typo has no scripted (404" in str(raised.value)
    assert "check the model's name and the URL" in str(raised.value)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "seed must be positive"}}, "seed must be positive"),
        ({"error": "seed must be positive"}, "seed must be positive"),
        ({"detail": [{"loc": ["seed"]}]}, '[{"loc":["seed"]}]'),
        ("seed\nmust be positive", "seed must be positive"),
    ],
)
def test_a_refused_request_is_answered_with_the_servers_words(body: object, said: str) -> None:
    with ModelServer([Fault(400, body)]) as server:
        problem = problem_with(server)
    assert problem.startswith(f"{server.url} refused the request to scripted (400, 1 try: ")
    assert said in problem


def test_no_server_is_answered_with_the_url_and_a_question() -> None:
    with socket.socket() as free:  # bound and not listening: every connection is refused
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        with pytest.raises(ModelError) as raised:
            ask(model_at(url, retries=0), REQUEST)
    assert str(raised.value).startswith(f"{url} cannot be reached (")
    assert str(raised.value).endswith("refused; 1 try): is the server running?")


def test_a_server_that_hangs_is_given_up() -> None:
    over = threading.Event()

    def hang(_: object) -> str:
        over.wait(30)
        return "too late"

    with ModelServer([hang], repeat=True) as server:
        with pytest.raises(ModelError, match=r"said nothing for 0\.05 s \(2 tries\)"):
            ask(model_at(server.url, silence=0.05), REQUEST)
        assert len(server.requests) == 2  # four times more would be minutes, for the same end
        over.set()


@pytest.mark.parametrize(
    "garbage",
    [
        Fault(200, "<!doctype html><title>Welcome</title>", content_type="text/html"),
        Fault(200, "<!doctype html><title>Welcome</title>"),
        Fault(200, '{"choices": "Welcome"}'),
        Fault(200, '["Welcome"]'),
        Fault(200, '{"choices": [{"message": "Welcome"}]}'),
    ],
)
def test_garbage_is_quoted(garbage: Fault) -> None:
    with ModelServer([garbage]) as server:
        problem = problem_with(server)
    assert problem.startswith(f"{server.url} sent no answer that can be read (")
    assert "Welcome" in problem


def test_garbage_is_quoted_only_so_far() -> None:
    with ModelServer([Fault(200, "x" * 5000)]) as server:
        assert len(problem_with(server)) < 500


@pytest.mark.parametrize("half", ["fn f() { \\ud800 }", "\\udfff", "\\ud83d \\ude00"])
def test_half_a_character_ends_no_session(half: str) -> None:
    with ModelServer([Fault(200, f'{{"choices": [{{"message": {{"content": "{half}"}}}}]}}')]) as server:
        text = ask(model_at(server.url), REQUEST).text
    assert "?" in text
    assert text.encode()


def test_brackets_without_end_are_garbage() -> None:
    with ModelServer([Fault(200, '{"choices": ' + "[" * 100_000)]) as server:
        assert "sent no answer that can be read (" in problem_with(server)


@pytest.mark.parametrize("body", [{"choices": []}, {"choices": None}, {}])
def test_an_answer_without_choices_is_none(body: dict[str, object]) -> None:
    with ModelServer([Fault(200, body), Fault(200, body | {"error": {"message": "filtered"}})]) as server:
        assert "scripted at" in (plain := problem_with(server))
        assert "sent no choices: " in plain
        assert "sent no choices (filtered): " in problem_with(server)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_does_not_stand_before_loopback(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(variable, "http://127.0.0.1:1")
    with ModelServer(["fn f() {}"]) as server:
        assert ask(model_at(server.url, retries=0), REQUEST).text == "fn f() {}"


def test_a_proxy_stands_before_other_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with ModelServer([]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1"))
        with pytest.raises(ModelError, match=r"no http://model\.invalid/v1/chat/completions"):
            ask(model_at("http://model.invalid/v1", retries=0), REQUEST)


@pytest.mark.parametrize("proxy", ["gopher://proxy:70", "http://proxy:port"])
def test_a_proxy_that_is_none_is_an_error(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ModelError, match=r"http://model\.invalid/v1 cannot be asked .*proxy variables"):
        ask(model_at("http://model.invalid/v1"), REQUEST)


@pytest.mark.parametrize("key", ["sk-line\nend-0123456789", "sk-two words-0123456789", "sk-dots…-0123456789"])
def test_a_key_that_cannot_be_sent_is_refused_unshown(key: str) -> None:
    with pytest.raises(SymbiontError, match="copy the key again") as raised:
        openai_model("scripted", None, key)
    assert "0123456789" not in str(raised.value)


def test_neither_key_nor_password_is_in_its_repr() -> None:
    assert repr(openai_model("scripted", "http://me:pass@host/v1", KEY)) == (
        "ChatModel(name='scripted', timeout=1800.0, silence=180.0, retries=4)"
    )


def test_a_password_in_the_url_is_not_shown() -> None:
    with ModelServer([Fault(400, "no")]) as server, pytest.raises(ModelError) as raised:
        ask(model_at(server.url.replace("//", "//me:pass@")), REQUEST)
    assert server.url in str(raised.value)


def test_ctrl_c_passes_through() -> None:
    def interrupt(_: object) -> str:
        _thread.interrupt_main()
        return "unseen"

    with ModelServer([interrupt]) as server, pytest.raises(KeyboardInterrupt):
        ask(model_at(server.url), REQUEST)


def test_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with ModelServer([Fault(500), "fn f() {}", Fault(401, "")]) as server:
        ask(model_at(server.url), REQUEST)
        problem_with(server)
    assert capfd.readouterr() == ("", "")


def test_lists_the_served_models() -> None:
    with ModelServer([], models=["one", "two"]) as server:
        assert asyncio.run(model_at(server.url).served()) == ("one", "two")


def test_a_missing_list_of_models_is_an_error() -> None:
    with ModelServer([], models=None) as server, pytest.raises(ModelError, match="has no list of models"):
        asyncio.run(model_at(server.url, name="").served())


@pytest.mark.parametrize("status", [200, 400])
def test_a_server_that_drips_is_given_up(status: int) -> None:
    gone = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            head = (
                f"HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n"
            )
            connection.sendall(head.encode())
            while not gone.wait(0.02):  # each of them well within the timeout
                connection.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=drip, args=(listener,))
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        try:
            with pytest.raises(
                ModelError, match=r"gave no whole answer within 0\.3 s \(1 try\): is it overloaded"
            ):
                ask(model_at(url, timeout=0.3, retries=0), REQUEST)
        finally:
            gone.set()
            server.join()


@pytest.mark.parametrize("packed", [False, True])
def test_more_than_any_answer_is_not_read_to_its_end(packed: bool) -> None:
    body = b" " * (17 << 20)
    headers = {"content-encoding": "gzip"} if packed else {}
    sent = gzip.compress(body, 1) if packed else body

    class Large(Fault):
        def encoded(self) -> bytes:
            return sent

    with ModelServer([Large(200, headers=headers)]) as server, pytest.raises(ModelError) as raised:
        ask(model_at(server.url, retries=0), REQUEST)
    assert str(raised.value) == (f"{server.url} sent more than 16 MiB: is it the API's URL? Most end in /v1")


def test_a_request_that_cannot_be_encoded_is_not_blamed_on_the_reply() -> None:
    request = replace(REQUEST, messages=(Message("user", "\udc80"),))
    with (
        ModelServer([]) as server,
        pytest.raises(ModelError, match=r"cannot be asked: .*surrogates not allowed"),
    ):
        ask(model_at(server.url, retries=0), request)
    assert server.requests == []
