"""Which models a session asks: from the options and the environment to open models."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models.anthropic import ANTHROPIC_URL, anthropic_model
from pytest_symbiont.models.exchange import NO_KEY
from pytest_symbiont.models.openai import OPENAI_URL, openai_model
from pytest_symbiont.models.redact import public_url
from pytest_symbiont.models.replay import ReplayModel
from pytest_symbiont.models.values import Model, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.models.chat import ChatModel
    from pytest_symbiont.models.endpoint import Endpoint
    from pytest_symbiont.models.recording import Recordings

# A whole answer comes piece by piece, and has this many times as long as a server may say nothing.
WHOLE_ANSWER = 10.0
Kind = Literal["openai", "anthropic", "local", "plugin", "replay"]

_VALID = "valid are NAME, openai:NAME, anthropic:NAME, NAME@http://HOST:PORT/v1, local:PATH.gguf and replay"
_WAYS = (
    "--evolve: no model to ask; set OPENAI_API_KEY and give --evolve-model=NAME, or give a server with"
    " --evolve-model=NAME@http://HOST:PORT/v1, or replay recorded answers with --evolve-model=replay"
)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model of a session, not opened yet.

    ``name`` is empty where the server at ``base_url`` is to be asked for its first model, and a path where
    the model is ``local``; ``base_url`` None is the provider's own. ``label`` is for the session's header:
    model and host, and nothing secret. ``model`` is there where a plugin brought it.
    """

    kind: Kind
    name: str
    base_url: str | None = field(repr=False)
    label: str
    model: Model | None = None


def choose(
    names: Sequence[str],
    environ: Mapping[str, str],
    has_recordings: bool,
    plugged: Callable[[str], Model | None] = lambda _: None,
) -> tuple[ModelChoice, ...]:
    """The models that ``names`` (the option's values) mean, or that the environment or recordings suggest.

    ``plugged`` is asked first for each name: other plugins may know it. Raises `SymbiontError` where there is
    none, one that cannot work, or ``replay`` beside others.
    """
    given = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if len(given) > 1 and "replay" in given:
        raise SymbiontError(
            "--evolve-model=replay: recorded answers and live ones do not mix; leave one of them out"
        )
    if given:
        return tuple(_named(name, environ, has_recordings, plugged) for name in given)
    return (_suggested(environ, has_recordings),)


def needs_server(choice: ModelChoice) -> bool:
    """Whether a server has to be asked which model it has."""
    return choice.kind == "openai" and not choice.name


async def open_model(
    choice: ModelChoice,
    environ: Mapping[str, str],
    *,
    recordings: Recordings,
    warn: Callable[[str], None],
    endpoint: Callable[[str], Endpoint],
    silence: float,
) -> Model:
    """The model behind a choice, ready to be asked.

    ``recordings`` is where a replaying model finds its answers, ``warn`` what it calls with a sentence where
    a request has changed since; ``endpoint`` gives what the models of a URL share; ``silence`` is seconds for
    which a server may say nothing. Raises `ModelError` where the server has to be asked for its first model
    and cannot say, `SymbiontError` where the key cannot be sent.
    """
    if choice.model is not None:
        return choice.model
    if choice.kind == "replay":
        return ReplayModel(recordings, warn)
    whole = WHOLE_ANSWER * silence
    if choice.kind == "anthropic":
        key = _value(environ, "ANTHROPIC_API_KEY") or NO_KEY
        shared = endpoint(choice.base_url or ANTHROPIC_URL)
        return anthropic_model(
            choice.name, choice.base_url, key, endpoint=shared, silence=silence, timeout=whole
        )
    key = _value(environ, "OPENAI_API_KEY") or NO_KEY
    shared = endpoint(choice.base_url or OPENAI_URL)
    name = choice.name or await _first(
        openai_model("", choice.base_url, key, endpoint=shared, silence=silence, timeout=whole)
    )
    return openai_model(name, choice.base_url, key, endpoint=shared, silence=silence, timeout=whole)


def _suggested(environ: Mapping[str, str], has_recordings: bool) -> ModelChoice:
    if name := _value(environ, "OPENAI_MODEL"):
        return _openai(name, _base_url(environ, "OPENAI_BASE_URL"), environ)
    if url := _base_url(environ, "OPENAI_BASE_URL"):
        return ModelChoice("openai", "", url, f"first model of {_host(url)}")
    for key in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        if _value(environ, key):
            prefix = "anthropic:" if key.startswith("ANTHROPIC") else ""
            raise SymbiontError(
                f"{key} is set, but no model is named: give --evolve-model={prefix}NAME, or"
                " --evolve-model=replay for recorded answers"
            )
    if has_recordings:
        return _replay(has_recordings)
    raise SymbiontError(_WAYS)


