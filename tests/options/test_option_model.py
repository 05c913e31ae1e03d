"""--evolve-model: the model to ask."""

# ruff: noqa: E501 - a message stands in its row, whole

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from adding import FILES, RIGHT
from model_server import ModelServer

if TYPE_CHECKING:
    from example import NewExample


def test_command_line_over_environment_over_ini_over_the_servers_first(example: NewExample) -> None:
    add = example(FILES)
    ini = "[pytest]\nevolve_model =\n    from-ini\n"
    for text, env, args, expected in (
        (ini, {"PYTEST_EVOLVE_MODEL": "from-env"}, ("--evolve-model=from-line",), "from-line"),
        (ini, {"PYTEST_EVOLVE_MODEL": "from-env"}, (), "from-env"),
        (ini, {}, (), "from-ini"),
        ("[pytest]\n", {"OPENAI_MODEL": "from-openai"}, (), "from-openai"),
        ("[pytest]\n", {}, (), "scripted"),
    ):
        add.write({"pytest.ini": text})
        ran = add.run("--strict-config", "--evolve", "--evolve-write=never", *args, env=env, answers=[RIGHT])
        assert ran.requests[0].body["model"] == expected
        assert (
            f"symbiont: 1 suite; model: {'first model of' if expected == 'scripted' else f'{expected} at'} 127.0.0.1"
            in ran.out
        )


def test_a_server_may_be_named_with_it(example: NewExample) -> None:
    with ModelServer([RIGHT]) as server:
        ran = example(FILES).run("--evolve", f"--evolve-model=tiny@{server.url}", changed={"add.rs": ...})
    assert server.requests[0].body["model"] == "tiny"
    assert "model: tiny at 127.0.0.1" in ran.out


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (("a@http://x/v1", "replay"), "recorded answers and live ones do not mix; leave one of them out"),
        (
            ("replay",),
            "--evolve-model=replay: there are no recorded answers beside these suites; record some with",
        ),
        (
            ("anthropic:x",),
            "x at api.anthropic.com wants a key: set ANTHROPIC_API_KEY",
        ),
        (("local:x.gguf",), "--evolve-model=local:x.gguf: there is no such .gguf file; give its whole path"),
        (
            ("openai:",),
            "--evolve-model=openai:: no model name; valid are NAME, openai:NAME, anthropic:NAME, ",
        ),
        (("x@localhost:80",), "the URL lacks its http:// or https://; valid are NAME, "),
        (("x@http://:0/v1",), "is no URL; write http://HOST:PORT/v1"),
        (("gpt",), "gpt at api.openai.com wants a key: set OPENAI_API_KEY, or name another server with"),
        (
            (),
            "--evolve: no model to ask; set OPENAI_API_KEY and give --evolve-model=NAME, or give a server with",
        ),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(
    example: NewExample, models: tuple[str, ...], said: str
) -> None:
    ran = example(FILES).run("--evolve", *(f"--evolve-model={model}" for model in models), code=4)
    assert said in ran.err
    assert ran.err.count("ERROR") == 1
    assert "Traceback" not in ran.out + ran.err


def test_a_key_in_a_url_is_not_shown(example: NewExample) -> None:
    with ModelServer([RIGHT]) as server:
        url = server.url.replace("http://", "http://user:secret@")
        ran = example(FILES).run("--evolve", f"--evolve-model=tiny@{url}", changed={"add.rs": ...})
    assert "secret" not in ran.out + ran.err
