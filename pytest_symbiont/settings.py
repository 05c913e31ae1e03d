"""Every option, once: command line > environment > ini > default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_symbiont.build.isolation import Mode

Start = Literal["current", "scratch"]
Record = Literal["none", "new", "all"]
Write = Literal["always", "review", "report", "never"]


# Two values that every pytest session defines: as dataclasses they would take a millisecond each.
class Option(NamedTuple):
    """``rounds`` is ``--evolve-rounds``, ini ``evolve_rounds``, variable ``PYTEST_EVOLVE_ROUNDS``."""

    name: str
    default: str
    help: str
    metavar: str = ""
    choices: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        return f"--evolve-{self.name}"

    @property
    def key(self) -> str:
        return f"evolve_{self.name}".replace("-", "_")

    @property
    def variable(self) -> str:
        return f"PYTEST_{self.key.upper()}"


# Verbs are flags of the command line only: an ini file must never start spending money.
VERBS = {
    "--evolve": "evolve the Rust bodies of red suites (default: off)",
    "--evolve-again": "evolve green suites too (default: off)",
    "--evolve-show-prompt": "print the first prompt of every red suite and stop (default: off)",
    "--symbiont-cache-clear": "empty the cache of Rust builds first (default: off)",
}
MODEL = Option(
    "model",
    "",
    "the model to ask, repeatable: NAME (an OpenAI-compatible server at OPENAI_BASE_URL), openai:NAME, "
    "NAME@http://host:port/v1, or replay",
    "MODEL",
)
OPTIONS = (
    Option("from", "current", "the body to start from", choices=("current", "scratch")),
    Option(
        "record",
        "none",
        "which answers are recorded beside the suite for replay",
        choices=("none", "new", "all"),
    ),
    Option("rounds", "8", "how many answers a suite may cost", "N"),
    Option("max-tokens", "200000", "how many tokens may be generated in the session", "N"),
    Option("seed", "0", "the seed that sampling starts from", "N"),
    Option("timeout", "10", "the deadline of one Rust call in a trial, in seconds", "SECONDS"),
    Option(
        "isolation",
        "auto",
        "how far candidates are kept from everything else",
        choices=("auto", "strict", "off"),
    ),
    Option(
        "allow", "none", "what candidates may use beside the safe part of std, with commas between", "WORDS"
    ),
    Option(
        "write",
        "always",
        "what happens to winners at the end",
        choices=("always", "review", "report", "never"),
    ),
    Option("partial", "off", "write although part of a suite was deselected", choices=("on", "off")),
)


class Settings(NamedTuple):
    """What this session was asked to do, validated. ``timeout`` is in seconds."""

    again: bool
    show_prompt: bool
    models: tuple[str, ...]
    start: Start
    record: Record
    rounds: int
    max_tokens: int
    seed: int
    timeout: float
    isolation: Mode
    allow: frozenset[str]
    write: Write
    partial: bool


def add_options(parser: pytest.Parser) -> None:
    """Register every option with pytest."""
    group = parser.getgroup("symbiont", "test-driven evolution of Rust bodies")
    for flag, text in VERBS.items():
        group.addoption(flag, action="store_true", default=False, help=text)
    default = "(default: the model, server or key of the environment, else the recorded answers)"
    group.addoption(
        MODEL.flag, action="append", default=None, metavar=MODEL.metavar, help=f"{MODEL.help} {default}"
    )
    parser.addini(MODEL.key, f"{MODEL.help} (one a line) {default}", type="linelist", default=[])
    for option in OPTIONS:
        values = f" ({'|'.join(option.choices)})" if option.choices else ""
        text = f"{option.help}{values} (default: {option.default})"
        if option.name == "partial":
            group.addoption(option.flag, action="store_const", const="on", default=None, help=text)
        else:
            group.addoption(
                option.flag, default=None, metavar=option.metavar or option.name.upper(), help=text
            )
        parser.addini(option.key, text, type="string", default=None)


def read(config: pytest.Config, environ: Mapping[str, str]) -> Settings:
    """The validated settings. Raises `pytest.UsageError` naming where a wrong value came from."""
    given = {option.name: _given(option, config, environ) for option in OPTIONS}
    return Settings(
        again=config.getoption("--evolve-again"),
        show_prompt=config.getoption("--evolve-show-prompt"),
        models=_models(config, environ),
        start=cast("Start", given["from"]),
        record=cast("Record", given["record"]),
        rounds=given["rounds"],
        max_tokens=given["max-tokens"],
        seed=given["seed"],
        timeout=given["timeout"],
        isolation=cast("Mode", given["isolation"]),
        allow=given["allow"],
        write=cast("Write", given["write"]),
        partial=given["partial"],
    )


def _models(config: pytest.Config, environ: Mapping[str, str]) -> tuple[str, ...]:
    chosen = (
        config.getoption(MODEL.flag) or environ.get(MODEL.variable, "").split() or config.getini(MODEL.key)
    )
    return tuple(chosen)


def _given(option: Option, config: pytest.Config, environ: Mapping[str, str]) -> Any:
    for source, value in (
        (option.flag, config.getoption(option.flag)),
        (option.variable, environ.get(option.variable) or None),
        (
            f"{option.key} in {config.inipath.name if config.inipath else 'the ini file'}",
            config.getini(option.key),
        ),
    ):
        if value not in {None, ""}:
            return _parse(option, str(value).strip(), source)
    return _parse(option, option.default, "the default")


def _parse(option: Option, value: str, source: str) -> Any:
    if option.name == "partial":
        words = {
            "on": True,
            "true": True,
            "yes": True,
            "1": True,
            "off": False,
            "false": False,
            "no": False,
            "0": False,
        }
        if value.lower() in words:
            return words[value.lower()]
        raise pytest.UsageError(f"{source}: {value!r} is not valid; use on or off")
    if option.name == "allow":
        return _allowed(value, source)
    if option.choices:
        if value in option.choices:
            return value
        raise pytest.UsageError(f"{source}: {value!r} is not valid; choose from {', '.join(option.choices)}")
    try:
        number = float(value) if option.name == "timeout" else int(value.replace("_", ""))
    except ValueError:
        kind = "a number of seconds" if option.name == "timeout" else "a whole number"
        raise pytest.UsageError(f"{source}: {value!r} is not {kind}") from None
    lowest = 0 if option.name == "seed" else 1
    if option.name == "timeout":
        if not 0 < number < float("inf"):
            raise pytest.UsageError(f"{source}: {value!r} is not valid; use a number of seconds above 0")
    elif number < lowest:
        raise pytest.UsageError(f"{source}: {value!r} is not valid; use {lowest} or more")
    return number


def _allowed(value: str, source: str) -> frozenset[str]:
    from pytest_symbiont.source import allowance  # noqa: PLC0415 - dormant without --evolve

    try:
        return allowance.parse(value)
    except ValueError as word:
        known = ", ".join((*allowance.DOORS, *allowance.WORDS))
        raise pytest.UsageError(
            f"{source}: {str(word)!r} is not valid; choose from {known}, or name an attribute as #[repr]"
        ) from None