def _named(
    given: str,
    environ: Mapping[str, str],
    has_recordings: bool,
    plugged: Callable[[str], Model | None],
) -> ModelChoice:
    if (model := plugged(given)) is not None:
        return ModelChoice("plugin", given, None, f"{_public(given)} of a plugin", model)
    if given == "replay":
        return _replay(has_recordings)
    if given.startswith("local:"):
        return _local(given)
    provider, _, rest = given.partition(":")
    name, url = _split(rest if provider in {"openai", "anthropic"} else given)
    if not name:
        raise SymbiontError(f"--evolve-model={_public(given)}: no model name; {_VALID}")
    if not url and re.search(r"@[\w.-]+:\d+(/|$)", name):
        raise SymbiontError(
            f"--evolve-model={_public(given)}: the URL lacks its http:// or https://; {_VALID}"
        )
    url = _checked(url, "--evolve-model") if url else ""
    if provider == "anthropic":
        return _anthropic(name, url or _base_url(environ, "ANTHROPIC_BASE_URL"), environ)
    return _openai(name, url or _base_url(environ, "OPENAI_BASE_URL"), environ)


def _openai(name: str, url: str | None, environ: Mapping[str, str]) -> ModelChoice:
    if url is None and not _value(environ, "OPENAI_API_KEY"):
        raise SymbiontError(
            f"{name} at {_host(OPENAI_URL)} wants a key: set OPENAI_API_KEY, or name another server with"
            f" --evolve-model={name}@http://HOST:PORT/v1"
        )
    return ModelChoice("openai", name, url, f"{name} at {_host(url or OPENAI_URL)}")


def _anthropic(name: str, url: str | None, environ: Mapping[str, str]) -> ModelChoice:
    if url is None and not _value(environ, "ANTHROPIC_API_KEY"):
        raise SymbiontError(f"{name} at {_host(ANTHROPIC_URL)} wants a key: set ANTHROPIC_API_KEY")
    return ModelChoice("anthropic", name, url, f"{name} at {_host(url or ANTHROPIC_URL)}")


def _local(given: str) -> ModelChoice:
    path = os.path.expanduser(given.removeprefix("local:"))  # noqa: PTH111 - stays the text it is
    if not path.endswith(".gguf") or not os.path.isfile(path):  # noqa: PTH113 - same
        raise SymbiontError(f"--evolve-model={given}: there is no such .gguf file; give its whole path")
    return ModelChoice("local", path, None, f"{os.path.basename(path)} in a llama-server of this session")  # noqa: PTH119


def _replay(has_recordings: bool) -> ModelChoice:
    if not has_recordings:
        raise SymbiontError(
            "--evolve-model=replay: there are no recorded answers beside these suites; record some with"
            " --evolve-record=new and a model"
        )
    return ModelChoice("replay", "replay", None, "replay (recorded answers)")


async def _first(unnamed: ChatModel) -> str:
    served = await unnamed.served()
    if not served:
        url = public_url(unnamed.base_url or OPENAI_URL)
        raise ModelError(f"{url} serves no model: load one, or give --evolve-model=NAME")
    return served[0]


def _split(given: str) -> tuple[str, str]:
    """``NAME@URL`` in two. Only an ``@`` before a scheme counts: names and URLs may have their own."""
    url = re.search(r"@?(https?://)", given)
    return (given[: url.start()], given[url.start(1) :]) if url else (given, "")


def _base_url(environ: Mapping[str, str], variable: str) -> str | None:
    url = _value(environ, variable)
    return _checked(url, variable) if url else None


def _checked(url: str, source: str) -> str:
    try:
        parts = urlsplit(url)
        complete = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, a bracket without its other half
        complete = False
    if not complete:
        raise SymbiontError(f"{source}: {_public(url)} is no URL; write http://HOST:PORT/v1")
    return url


def _value(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip()


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _public(given: str) -> str:
    """What was given, without the user, password and query that a URL in it may have."""
    return re.sub(r"(https?://)(?:[^/?#]*@)?([^?#]*).*", r"\1\2", given)
