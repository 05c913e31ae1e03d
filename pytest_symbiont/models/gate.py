"""Which model a session asks: from the option and the environment to an open model."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models.openai import NO_KEY, OPENAI_URL, OpenAIModel
from pytest_symbiont.models.redact import public_url
from pytest_symbiont.models.replay import ReplayModel
from pytest_symbiont.models.values import Model, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.models.recording import Recordings

_VALID = "valid are NAME, openai:NAME, NAME@http://HOST:PORT/v1 and replay"
_WAYS = (
    "--evolve: no model to ask; set OPENAI_API_KEY and give --evolve-model=NAME, or give a server with"
    " --evolve-model=NAME@http://HOST:PORT/v1, or replay recorded answers with --evolve-model=replay"
)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The model of a session, not opened yet.

    ``name`` is empty where the server at ``base_url`` is to be asked for its first model; ``base_url`` None
    is OpenAI's own. ``label`` is for the session's header: model and host, and nothing secret.
    """

    kind: Literal["openai", "replay"]
    name: str
    base_url: str | None = field(repr=False)
    label: str


def choose(names: Sequence[str], environ: Mapping[str, str], has_recordings: bool) -> ModelChoice:
    """The model that ``names`` (the option's values) mean, or that the environment or recordings suggest.

    Raises `SymbiontError` where that is none, more than one, or one that cannot work.
    """
    given = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if len(given) > 1:
        raise SymbiontError(f"--evolve-model: one model a session, got {', '.join(map(_public, given))}")
    if given:
        return _replay(has_recordings) if given[0] == "replay" else _named(given[0], environ)
    if name := _value(environ, "OPENAI_MODEL"):
        return _openai(name, _base_url(environ), environ)
    if url := _base_url(environ):
        return ModelChoice("openai", "", url, f"first model of {_host(url)}")
    if _value(environ, "OPENAI_API_KEY"):
        raise SymbiontError(
            "OPENAI_API_KEY is set, but no model is named: give --evolve-model=NAME, or --evolve-model=replay"
            " for recorded answers"
        )
    if has_recordings:
        return _replay(has_recordings)
    raise SymbiontError(_WAYS)


def open_model(
    choice: ModelChoice, environ: Mapping[str, str], *, recordings: Recordings, warn: Callable[[str], None]
) -> Model:
    """The model behind a choice, ready to be asked.

    ``recordings`` is where a replaying model finds its answers, ``warn`` what it calls with a sentence where
    a request has changed since. Raises `ModelError` where the server has to be asked for its first model and
    cannot say, `SymbiontError` where the key cannot be sent.
    """
    if choice.kind == "replay":
        return ReplayModel(recordings, warn)
    key = _value(environ, "OPENAI_API_KEY") or NO_KEY
    name = choice.name or _first(OpenAIModel("", choice.base_url, key))
    return OpenAIModel(name, choice.base_url, key)


def _named(given: str, environ: Mapping[str, str]) -> ModelChoice:
    if given.startswith(("anthropic:", "local:")):
        raise SymbiontError(
            f"--evolve-model={_public(given)}: {given.partition(':')[0]} is not supported yet; {_VALID}"
        )
    name, url = _split(given.removeprefix("openai:"))
    if not name:
        raise SymbiontError(f"--evolve-model={_public(given)}: no model name; {_VALID}")
    if not url and re.search(r"@[\w.-]+:\d+(/|$)", name):
        raise SymbiontError(
            f"--evolve-model={_public(given)}: the URL lacks its http:// or https://; {_VALID}"
        )
    return _openai(name, _checked(url, "--evolve-model") if url else _base_url(environ), environ)


def _openai(name: str, url: str | None, environ: Mapping[str, str]) -> ModelChoice:
    if url is None and not _value(environ, "OPENAI_API_KEY"):
        raise SymbiontError(
            f"{name} at {_host(OPENAI_URL)} wants a key: set OPENAI_API_KEY, or name another server with"
            f" --evolve-model={name}@http://HOST:PORT/v1"
        )
    return ModelChoice("openai", name, url, f"{name} at {_host(url or OPENAI_URL)}")


def _replay(has_recordings: bool) -> ModelChoice:
    if not has_recordings:
        raise SymbiontError(
            "--evolve-model=replay: there are no recorded answers beside these suites; record some with"
            " --evolve-record=new and a model"
        )
    return ModelChoice("replay", "replay", None, "replay (recorded answers)")


def _first(unnamed: OpenAIModel) -> str:
    served = unnamed.served()
    if not served:
        url = public_url(unnamed.base_url or OPENAI_URL)
        raise ModelError(f"{url} serves no model: load one, or give --evolve-model=NAME")
    return served[0]


def _split(given: str) -> tuple[str, str]:
    """``NAME@URL`` in two. Only an ``@`` before a scheme counts: names and URLs may have their own."""
    url = re.search(r"@?(https?://)", given)
    return (given[: url.start()], given[url.start(1) :]) if url else (given, "")


def _base_url(environ: Mapping[str, str]) -> str | None:
    url = _value(environ, "OPENAI_BASE_URL")
    return _checked(url, "OPENAI_BASE_URL") if url else None


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
